/**
 * The companion backup server: the REST protocol in front of local storage (interfaces, section 2).
 *
 * Order of start: data folder, its lock, leftovers removed, users and token read, and only then the port. Stopping is
 * the same way back: no new connections, running requests end within the grace, the rest is cut and its partials
 * removed, the lock goes last.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { loadAddon } from '../core/native/load-addon.ts';
import type { Clock } from '../core/platform/clock.ts';
import { systemClock } from '../core/platform/clock.ts';
import type { Logger } from '../core/platform/logger.ts';
import { silentLogger } from '../core/platform/logger.ts';
import { LocalStore } from '../core/storage/local-store.ts';
import type { ObjectFiles } from '../core/storage/local-store.ts';
import { sightingsFileName } from '../shared/server-users.ts';
import { startTelemetry } from '../telemetry/start-telemetry.ts';
import { freeSpace } from '../telemetry/system-sampler.ts';
import { TraceStore } from '../telemetry/trace-store.ts';
import { AdminApi } from './admin-api.ts';
import type { NetworkAddress } from './admin-api.ts';
import { AdminToken } from './admin-token.ts';
import { AttemptLimiter } from './attempt-limiter.ts';
import { BasicAuthenticator, openToAll } from './authenticator.ts';
import type { Authenticator } from './authenticator.ts';
import { BcryptThread } from './bcrypt-thread.ts';
import { ConnectionMonitor, defaultMonitorOptions } from './connection-monitor.ts';
import { prepareDataFolder, removeLeftovers, storedBytes } from './data-folder.ts';
import { lockDataFolder } from './data-folder-lock.ts';
import { createListener, listen } from './http-listener.ts';
import type { Listener } from './http-listener.ts';
import { ObjectAccounts } from './object-accounts.ts';
import { PieceBuffers } from './piece-buffers.ts';
import { Quota } from './quota.ts';
import { Repositories } from './repositories.ts';
import { RequestRouter } from './request-router.ts';
import { RestApi } from './rest-api.ts';
import { ServerHealth } from './server-health.ts';
import { ServerMetrics } from './server-metrics.ts';
import type { ServerOptions } from './server-options.ts';
import { loadTlsIdentity } from './tls-files.ts';
import type { TlsIdentity } from './tls-files.ts';
import { UploadAborted, UploadRegistry } from './upload-registry.ts';
import { UserQuotas } from './user-quotas.ts';
import { UserSightings } from './user-sightings.ts';
import { Users } from './users.ts';

/** What the server needs of its surroundings; each has a default. */
export interface ServerPorts {
  readonly addon?: ObjectFiles;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Where it names a collector of OpenTelemetry, spans go there; nothing else is read from it. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface RunningServer {
  readonly address: string;
  readonly port: number;
  /** `http://host:port` */
  readonly url: string;
  /** SHA-256 of the certificate, `AB:CD:…`; absent without TLS. */
  readonly fingerprint?: string;
  /** The second address, for other computers. */
  readonly network?: NetworkAddress & { readonly url: string };
  readonly monitor: ConnectionMonitor;
  readonly uploads: UploadRegistry;
  readonly metrics: ServerMetrics;
  /** Reads the file of users again (SIGHUP). */
  reloadUsers(): Promise<void>;
  /** Stops gracefully; the second call cuts what still runs. Resolves when everything is closed. */
  close(): Promise<void>;
}

const limiterAddresses = 10_000;
const closeIdleIntervalMs = 50;

/** Starts a server; throws a `Failure` (CONFIGURATION, DATA_FOLDER_IN_USE, PORT_IN_USE, NATIVE_MISSING). */
export async function startServer(options: ServerOptions, ports: ServerPorts = {}): Promise<RunningServer> {
  const { clock = systemClock, logger = silentLogger, addon = loadAddon(), env = {} } = ports;
  const root = await prepareDataFolder(options.dataFolder);
  const undo: (() => Promise<void>)[] = [];
  try {
    const lock = await lockDataFolder(root, clock);
    undo.push(() => lock.release());
    return await startLocked(options, { clock, logger, addon, env }, root, undo);
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw error;
  }
}

async function startLocked(options: ServerOptions, ports: Required<ServerPorts>, root: string, undo: (() => Promise<void>)[]): Promise<RunningServer> {
  const { clock, logger, addon, env } = ports;
  const { limits } = options;
  const leftovers = await removeLeftovers(root, addon, clock.now());
  if (leftovers > 0) logger.warn({ removed: leftovers }, 'temporary files of interrupted uploads removed');

  const identity = options.tls === undefined ? undefined : await loadTlsIdentity(options.tls, options.host, clock.now());
  const networkIdentity = options.network === undefined ? undefined : await loadTlsIdentity(options.network.tls, options.network.host, clock.now());
  const token = await AdminToken.open(options.adminTokenFile);
  const users = options.authentication.kind === 'none' ? undefined : await Users.open({ htpasswd: options.authentication.file, users: options.authentication.usersFile }, clock, logger);
  const authenticator = users === undefined ? openToAll : basicAuthenticator(users, options, clock, undo);

  // Without a limit nothing needs the sum, and looking at a million files takes its time.
  const quota = new Quota(options.quota, options.quota === undefined ? 0 : await storedBytes(root, addon));
  const quotas = new UserQuotas(quota, users, (folder) => storedBytes(root, addon, folder));
  const sightings = await UserSightings.open(join(root, sightingsFileName), clock, logger);
  undo.push(async () => sightings.write());
  const repositories = new Repositories(root, (path) => new LocalStore(path, { addon }));
  const metrics = new ServerMetrics(clock);
  const traces = new TraceStore();
  const telemetry = startTelemetry({ component: 'server', clock, logger, spans: traces, metrics: metrics.registry, env });
  undo.push(() => telemetry.close());
  const uploads = new UploadRegistry(clock);
  const monitor = new ConnectionMonitor(clock, logger, { ...defaultMonitorOptions, progressMs: limits.progressMs, progressBytes: limits.progressBytes, sampleIntervalMs: Math.min(1000, limits.progressMs / 4) });
  const health = new ServerHealth({ folder: root, clock, freeSpace: () => freeSpace(root), quotaRemaining: () => quota.remaining });
  const eventLoopDelay = monitorEventLoopDelay({ resolution: 20 });

  const services = { repositories, uploads, buffers: new PieceBuffers(limits.transferMemory), accounts: new ObjectAccounts(), quotas, metrics, monitor };
  const router = new RequestRouter({
    rest: new RestApi(services, options),
    admin: new AdminApi({ token, authenticator, health, monitor, uploads, metrics, traces, quotas, users, sightings, eventLoopDelay, description: { dataFolder: root, startedAt: clock.now(), network: () => (network === undefined ? undefined : { port: network.port, fingerprint: network.fingerprint }) } }, options),
    authenticator,
    monitor,
    metrics,
    sightings,
    tracer: telemetry.tracer,
    clock,
    logger,
    limits,
  });
  const handle = (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void => router.handle(request, response, expectsContinue);
  const listener = createListener(limits, identity, monitor, handle);
  const { address, port } = await listen(listener.server, options.host, options.port, logger);
  const other = options.network === undefined ? undefined : createListener(limits, networkIdentity, monitor, handle);
  const network = other === undefined || networkIdentity === undefined ? undefined : await listenForOthers(other, networkIdentity, options, logger, listener);

  const watching = new AbortController();
  const watched = monitor.run(watching.signal);
  // It wakes the process fifty times a second; only the metrics tell it.
  if (options.prometheus) eventLoopDelay.enable();
  undo.push(async () => {
    eventLoopDelay.disable();
    watching.abort();
    await watched;
  });
  const stop = stopper(other === undefined ? [listener] : [listener, other], { router, monitor, uploads, clock, graceMs: limits.graceMs, logger });
  let stopped: Promise<void> | undefined;
  return {
    address,
    port,
    url: urlOf(identity === undefined ? 'http' : 'https', address, port),
    ...(identity === undefined ? {} : { fingerprint: identity.fingerprint }),
    ...(network === undefined ? {} : { network }),
    monitor,
    uploads,
    metrics,
    reloadUsers: async () => users?.reload(),
    close: () => {
      if (stopped !== undefined) stop.cutNow();
      stopped ??= stop.run().then(async () => {
        await repositories.close();
        for (const step of undo.reverse()) await step();
      });
      return stopped;
    },
  };
}

/** The second listener; where it fails, the first is closed again. */
async function listenForOthers(listener: Listener, { fingerprint }: TlsIdentity, { network }: ServerOptions, logger: Logger, first: Listener): Promise<RunningServer['network']> {
  try {
    const { address, port } = await listen(listener.server, network?.host ?? '', network?.port ?? 0, logger, '--network-listen');
    return { port, url: urlOf('https', address, port), fingerprint };
  } catch (error) {
    first.destroyConnections();
    await new Promise<void>((resolve) => void first.server.close(() => resolve()));
    throw error;
  }
}

function urlOf(scheme: 'http' | 'https', address: string, port: number): string {
  return `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

function basicAuthenticator(users: Users, options: ServerOptions, clock: Clock, undo: (() => Promise<void>)[]): Authenticator {
  const { passwordBurst, passwordRefillMs, passwordQueue } = options.limits;
  const bcrypt = new BcryptThread(passwordQueue);
  undo.push(() => bcrypt.close());
  const limiter = new AttemptLimiter(clock, { burst: passwordBurst, refillMs: passwordRefillMs, maximumAddresses: limiterAddresses });
  return new BasicAuthenticator(users, bcrypt, limiter);
}

interface StopSurroundings {
  readonly router: RequestRouter;
  readonly monitor: ConnectionMonitor;
  readonly uploads: UploadRegistry;
  readonly clock: Clock;
  readonly graceMs: number;
  readonly logger: Logger;
}

/** The way down: `run` waits for running requests up to the grace, `cutNow` ends the waiting. */
function stopper(listeners: readonly Listener[], surroundings: StopSurroundings): { run(): Promise<void>; cutNow(): void } {
  const { router, monitor, uploads, clock, graceMs, logger } = surroundings;
  const impatient = new AbortController();
  return {
    cutNow: () => impatient.abort(),
    async run() {
      router.stopping = true;
      const closed = Promise.all(listeners.map(({ server }) => new Promise<void>((resolve) => void server.close(() => resolve()))));
      const deadline = clock.monotonic() + graceMs;
      while (router.running > 0 && clock.monotonic() < deadline && !impatient.signal.aborted) {
        monitor.endIdle();
        await clock.sleep(closeIdleIntervalMs);
      }
      if (router.running > 0) logger.warn({ requests: router.running, uploads: uploads.size }, 'requests cut because the server stops');
      await uploads.abortAll(new UploadAborted('shutdown', 'the server stops'));
      for (const listener of listeners) listener.destroyConnections();
      await closed;
      await router.settled();
    },
  };
}
