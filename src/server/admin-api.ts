/**
 * `/health`, `/metrics` and `/api` (interfaces, section 2).
 *
 * Invariant: everything but `/health` asks for the administrator's token before it looks at the path. Metrics may also be
 * read by the users that the REST protocol names (its specification, section 10).
 */
import { memoryUsage, uptime } from 'node:process';
import { challengePattern } from '../core/platform/server-proof.ts';
import type { ServerUserUse } from '../shared/server-users.ts';
import { counter, gauge, prometheusContentType, prometheusText } from '../telemetry/prometheus-text.ts';
import type { TraceStore } from '../telemetry/trace-store.ts';
import type { AdminToken } from './admin-token.ts';
import type { Authenticator } from './authenticator.ts';
import type { ConnectionMonitor } from './connection-monitor.ts';
import type { Exchange } from './exchange.ts';
import { json, notAllowed, send, tryLater } from './http-reply.ts';
import type { Reply } from './http-reply.ts';
import { queryOf } from './request-target.ts';
import type { ServerMetrics } from './server-metrics.ts';
import type { ServerHealth } from './server-health.ts';
import { UploadAborted } from './upload-registry.ts';
import type { UploadRegistry } from './upload-registry.ts';
import type { UserQuotas } from './user-quotas.ts';
import type { UserSightings } from './user-sightings.ts';
import type { Users } from './users.ts';

export interface AdminServices {
  readonly token: AdminToken;
  readonly authenticator: Authenticator;
  readonly health: ServerHealth;
  readonly monitor: ConnectionMonitor;
  readonly uploads: UploadRegistry;
  readonly metrics: ServerMetrics;
  readonly traces: TraceStore;
  readonly quotas: UserQuotas;
  /** Undefined: nobody signs in. */
  readonly users: Users | undefined;
  readonly sightings: UserSightings;
  /** Nanoseconds. */
  readonly eventLoopDelay: { percentile(percentile: number): number };
  readonly description: { readonly dataFolder: string; readonly startedAt: number; readonly network: () => NetworkAddress | undefined };
}

/** Where other computers reach the server. */
export interface NetworkAddress {
  readonly port: number;
  /** SHA-256 of the certificate, `AB:CD:…`. */
  readonly fingerprint: string;
}

export interface AdminOptions {
  /** `/metrics` is served. */
  readonly prometheus: boolean;
  readonly privateRepositories: boolean;
}

/** Seconds; the history of the metrics is not longer. */
const longestWindow = 3600;
const defaultWindow = 300;

const unknownResource = json(404, { success: false, error: { code: 'NOT_FOUND', message: 'No such resource' } });
const bearerNeeded: Reply = { status: 401, headers: { 'WWW-Authenticate': 'Bearer realm="CyberBackup"' } };

export class AdminApi {
  readonly #services: AdminServices;
  readonly #options: AdminOptions;

  constructor(services: AdminServices, options: AdminOptions) {
    this.#services = services;
    this.#options = options;
  }

  async handle(exchange: Exchange, segments: readonly string[]): Promise<void> {
    send(exchange.response, await this.#answer(exchange, segments));
  }

  async #answer(exchange: Exchange, segments: readonly string[]): Promise<Reply> {
    if (segments.length === 1 && segments[0] === 'health') return this.#health(exchange);
    if (segments[0] === 'metrics') return this.#metrics(exchange, segments);
    if (!this.#services.token.matches(exchange.request.headers.authorization)) return this.#refuse();
    return this.#api(exchange, segments);
  }

  async #health(exchange: Exchange): Promise<Reply> {
    if (exchange.method !== 'GET' && exchange.method !== 'HEAD') return notAllowed('GET, HEAD');
    const { health, token, description } = this.#services;
    const { status, canStore, problems } = await health.report();
    const challenge = queryOf(exchange.url).get('challenge') ?? '';
    const proof = challengePattern.test(challenge) ? token.proof(challenge, description.dataFolder) : undefined;
    return json(canStore ? 200 : 503, { status, problems, uptime_ms: Math.round(uptime() * 1000), ...(proof === undefined ? {} : { proof }) });
  }

  async #metrics(exchange: Exchange, segments: readonly string[]): Promise<Reply> {
    const refusal = await this.#metricsRefusal(exchange);
    if (refusal !== undefined) return refusal;
    if (!this.#options.prometheus || segments.length !== 1) return { status: 404 };
    if (exchange.method !== 'GET') return notAllowed('GET');
    return { status: 200, headers: { 'Content-Type': prometheusContentType }, body: this.#metricsText() };
  }

  /** Undefined: may be read. */
  async #metricsRefusal(exchange: Exchange): Promise<Reply | undefined> {
    const { authorization } = exchange.request.headers;
    if (this.#services.token.matches(authorization)) return undefined;
    const verdict = await this.#services.authenticator.authenticate(authorization, exchange.address);
    if (verdict.kind === 'limited') return tryLater(429, verdict.retryAfterMs / 1000);
    if (verdict.kind === 'busy') return tryLater(503);
    const allowed = verdict.kind === 'user' && !verdict.rights.isPrivate && (!this.#options.privateRepositories || verdict.name === 'metrics');
    return allowed ? undefined : this.#refuse();
  }

  async #api(exchange: Exchange, segments: readonly string[]): Promise<Reply> {
    const { monitor, uploads } = this.#services;
    const [, resource = '', id, ...more] = segments;
    if (more.length > 0) return unknownResource;
    const reading = (answer: () => Reply): Reply => (exchange.method === 'GET' ? answer() : notAllowed('GET'));
    if (id === undefined) {
      switch (resource) {
        case 'connections':
          return reading(() => json(200, monitor.health()));
        case 'partials':
          return reading(() => json(200, uploads.list()));
        case 'status':
          return reading(() => json(200, this.#status()));
        case 'users':
          return exchange.method === 'GET' ? json(200, await this.#users()) : notAllowed('GET');
        case 'storage':
          return reading(() => json(200, { stored_bytes: this.#services.quotas.storedInAll() ?? null }));
        case 'metrics':
          return reading(() => this.#windowed(exchange));
        default:
          return unknownResource;
      }
    }
    if (resource === 'partials') return exchange.method === 'DELETE' ? this.#abort(exchange, id) : notAllowed('DELETE');
    if (resource === 'connections' && id === 'closed') return reading(() => json(200, monitor.recentlyClosed()));
    if (resource === 'traces') return reading(() => this.#trace(id));
    return unknownResource;
  }

  #status(): Record<string, unknown> {
    const { monitor, uploads, metrics, description } = this.#services;
    return {
      pid: process.pid,
      data_folder: description.dataFolder,
      started_at: new Date(description.startedAt).toISOString(),
      connections: monitor.size,
      connections_total: monitor.accepted,
      uploads: uploads.size,
      partial_clears: metrics.partialClears,
      network: description.network() ?? null,
    };
  }

  /** What the users' file says, what their repositories hold, and when they were seen; never a hash. */
  async #users(): Promise<readonly ServerUserUse[]> {
    const { users, quotas, sightings } = this.#services;
    const own = (await users?.own()) ?? [];
    return await Promise.all(own.map(async ({ name, quota_bytes, append_only }) => ({ name, quota_bytes, append_only, stored_bytes: await quotas.storedBy(name), ...sightings.of(name) })));
  }

  #windowed(exchange: Exchange): Reply {
    const given = queryOf(exchange.url).get('window') ?? String(defaultWindow);
    const window = /^\d{1,4}$/.test(given) ? Number(given) : 0;
    if (window >= 1 && window <= longestWindow) return json(200, this.#services.metrics.registry.snapshot(window));
    return json(400, { success: false, error: { code: 'INVALID_INPUT', message: `A window has 1 to ${longestWindow} seconds`, path: 'window' } });
  }

  #trace(id: string): Reply {
    const spans = this.#services.traces.get(id);
    return spans === undefined ? json(404, { success: false, error: { code: 'TRACE_NOT_FOUND', message: 'No such trace' } }) : json(200, { trace_id: id, spans });
  }

  async #abort(exchange: Exchange, id: string): Promise<Reply> {
    const aborted = await this.#services.uploads.abort(id, new UploadAborted('administrator', 'ended by the administrator'));
    if (!aborted) return json(404, { success: false, error: { code: 'NOT_FOUND', message: 'No such upload' } });
    exchange.log('info', { upload: id }, 'the administrator ended an upload');
    return json(200, { success: true });
  }

  #refuse(): Reply {
    this.#services.metrics.countAuthenticationFailure();
    return bearerNeeded;
  }

  #metricsText(): string {
    const { monitor, uploads, metrics, quotas, eventLoopDelay } = this.#services;
    const { total: quota } = quotas;
    const states = { active: 0, idle: 0, stalled: 0 };
    for (const { state } of Object.values(monitor.health())) states[state] += 1;
    const cpu = process.cpuUsage();
    return prometheusText([
      ...metrics.registry.families(),
      {
        name: 'cyberbackup_server_connections',
        help: 'Open connections',
        type: 'gauge',
        samples: Object.entries(states).map(([state, value]) => ({ labels: { state }, value })),
      },
      counter('cyberbackup_server_connections_total', 'Connections accepted', [{ value: monitor.accepted }]),
      gauge('cyberbackup_server_uploads', 'Uploads in progress', uploads.size),
      ...(quota.limit === undefined
        ? []
        : [gauge('cyberbackup_server_stored_bytes', 'Bytes of stored objects', quota.stored), gauge('cyberbackup_server_quota_bytes', 'Limit of stored bytes', quota.limit)]),
      gauge('process_resident_memory_bytes', 'Memory of the process', memoryUsage.rss()),
      counter('process_cpu_seconds_total', 'Processor time of the process', [{ value: (cpu.user + cpu.system) / 1e6 }]),
      gauge('nodejs_eventloop_delay_p99_seconds', 'Delay of the event loop, 99th percentile since start', eventLoopDelay.percentile(99) / 1e9),
    ]);
  }
}
