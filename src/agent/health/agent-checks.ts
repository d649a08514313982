/** The checks of the agent, and their thresholds. Where the numbers come from is the composition's to say. */
import type { Clock } from '../../core/platform/clock.ts';
import type { ConnectionHealth, DestinationHealth } from '../../shared/contract/schemas/connection-health.ts';
import type { HealthStatus, SystemSample } from '../../shared/contract/schemas/observability.ts';
import type { HealthCheck, Measurement } from './health-check.ts';
import { isFailing } from './destination-alerts.ts';
import { above, below } from './health-check.ts';

const mebibyte = 1024 ** 2;
const gibibyte = 1024 ** 3;

export const thresholds = {
  event_loop_ms: { degraded: 250, unhealthy: 1000 },
  memory_bytes: { degraded: gibibyte, unhealthy: 2 * gibibyte },
  disk_free_bytes: { degraded: 2 * gibibyte, unhealthy: 512 * mebibyte },
  /** Share of the jobs that ended in the last hour; fewer than `leastFailures` never count. */
  failed_share: { degraded: 0.3, unhealthy: 0.8 },
  stalled_connections: { degraded: 1, unhealthy: 10 },
  failing_destinations_share: { degraded: 0.001, unhealthy: 1 },
} as const;

const leastFailures = 3;
const longestWaitMs = 12 * 3_600_000;

/** How the companion server is doing; `unused` where none is wanted. */
export interface ServerReach {
  readonly reach: 'reachable' | 'unreachable' | 'starting' | 'unused';
  readonly url: string;
  /** What is wrong and what to do, where something is. */
  readonly message: string;
  /** Why it cannot be reached; null where it can, or where it is not wanted. */
  readonly trouble: 'port_taken' | 'hung' | 'ended' | null;
}

export interface HealthInputs {
  readonly clock: Clock;
  readonly system: () => SystemSample | undefined;
  readonly homeFolder: string;
  /** Bytes free for the embedded repository, undefined while there is none. */
  readonly repositoryFolder: string;
  readonly repositoryDiskFree: () => Promise<number | undefined>;
  readonly server: () => ServerReach;
  readonly connections: () => readonly ConnectionHealth[];
  readonly destinations: () => readonly DestinationHealth[];
  readonly jobs: () => { readonly ended: number; readonly failed: number };
  /** Milliseconds since the epoch of the job that waits longest for its turn; undefined where none waits. */
  readonly oldestQueuedAt: () => number | undefined;
}

export function agentChecks(inputs: HealthInputs): HealthCheck[] {
  const slow = { worseAfter: 3, betterAfter: 3 };
  const quick = { worseAfter: 1, betterAfter: 2 };
  return [
    { name: 'event_loop', ...slow, measure: () => eventLoop(inputs), alert: { kind: 'event_loop_late', subject: () => null } },
    { name: 'memory', ...slow, measure: () => memory(inputs) },
    { name: 'disk_free', ...quick, measure: () => disk(inputs.system()?.disk_free, 'the home folder', inputs.homeFolder), alert: { kind: 'disk_nearly_full', subject: () => inputs.homeFolder } },
    {
      name: 'repository_disk_free',
      ...quick,
      measure: async () => disk(await inputs.repositoryDiskFree(), 'the embedded repository', inputs.repositoryFolder),
      alert: { kind: 'disk_nearly_full', subject: () => inputs.repositoryFolder },
    },
    { name: 'server', worseAfter: 2, betterAfter: 1, measure: () => server(inputs.server()), alert: { kind: 'server_unreachable', subject: () => inputs.server().url } },
    { name: 'queue', ...quick, measure: () => queue(inputs) },
    { name: 'connections', worseAfter: 2, betterAfter: 2, measure: () => connections(inputs) },
    { name: 'destinations', worseAfter: 1, betterAfter: 1, measure: () => destinations(inputs) },
  ];
}

function eventLoop({ system }: HealthInputs): Measurement | undefined {
  const late = system()?.event_loop_delay_p99_ms;
  if (late === undefined) return undefined;
  const measured = below(thresholds.event_loop_ms, late, (status) => (status === 'healthy' ? 'The agent answers at once' : `The agent answers up to ${Math.round(late)} ms late. Jobs go on in processes of their own. Close what keeps this machine busy, or restart the agent`));
  return { ...measured, told: { code: 'agent_late', values: { ms: Math.round(late) } } };
}

function memory({ system }: HealthInputs): Measurement | undefined {
  const rss = system()?.rss;
  if (rss === undefined) return undefined;
  return below(thresholds.memory_bytes, rss, (status) => (status === 'healthy' ? 'The agent needs little memory' : `The agent uses ${size(rss)} of memory. Nothing is lost by restarting it: jobs are kept in the queue`));
}

function disk(free: number | undefined, place: string, folder: string): Measurement | undefined {
  if (free === undefined) return undefined;
  const measured = above(thresholds.disk_free_bytes, free, (status) => (status === 'healthy' ? `${size(free)} free for ${place}` : `Only ${size(free)} are free on the disk of ${place}. What is stored is safe. Free some space, or back up to another place`));
  return { ...measured, told: { code: 'disk_low', values: { folder, bytes: free } } };
}

const serverCodes = { port_taken: 'server_port_taken', hung: 'server_hung', ended: 'server_ended' } as const;

function server({ reach, message, url, trouble }: ServerReach): Measurement | undefined {
  if (reach === 'starting') return undefined;
  if (reach === 'unused') return { status: 'healthy', message: 'No companion server is wanted', value: null, threshold: null };
  const reachable = reach === 'reachable';
  return { status: reachable ? 'healthy' : 'unhealthy', message: reachable ? 'The companion server answers' : message, value: reachable ? 1 : 0, threshold: 1, told: { code: serverCodes[trouble ?? 'ended'], values: { url, reason: message } } };
}

function queue({ jobs, oldestQueuedAt, clock }: HealthInputs): Measurement {
  const { ended, failed } = jobs();
  const share = failed < leastFailures ? 0 : failed / ended;
  const failing = below(thresholds.failed_share, share, (status) => (status === 'healthy' ? 'Jobs end well' : `${failed} of ${ended} jobs of the last hour failed. Earlier backups are unchanged. Look at the failed jobs for what to do`));
  const oldest = oldestQueuedAt();
  const waitMs = oldest === undefined ? 0 : clock.now() - oldest;
  if (failing.status !== 'healthy' || waitMs < longestWaitMs) return failing;
  const hours = Math.round(waitMs / 3_600_000);
  return { status: 'degraded', message: `A job has been waiting for its turn for ${hours} hours. It is kept. Look at what is running, or raise the number of jobs at the same time`, value: waitMs / 1000, threshold: longestWaitMs / 1000 };
}

function connections(inputs: HealthInputs): Measurement {
  const stalled = inputs.connections().filter(({ state }) => state === 'stalled').length;
  return below(thresholds.stalled_connections, stalled, (status) => (status === 'healthy' ? 'Every connection of the companion server moves' : `${stalled} of its connections move no byte any more. Half-sent uploads never become visible. The server ends such connections by itself`));
}

function destinations({ destinations: all, clock }: HealthInputs): Measurement {
  const known = all();
  const failing = known.filter((destination) => isFailing(destination, clock.now()));
  const share = known.length === 0 ? 0 : failing.length / known.length;
  const text = (status: HealthStatus): string =>
    status === 'healthy' ? 'Every destination answers' : `${failing.map(({ location }) => location).slice(0, 3).join(', ')}: ${failing[0]?.last_error?.message ?? 'errors'}. Jobs try again by themselves. Check that the destination is on and reachable`;
  return below(thresholds.failing_destinations_share, share, text);
}

function size(bytes: number): string {
  return bytes >= gibibyte ? `${(bytes / gibibyte).toFixed(1)} GiB` : `${Math.round(bytes / mebibyte)} MiB`;
}
