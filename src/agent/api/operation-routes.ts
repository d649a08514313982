/** A route for each operation of the contract. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { fromHttpRequest } from '../../shared/contract/http-request.ts';
import { operationNames, operations } from '../../shared/contract/operations.ts';
import type { OperationName } from '../../shared/contract/operations.ts';
import type { Operation } from '../../shared/contract/operation.ts';
import { Failure } from '../../shared/errors.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { runOperation } from '../operations/handlers.ts';
import type { RunOptions } from '../operations/handlers.ts';
import type { Handlers } from '../operations/services.ts';

interface RouteServices {
  readonly handlers: Handlers;
  readonly telemetry: Telemetry;
}

const unlimited: ReadonlySet<OperationName> = new Set<OperationName>(['cancel_job', 'cancel_all']);

export function addOperationRoutes(api: FastifyInstance, services: RouteServices, options: RunOptions): void {
  for (const name of operationNames) addRoute(api, name, operations[name], services, options);
}

function addRoute(api: FastifyInstance, name: OperationName, operation: Operation, { handlers, telemetry }: RouteServices, options: RunOptions): void {
  api.route({
    method: operation.method,
    url: operation.path.replace(/\{(\w+)\}/g, ':$1'),
    config: { unlimited: unlimited.has(name) },
    handler: async (request, reply) => {
      const parent = traceParent(request.headers['traceparent']);
      return await telemetry.tracer.within(`api ${name}`, { ...(parent === undefined ? {} : { parent }), attributes: { operation: name } }, async (span) => {
        void reply.header('x-trace-id', span.traceId);
        const input = fromHttpRequest(operation, { target: request.raw.url ?? '', body: request.body });
        const output = await runOperation(handlers, name, input, { traceId: span.traceId, signal: leavingSignal(reply) }, options);
        return await reply.code(operation.status ?? 200).send(output);
      });
    },
  });
}

/** Aborted where the connection is closed before the answer was sent. */
function leavingSignal({ raw }: FastifyReply): AbortSignal {
  const leaving = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) leaving.abort(new Failure('INTERRUPTED', { what: 'Whoever asked does not wait for the answer any more' }));
  });
  return leaving.signal;
}

/** The header where it is well-formed (W3C trace context, version 00). */
function traceParent(header: string | string[] | undefined): string | undefined {
  const match = typeof header === 'string' ? /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(header) : null;
  return match === null || /^0+$/.test(match[1] ?? '') || /^0+$/.test(match[2] ?? '') ? undefined : match[0];
}
