/**
 * HTTP in front of the operations (interfaces, section 3): routes, and every request's way through the checks.
 *
 * Order, all before the body is read: headers that keep browsers out, method, token, rate. Then body, input, handler.
 *
 * Invariants: everything but `GET /health` and the interface's files needs a credential; no answer allows another origin
 * anything (no CORS); a request that is wrong in whatever way gets a 4xx with a code, and a defect of the program a
 * 500 without details, which are in the log.
 */
import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../../shared/errors.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Handlers } from '../operations/services.ts';
import { bearerOf } from './credentials.ts';
import type { Credentials } from './credentials.ts';
import { expectedFailure, failureAnswer, internalFailure } from './failure-answer.ts';
import { answerClientError, connectionLimits, parserOptions } from './http-limits.ts';
import type { InterfaceFiles } from './interface-files.ts';
import { parseJsonBody } from './json-body.ts';
import { addOperationRoutes } from './operation-routes.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { isInterfacePath, refusalOf } from './request-gate.ts';
import { apiHeaders } from './security-headers.ts';

export interface HttpApiServices {
  readonly handlers: Handlers;
  readonly credentials: Credentials;
  readonly limiter: RateLimiter;
  readonly interfaceFiles: InterfaceFiles;
  readonly telemetry: Telemetry;
  /** The text format of Prometheus. */
  readonly prometheus: () => string;
  /** The OpenAPI document for this address. */
  readonly describe: (serverUrl: string) => object;
  /** The port that the server listens on. */
  readonly port: () => number;
}

export interface HttpApiOptions {
  readonly checkOutput: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Never slowed down: what stops work must get through when everything else floods. */
    unlimited?: boolean;
    /** Looks at its credential itself. */
    ownCredential?: boolean;
  }
}

const allMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

export function createHttpApi(services: HttpApiServices, options: HttpApiOptions): FastifyInstance {
  const api = fastify({
    ...parserOptions,
    ...connectionLimits,
    forceCloseConnections: true,
    clientErrorHandler: answerClientError,
    // Paths that the router itself cannot read pass no hook.
    frameworkErrors: (error, request, reply) => void answer(reply, refusalOf(gated(request), services.port()) ?? expectedFailure(error) ?? notFound()),
  });
  api.removeAllContentTypeParsers();
  api.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: FastifyRequest, bytes: Buffer) => parseJsonBody(bytes));
  api.addHook('onRequest', async (request, reply) => {
    void reply.headers(apiHeaders);
    const failure = refusal(services, request, reply);
    return failure === undefined ? undefined : await answer(reply, failure);
  });
  api.addHook('onResponse', async (request, reply) => {
    const labels = { route: request.routeOptions.url ?? 'unknown', method: request.method, status: reply.statusCode };
    services.telemetry.metrics.count('api_requests_total', 1, labels);
    services.telemetry.metrics.time('api_request_ms', reply.elapsedTime, labels);
  });
  api.setErrorHandler(async (error, request, reply) => await answer(reply, expectedFailure(error) ?? defect(services, error, request, reply)));
  // Hooks first: without a credential nobody learns which routes there are.
  api.setNotFoundHandler(async (request, reply) => await sendInterfaceFile(services.interfaceFiles, request, reply));

  const methodsOf = new Map<string, Set<string>>();
  api.addHook('onRoute', ({ url, method }) => {
    methodsOf.set(url, new Set([...(methodsOf.get(url) ?? []), ...[method].flat()]));
  });
  addOperationRoutes(api, services, options);
  addOwnRoutes(api, services);
  refuseOtherMethods(api, methodsOf);
  return api;
}

/** Why a request is refused before its body is read; undefined where it may go on. */
function refusal({ credentials, limiter, port }: HttpApiServices, request: FastifyRequest, reply: FastifyReply): Failure | undefined {
  const outsider = refusalOf(gated(request), port());
  if (outsider !== undefined) return outsider;
  if (request.method === 'OPTIONS') return notAllowed();
  const { config } = request.routeOptions;
  const admitted = config.ownCredential !== true && credentials.admits(bearerOf(request.headers.authorization));
  const wait = config.unlimited === true && admitted ? 0 : limiter.take(admitted ? 'admitted' : 'stranger');
  if (wait > 0) {
    void reply.header('Retry-After', String(wait));
    return new Failure('RATE_LIMITED', { what: 'Too many requests in a short time', safe: 'Nothing was changed', next: `Try again in ${wait} s` });
  }
  if (admitted || config.ownCredential === true || isPublic(request)) return undefined;
  void reply.header('WWW-Authenticate', 'Bearer realm="CyberBackup"');
  return new Failure('UNAUTHORIZED', { what: 'The token of the local API is missing or wrong', next: 'Send the text of the file api-token in the home folder as "Authorization: Bearer …"' }, { path: 'authorization' });
}

function isPublic({ method, raw }: FastifyRequest): boolean {
  const target = raw.url ?? '';
  return (method === 'GET' || method === 'HEAD') && (isInterfacePath(target) || /^\/health(\?|$)/.test(target));
}

function addOwnRoutes(api: FastifyInstance, services: HttpApiServices): void {
  const { credentials, prometheus, describe } = services;
  // The interface has a screen of the same address: whoever opens or reloads it there gets the screen.
  api.route({
    method: 'GET',
    url: '/health',
    handler: async (request, reply) => (request.headers['sec-fetch-dest'] === 'document' ? await sendPage(services.interfaceFiles, '/', reply) : { status: 'ok' }),
  });
  api.route({ method: 'GET', url: '/metrics', handler: async (_request, reply) => await reply.type('text/plain; version=0.0.4; charset=utf-8').send(prometheus()) });
  api.route({ method: 'GET', url: '/api/openapi.json', handler: async (request) => describe(`http://${request.headers.host ?? ''}`) });
  api.route({ method: 'POST', url: '/api/login_code', handler: async () => ({ success: true, code: credentials.makeLoginCode() }) });
  // A browser changes the code that its address came with into a token of its own.
  api.route({
    method: 'POST',
    url: '/api/session',
    config: { ownCredential: true },
    handler: async (request) => {
      const token = credentials.startSession(bearerOf(request.headers.authorization));
      if (token === undefined) throw new Failure('UNAUTHORIZED', { what: 'The login code is unknown, used or too old', next: 'Open the interface again with "cyberbackup agent --open"' }, { path: 'authorization' });
      return { success: true, token };
    },
  });
}

/** Every known path answers its other methods with 405. */
function refuseOtherMethods(api: FastifyInstance, methodsOf: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const [url, methods] of methodsOf) {
    const others = allMethods.filter((method) => !methods.has(method));
    api.route({
      method: others,
      url,
      handler: async (_request, reply) => {
        void reply.header('Allow', [...methods].join(', '));
        return await answer(reply, notAllowed());
      },
    });
  }
}

async function sendInterfaceFile(files: InterfaceFiles, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const [path = '/'] = (request.raw.url ?? '').split('?');
  if ((request.method !== 'GET' && request.method !== 'HEAD') || !isInterfacePath(path)) return await answer(reply, notFound());
  return await sendPage(files, path, reply);
}

async function sendPage(files: InterfaceFiles, path: string, reply: FastifyReply): Promise<FastifyReply> {
  const file = await files.read(path);
  return file === undefined ? await answer(reply, notFound()) : await reply.headers(file.headers).send(file.body);
}

function defect({ telemetry }: HttpApiServices, error: unknown, request: FastifyRequest, reply: FastifyReply): Failure {
  const traceId = String(reply.getHeader('x-trace-id') ?? telemetry.tracer.within('api failure', {}, (span) => span.traceId));
  void reply.header('x-trace-id', traceId);
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  telemetry.logger.error({ trace_id: traceId, route: request.routeOptions.url ?? 'unknown', reason: message, stack }, 'a request failed');
  return internalFailure(traceId);
}

async function answer(reply: FastifyReply, failure: Failure): Promise<FastifyReply> {
  const { status, body } = failureAnswer(failure);
  // An unread body is read and dropped after the answer (or times out); a connection closed at once could lose the answer.
  void reply.removeHeader('connection');
  return await reply.code(status).headers(apiHeaders).send(body);
}

function gated({ raw }: FastifyRequest): Parameters<typeof refusalOf>[0] {
  return { method: raw.method ?? '', target: raw.url ?? '', headers: raw.headers };
}

function notFound(): Failure {
  return new Failure('NOT_FOUND', { what: 'There is nothing at this address', next: 'GET /api/openapi.json lists what there is' }, { path: 'url' });
}

function notAllowed(): Failure {
  return new Failure('METHOD_NOT_ALLOWED', { what: 'This address does not take this method', next: 'GET /api/openapi.json lists what there is' }, { path: 'method' });
}
