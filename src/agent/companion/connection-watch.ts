/**
 * The connections of the companion server: polled once a second while there are any or somebody looks, less often
 * otherwise; `connection_health` when something moved.
 *
 * The agent's own connection to the server is left out: it is how this is known, and says nothing about backups.
 */
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import type { Emit } from '../../shared/contract/events.ts';
import { connectionHealth, connectionHealthMap, partialUpload } from '../../shared/contract/schemas/connection-health.ts';
import type { ConnectionHealth } from '../../shared/contract/schemas/connection-health.ts';
import { span } from '../../shared/contract/schemas/observability.ts';
import { Failure } from '../../shared/errors.ts';
import type { SpanSink } from '../../telemetry/span-record.ts';
import type { Metrics } from '../../telemetry/telemetry.ts';
import { agentClientId } from './companion-client.ts';
import type { CompanionClient } from './companion-client.ts';

export type ConnectionMap = Record<string, ConnectionHealth>;
export type PartialUpload = ReturnType<typeof partialUpload.parse>;

export interface WatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly client: Pick<CompanionClient, 'call'>;
  /** Whether there is a server to ask. */
  readonly isRunning: () => boolean;
  readonly emit: Emit;
  readonly metrics: Metrics;
  /** Gets every new look at the connections, for alerts. */
  readonly onLook?: (connections: readonly ConnectionHealth[]) => void;
  readonly busyMs?: number;
  readonly quietMs?: number;
}

export class ConnectionWatch {
  readonly #options: WatchOptions;
  #connections: ConnectionMap = {};
  #told = '{}';
  #onlookers = 0;
  #wake = new AbortController();
  /** As the server counts them since its own start. */
  #serverClears = 0;
  #partialClears = 0;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Interrupted uploads that the server removed, since this agent started. */
  get partialClears(): number {
    return this.#partialClears;
  }

  /** The latest look. */
  latest(): readonly ConnectionHealth[] {
    return Object.values(this.#connections);
  }

  /** Somebody looks at the connections until the returned function is called. */
  look(): () => void {
    this.#onlookers++;
    this.#wake.abort();
    let over = false;
    return () => {
      if (!over) this.#onlookers--;
      over = true;
    };
  }

  /** Polls until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, busyMs = 1000, quietMs = 5000 } = this.#options;
    while (!signal.aborted) {
      await this.poll();
      this.#wake = new AbortController();
      const either = AbortSignal.any([signal, this.#wake.signal]);
      const busy = this.#onlookers > 0 || this.latest().length > 0;
      try {
        await clock.sleep(busy ? busyMs : quietMs, either);
      } catch (error) {
        if (!either.aborted) throw error;
      }
    }
  }

  /** One look. A server that is away has no connections. */
  async poll(): Promise<void> {
    try {
      if (this.#options.isRunning()) {
        await this.connections();
        await this.#countClears();
      } else {
        this.#note({});
      }
    } catch (error) {
      if (!(error instanceof Failure)) this.#options.logger.warn({ component: 'companion', error }, 'the connections of the companion server could not be read');
      this.#note({});
    }
  }

  /** The map of the interfaces, asked for now. Throws `SERVER_NOT_RUNNING`. */
  async connections(): Promise<ConnectionMap> {
    const all = connectionHealthMap.parse(await this.#get('/api/connections'));
    const others = Object.fromEntries(Object.entries(all).filter(([, { client_id }]) => client_id !== agentClientId));
    this.#note(others);
    return others;
  }

  /** Connections that ended lately, oldest first. */
  async closedConnections(): Promise<ConnectionHealth[]> {
    const all = connectionHealth.array().parse(await this.#get('/api/connections/closed'));
    return all.filter(({ client_id }) => client_id !== agentClientId);
  }

  async partials(): Promise<PartialUpload[]> {
    return partialUpload.array().parse(await this.#get('/api/partials'));
  }

  /** Ends one upload; resolves when its temporary file is gone. Throws `PARTIAL_NOT_FOUND`. */
  async abortPartial(id: string): Promise<void> {
    const { status } = await this.#options.client.call('DELETE', `/api/partials/${encodeURIComponent(id)}`);
    if (status === 200) return;
    throw new Failure('PARTIAL_NOT_FOUND', { what: `There is no upload ${id} in progress`, safe: 'Nothing was changed', next: 'List the uploads again: it may have ended meanwhile' });
  }

  /** Adds the server's spans of a trace to `spans`; a server that is away, or does not know the trace, adds none. */
  async mergeTrace(traceId: string, spans: SpanSink): Promise<void> {
    if (!this.#options.isRunning()) return;
    try {
      const { status, body } = await this.#options.client.call('GET', `/api/traces/${encodeURIComponent(traceId)}`);
      if (status === 200) spans.add(span.array().parse((body as { readonly spans?: unknown } | undefined)?.spans));
    } catch (error) {
      this.#options.logger.debug({ component: 'companion', error }, 'the spans of the companion server could not be read');
    }
  }

  async #get(path: string): Promise<unknown> {
    const { status, body } = await this.#options.client.call('GET', path);
    if (status === 200) return body;
    throw new Failure('SERVER_NOT_RUNNING', { what: `The companion server refused to answer (status ${status})`, safe: 'What it stored is safe', next: 'Look at the log of the agent' });
  }

  async #countClears(): Promise<void> {
    const status = (await this.#get('/api/status')) as { readonly partial_clears?: unknown };
    const now = typeof status.partial_clears === 'number' ? status.partial_clears : 0;
    // A server that was started again counts from zero.
    const more = now >= this.#serverClears ? now - this.#serverClears : now;
    this.#serverClears = now;
    this.#partialClears += more;
    if (more > 0) this.#options.metrics.count('companion_partial_clears_total', more);
  }

  #note(connections: ConnectionMap): void {
    this.#connections = connections;
    this.#options.metrics.gauge('companion_connections', Object.keys(connections).length);
    this.#options.onLook?.(this.latest());
    const now = fingerprint(connections);
    if (now === this.#told) return;
    this.#told = now;
    this.#options.emit('connection_health', connections);
  }
}

/** All but what grows by itself while nothing happens. */
function fingerprint(connections: ConnectionMap): string {
  const entries = Object.entries(connections).map(([key, { connection_id, state, requests, bytes_in, bytes_out, read_errors, write_errors, partial_clears, client_id }]) => [
    key,
    [connection_id, state, requests, bytes_in, bytes_out, read_errors, write_errors, partial_clears, client_id],
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}
