/**
 * Every request's way: limits, administrator's routes, authentication, REST protocol; and its line in the log.
 *
 * Invariants: authentication comes before any look at the path of a repository; no error leaves this file: what handlers
 * throw becomes a status, and a log line where it is the server's fault.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../core/platform/clock.ts';
import type { Logger } from '../core/platform/logger.ts';
import type { Tracer } from '../telemetry/telemetry.ts';
import { parseTraceparent } from '../telemetry/traceparent.ts';
import type { AdminApi } from './admin-api.ts';
import type { Authenticator } from './authenticator.ts';
import type { ConnectionMonitor } from './connection-monitor.ts';
import { Exchange, singleHeader } from './exchange.ts';
import { replyToError, send, tryLater, unauthorized } from './http-reply.ts';
import { parseTarget, urlName } from './request-target.ts';
import type { RequestTarget } from './request-target.ts';
import type { RestApi } from './rest-api.ts';
import { knownMethod } from './server-metrics.ts';
import type { ServerMetrics } from './server-metrics.ts';
import type { ServerLimits } from './server-options.ts';
import { UploadAborted } from './upload-registry.ts';
import type { UserSightings } from './user-sightings.ts';

export interface RouterServices {
  readonly rest: RestApi;
  readonly admin: AdminApi;
  readonly authenticator: Authenticator;
  readonly monitor: ConnectionMonitor;
  readonly metrics: ServerMetrics;
  readonly sightings: UserSightings;
  readonly tracer: Tracer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: ServerLimits;
}

/** In log and metrics, as other servers write it: the client left before it was answered. */
const clientLeft = 499;
/** An unread body larger than this is not waited for after an early answer. */
const largestDiscardedBody = 256 * 1024 * 1024;
/** Closing at once would reset the connection, and the client could lose the answer. */
const lingerMs = 1000;

export class RequestRouter {
  /** Connections are closed after their answers. */
  stopping = false;
  readonly #services: RouterServices;
  readonly #running = new Set<Promise<void>>();
  /** What to look at when a connection closes. */
  readonly #checks = new WeakMap<Socket, Set<() => void>>();

  constructor(services: RouterServices) {
    this.#services = services;
  }

  /** Requests that are being answered. */
  get running(): number {
    return this.#running.size;
  }

  /** Resolves when no handler runs any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  handle(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const exchange = new Exchange(request, response, this.#services.logger, expectsContinue);
    const started = this.#services.clock.monotonic();
    const over = this.#watch(exchange);
    // Errors of a socket that is gone are the monitor's; here they only must not end the process.
    response.on('error', (error) => exchange.log('debug', { reason: String(error) }, 'the answer could not be sent'));
    request.on('error', (error) => exchange.log('debug', { reason: String(error) }, 'the request could not be read'));
    const target = parseTarget(exchange.url);
    const running = this.#traced(exchange, target, () =>
      this.#answer(exchange, target)
        .catch((error: unknown) => this.#answerError(exchange, error))
        .then(() => over),
    ).then(() => {
      this.#running.delete(running);
      this.#account(exchange, started);
    });
    this.#running.add(running);
  }

  /**
   * A request that names the span of its client gets one of its own, a child of it. Others have none: they belong to
   * nothing that anybody looks for, and would push out what does.
   */
  #traced(exchange: Exchange, target: RequestTarget, work: () => Promise<void>): Promise<void> {
    const parent = singleHeader(exchange.request.headers['traceparent']);
    if (parent === undefined || parseTraceparent(parent) === undefined) return work();
    const attributes = { 'client.address': exchange.address, ...(exchange.clientIdHeader === null ? {} : { client_id: exchange.clientIdHeader }) };
    return this.#services.tracer.within(`${knownMethod(exchange.method)} ${routeOf(target)}`, { parent, attributes }, async (span) => {
      exchange.span = span;
      await work();
      span.set({ 'http.response.status_code': statusOf(exchange), bytes: exchange.bytes });
    });
  }

  async #answer(exchange: Exchange, target: RequestTarget): Promise<void> {
    const { monitor, limits, authenticator, rest, admin } = this.#services;
    if (this.stopping) exchange.response.setHeader('Connection', 'close');
    if (this.stopping || monitor.size > limits.maximumConnections) {
      exchange.response.setHeader('Connection', 'close');
      send(exchange.response, tryLater(503));
      return;
    }
    if (exchange.request.rawHeaders.length / 2 > limits.maximumHeaders) {
      exchange.response.setHeader('Connection', 'close');
      send(exchange.response, { status: 431 });
      return;
    }
    if (target.kind === 'reserved') {
      await admin.handle(exchange, target.segments);
    } else {
      const verdict = await authenticator.authenticate(exchange.request.headers.authorization, exchange.address);
      if (verdict.kind === 'user') {
        exchange.user = verdict.name;
        exchange.rights = verdict.rights;
        if (verdict.rights.isPrivate) this.#services.sightings.note(verdict.name, exchange.address);
        if (verdict.name !== '') monitor.identify(exchange.request.socket, exchange.clientId);
        await rest.handle(exchange, target);
      } else if (verdict.kind === 'denied') {
        this.#services.metrics.countAuthenticationFailure();
        send(exchange.response, unauthorized);
      } else {
        send(exchange.response, verdict.kind === 'limited' ? tryLater(429, verdict.retryAfterMs / 1000) : tryLater(503));
      }
    }
    this.#leaveBody(exchange);
  }

  #answerError(exchange: Exchange, error: unknown): void {
    const reply = replyToError(error);
    if (reply.status >= 500 && !(error instanceof UploadAborted)) {
      exchange.log(reply.status === 500 ? 'error' : 'warn', { status: reply.status, reason: error instanceof Error ? error.message : String(error) }, 'a request failed');
    }
    if (exchange.response.headersSent) exchange.response.destroy();
    else send(exchange.response, reply);
    this.#leaveBody(exchange);
  }

  /**
   * Node reads and drops the rest of a body after the answer, so that the client can see it. A body of a refused request
   * that is too long for that, or of unknown length, ends the connection a moment after the answer.
   */
  #leaveBody(exchange: Exchange): void {
    const { request, response } = exchange;
    const announced = request.headers['content-length'];
    const tooLong = announced === undefined ? response.statusCode >= 400 : Number(announced) > largestDiscardedBody;
    if (request.complete || !tooLong) return;
    const end = (): void => {
      this.#services.clock.sleep(lingerMs).then(
        () => request.socket.destroy(),
        (error: unknown) => request.socket.destroy(error instanceof Error ? error : undefined),
      );
    };
    if (response.writableFinished) end();
    else response.once('finish', end);
  }

  /** Registers with the monitor; resolves when the answer is out and the body in, or the connection is gone. */
  #watch(exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    const end = this.#services.monitor.beginRequest(request.socket, exchange.clientIdHeader, exchange.userAgent, exchange);
    return new Promise((resolve) => {
      const check = (): void => {
        const answered = response.closed || response.writableFinished;
        if (!request.socket.destroyed && !(answered && (request.complete || request.destroyed))) return;
        end();
        this.#checks.get(request.socket)?.delete(check);
        resolve();
      };
      response.once('close', check);
      response.once('finish', check);
      request.once('close', check);
      request.once('end', check);
      const checks = this.#checksOf(request.socket);
      checks.add(check);
    });
  }

  /** One listener a connection, however many requests are sent on it. */
  #checksOf(socket: Socket): Set<() => void> {
    const known = this.#checks.get(socket);
    if (known !== undefined) return known;
    const checks = new Set<() => void>();
    this.#checks.set(socket, checks);
    socket.once('close', () => {
      for (const check of checks) check();
    });
    return checks;
  }

  #account(exchange: Exchange, started: number): void {
    const { method, response } = exchange;
    const durationMs = this.#services.clock.monotonic() - started;
    const status = statusOf(exchange);
    this.#services.metrics.countRequest(method, status, durationMs);
    const level = status >= 400 && status !== 404 ? 'info' : method === 'POST' || method === 'DELETE' ? 'info' : 'debug';
    exchange.log(level, { status, bytes: exchange.bytes, duration_ms: Math.round(durationMs), complete: response.writableFinished }, 'request');
  }
}

function statusOf({ response }: Exchange): number {
  return response.headersSent ? response.statusCode : clientLeft;
}

/** What the request is about, in few words: never a name of a repository or an object. */
function routeOf(target: RequestTarget): string {
  switch (target.kind) {
    case 'reserved':
      return `/${target.segments[0] ?? ''}`;
    case 'list':
      return `list ${urlName(target.type)}`;
    case 'object':
      return urlName(target.handle.type);
    default:
      return target.kind;
  }
}
