/**
 * HTTP/1.1 exchanges with one server: one request, one answer, watched.
 *
 * Vocabulary: a *lane* limits how many exchanges run at once; locks have their own, so that refreshing a lock never
 * waits behind uploads. An exchange *stalls* when no byte moved for `stallLimit`.
 *
 * Invariants: whatever happens, the promise settles once with the answer, a `StorageError` or the abort's reason, the
 * connection is then idle or destroyed, and the lane is free again. A request that can be sent again is repeated at once
 * when a kept-alive connection turns out to be closed; nothing else is repeated here.
 */
import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import type { Clock } from '../platform/clock.ts';
import { createAgent, endpointOf, httpsModule } from './http-agent.ts';
import type { TlsOptions } from './http-agent.ts';
import { HttpAnswer } from './http-answer.ts';
import { sendBody } from './http-body.ts';
import { connectionError } from './http-errors.ts';
import { answerLimit, connectLimit, stallLimit } from './http-limits.ts';
import { bodyLength, isInMemory } from './object-body.ts';
import { StorageError } from './object-store.ts';
import type { ObjectBody } from './object-store.ts';
import type { Semaphore } from './semaphore.ts';
import { StallGuard } from './stall-guard.ts';

export interface HttpClientOptions {
  /** Without credentials. */
  readonly base: URL;
  /** Value of the `Authorization` header. */
  readonly authorization: string | undefined;
  readonly lanes: Lanes;
  /** How many idle connections are kept. */
  readonly connections: number;
  readonly clock: Clock;
  readonly tls: TlsOptions;
  readonly userAgent: string;
  /** Added to each request: who sends it, and for what. */
  readonly identify: () => Readonly<Record<string, string>>;
}

/** Who limits how many exchanges run at once. */
export type Lanes = Readonly<Record<'objects' | 'locks', Semaphore>>;

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  /** Below the base, without a leading slash. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: ObjectBody;
  readonly lane?: keyof Lanes;
  readonly signal?: AbortSignal | undefined;
  /** What is tried, for errors. */
  readonly what: string;
}

export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #agent: Agent;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#agent = createAgent(endpointOf(options.base, options.tls), options.connections + 1);
  }

  /** Sends the request; resolves when the head of the answer is there. The caller must use up or discard the answer. */
  async open(request: HttpRequest): Promise<HttpAnswer> {
    const release = await this.#options.lanes[request.lane ?? 'objects'].acquire(request.signal);
    try {
      // Each idle connection may turn out to be closed, once.
      for (let spare = this.#options.connections + 2; ; spare--) {
        const attempt = new Attempt(request, this.#options, this.#agent);
        const answer = await attempt.run(release, spare > 0);
        if (answer !== undefined) return answer;
      }
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Sends the request and lets `use` have the answer; what `use` leaves of it is thrown away. */
  async exchange<T>(request: HttpRequest, use: (answer: HttpAnswer) => Promise<T> | T): Promise<T> {
    const answer = await this.open(request);
    try {
      return await use(answer);
    } finally {
      await answer.discard();
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}

class Attempt {
  readonly #request: HttpRequest;
  readonly #outgoing: ClientRequest;
  readonly #guard: StallGuard;
  readonly #onAbort: () => void;

  constructor(request: HttpRequest, options: HttpClientOptions, agent: Agent) {
    this.#request = request;
    const { base, authorization, userAgent, identify, clock } = options;
    const length = request.body === undefined ? undefined : bodyLength(request.body);
    const send = base.protocol === 'https:' ? httpsModule().request : httpRequest;
    this.#outgoing = send({
      agent,
      protocol: base.protocol,
      hostname: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port === '' ? undefined : Number(base.port),
      method: request.method,
      path: base.pathname + request.path,
      headers: {
        ...request.headers,
        'User-Agent': userAgent,
        ...identify(),
        ...(authorization === undefined ? {} : { Authorization: authorization }),
        ...(length === undefined ? {} : { 'Content-Length': String(length) }),
      },
    });
    this.#guard = new StallGuard(clock, () => this.#outgoing.destroy());
    this.#onAbort = () => this.#outgoing.destroy();
  }

  /** The answer; undefined where the request may and should be sent again on another connection. */
  async run(release: () => void, mayRepeat: boolean): Promise<HttpAnswer | undefined> {
    const { signal, body, what } = this.#request;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (signal?.aborted === true) this.#outgoing.destroy();
    const close = (): void => {
      this.#guard.close();
      signal?.removeEventListener('abort', this.#onAbort);
      release();
    };
    try {
      const message = await this.#answered();
      return new HttpAnswer(message, { guard: this.#guard, stallLimit, outgoing: this.#outgoing, close, explain: (error) => this.#explain(error) });
    } catch (error) {
      this.#guard.close();
      signal?.removeEventListener('abort', this.#onAbort);
      this.#outgoing.destroy();
      const explained = this.#explain(error);
      const stale = this.#outgoing.reusedSocket && explained instanceof StorageError && explained.kind === 'temporary' && !this.#guard.stalled;
      if (mayRepeat && stale && (body === undefined || isInMemory(body))) return undefined;
      if (explained instanceof Error) throw explained;
      throw new StorageError('permanent', `${what}: ${String(explained)}`);
    }
  }

  #answered(): Promise<IncomingMessage> {
    const outgoing = this.#outgoing;
    return new Promise((resolve, reject) => {
      let settled = false;
      outgoing.once('response', (message) => {
        settled = true;
        resolve(message);
      });
      // Stays for good: an error after the answer began is told by the answer itself.
      outgoing.on('error', reject);
      outgoing.once('close', () => reject(new StorageError('temporary', `${this.#request.what}: the connection closed without an answer`)));
      outgoing.once('socket', (socket) => {
        if (!socket.connecting) return this.#guard.arm(stallLimit);
        this.#guard.arm(connectLimit);
        socket.once('connect', () => this.#guard.arm(stallLimit));
      });
      this.#guard.arm(connectLimit);
      sendBody(outgoing, this.#request.body, { guard: this.#guard, stallLimit, isSettled: () => settled }).then(
        () => {
          if (!settled) this.#guard.arm(answerLimit);
        },
        (error: unknown) => {
          outgoing.destroy();
          reject(error as Error);
        },
      );
    });
  }

  /** The one error to report: the abort's reason, the stall, or what broke. */
  #explain(error: unknown): unknown {
    const { signal, what } = this.#request;
    if (signal?.aborted === true) return signal.reason;
    if (this.#guard.stalled) return new StorageError('temporary', `${what}: the server stopped answering`);
    return connectionError(error, what);
  }
}
