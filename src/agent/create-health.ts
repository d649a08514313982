/** The health of the agent, put together from everything that it watches. */
import type { Clock } from '../core/platform/clock.ts';
import type { Logger } from '../core/platform/logger.ts';
import type { Emit } from '../shared/contract/events.ts';
import { freeSpace } from '../telemetry/system-sampler.ts';
import type { SystemSampler } from '../telemetry/system-sampler.ts';
import type { AgentFolders } from './agent-parts.ts';
import type { CompanionHost } from './companion/companion-host.ts';
import type { ConnectionWatch } from './companion/connection-watch.ts';
import type { DestinationBoard } from './companion/destination-board.ts';
import { agentChecks } from './health/agent-checks.ts';
import type { AlertBoard } from './health/alert-board.ts';
import { DestinationAlerts } from './health/destination-alerts.ts';
import { HealthMonitor } from './health/health-monitor.ts';
import type { JobOutcomes } from './health/job-outcomes.ts';
import type { HealthMonitor as HealthService } from './operations/ports.ts';
import type { JobQueue } from './queue/queue-port.ts';
import { defaultRepository, defaultRepositoryExists } from './repositories/default-repository.ts';

export interface Watched {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: Emit;
  readonly alerts: AlertBoard;
  readonly sampler: SystemSampler;
  readonly folders: AgentFolders;
  readonly companion: CompanionHost;
  readonly watch: ConnectionWatch;
  readonly destinations: DestinationBoard;
  readonly outcomes: JobOutcomes;
  readonly queue: JobQueue;
}

export interface RunningHealth extends HealthService {
  /** Checks until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
}

export function createHealth({ clock, logger, emit, alerts, sampler, folders, companion, watch, destinations, outcomes, queue }: Watched): RunningHealth {
  const embedded = defaultRepository(folders);
  const checks = agentChecks({
    clock,
    system: () => sampler.latest,
    homeFolder: folders.data,
    repositoryFolder: embedded.path,
    repositoryDiskFree: async () => (defaultRepositoryExists(embedded) ? await freeSpace(embedded.path) : undefined),
    server: () => companion.reach(),
    connections: () => watch.latest(),
    destinations: () => destinations.list(),
    jobs: () => outcomes.lately(),
    oldestQueuedAt: () => queue.oldestQueuedAt(),
  });
  const destinationAlerts = new DestinationAlerts(alerts);
  const alsoLook = (): void => destinationAlerts.look(destinations.list(), companion.reach().url, clock.now());
  const monitor = new HealthMonitor({ clock, logger, emit, alerts, checks, system: () => sampler.latest, alsoLook });
  return {
    run: (signal) => monitor.run(signal),
    current: () => monitor.report(),
    alerts: () => alerts.list(),
    samples: (window) => sampler.history(window),
  };
}
