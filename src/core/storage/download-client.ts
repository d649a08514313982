/**
 * Downloads into one buffer, over connections of their own that are kept alive.
 *
 * Invariants: the same as those of http-client.ts; a request whose kept-alive connection turns out to be closed is sent
 * again at once. Servers that do not announce lengths are left to http-client.ts (`unsuited`).
 */
import type { Clock } from '../platform/clock.ts';
import type { Receivers } from './body-receiver.ts';
import { DownloadConnection } from './download-connection.ts';
import type { TakeBody } from './download-connection.ts';
import { endpointOf } from './http-agent.ts';
import type { Endpoint, TlsOptions } from './http-agent.ts';
import { connectionError } from './http-errors.ts';
import { connectLimit, stallLimit } from './http-limits.ts';
import { StorageError } from './object-store.ts';
import type { Semaphore } from './semaphore.ts';
import { StallGuard } from './stall-guard.ts';

export interface DownloadClientOptions {
  /** Without credentials. */
  readonly base: URL;
  readonly authorization: string | undefined;
  readonly lane: Semaphore;
  readonly clock: Clock;
  readonly tls: TlsOptions;
  readonly userAgent: string;
  /** Added to each request: who sends it, and for what. */
  readonly identify: () => Readonly<Record<string, string>>;
  readonly receivers: Receivers;
}

export interface DownloadRequest {
  /** Below the base, without a leading slash; holds no character that a request line must not. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  /** What is tried, for errors. */
  readonly what: string;
}

export class DownloadClient {
  readonly #options: DownloadClientOptions;
  readonly #endpoint: Endpoint;
  readonly #idle: DownloadConnection[] = [];
  readonly #open = new Set<DownloadConnection>();
  #closed = false;

  constructor(options: DownloadClientOptions) {
    this.#options = options;
    this.#endpoint = endpointOf(options.base, options.tls);
  }

  /** Sends the request; resolves when the body is in the buffer that `take` gave. */
  async get(request: DownloadRequest, take: TakeBody): Promise<void> {
    const release = await this.#options.lane.acquire(request.signal);
    try {
      while (!(await this.#attempt(request, take)));
    } finally {
      release();
    }
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#open) connection.destroy();
  }

  /** False where the request should be sent again: the connection was an old one, and closed. */
  async #attempt(request: DownloadRequest, take: TakeBody): Promise<boolean> {
    const { signal, what } = request;
    signal?.throwIfAborted();
    if (this.#closed) throw new StorageError('permanent', `${what}: the store is closed`);
    const kept = this.#idle.pop();
    const connection = kept ?? this.#connect();
    const guard = new StallGuard(this.#options.clock, () => connection.destroy(), () => connection.received);
    const onAbort = (): void => connection.destroy();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      connection.idle(false);
      guard.arm(connectLimit);
      await connection.ready;
      guard.arm(stallLimit);
      await connection.request(this.#text(request), take, () => guard.touch());
      if (connection.reusable && !this.#closed) {
        connection.idle(true);
        this.#idle.push(connection);
      } else {
        connection.destroy();
      }
      return true;
    } catch (error) {
      connection.destroy();
      signal?.throwIfAborted();
      if (guard.stalled) throw new StorageError('temporary', `${what}: the server stopped answering`);
      if (kept !== undefined && !connection.heard) return false;
      const explained = connectionError(error, what);
      throw explained instanceof Error ? explained : new StorageError('permanent', `${what}: ${String(explained)}`);
    } finally {
      guard.close();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #connect(): DownloadConnection {
    const connection = new DownloadConnection(this.#endpoint, this.#options.receivers, (ended) => {
      this.#open.delete(ended);
      const at = this.#idle.indexOf(ended);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    // Told to whoever waits for it; an abort may come first.
    connection.ready.catch(() => undefined);
    this.#open.add(connection);
    return connection;
  }

  #text({ path, headers }: DownloadRequest): string {
    const { base, authorization, userAgent, identify } = this.#options;
    const lines = [`GET ${base.pathname}${path} HTTP/1.1`, `Host: ${base.host}`, `User-Agent: ${userAgent}`];
    if (authorization !== undefined) lines.push(`Authorization: ${authorization}`);
    for (const [name, value] of Object.entries({ ...identify(), ...headers })) lines.push(`${name}: ${value}`);
    return `${lines.join('\r\n')}\r\n\r\n`;
  }
}
