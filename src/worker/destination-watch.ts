/**
 * How the destination of a job is doing, told about once a second while something moves, and at the end: its health, and as
 * numbers for the agent's metrics what happened since the last time.
 */
import type { Clock } from '../core/platform/clock.ts';
import { ConnectionMeter } from '../core/storage/metering.ts';
import type { ConnectionHealth } from '../core/storage/metering.ts';
import type { DestinationHealth } from '../shared/contract/schemas/connection-health.ts';
import type { WorkerChannel } from './channel.ts';
import { repeatEvery } from './repeat-every.ts';

export interface DestinationWatch {
  readonly meter: ConnectionMeter;
  /** Tells what is left. */
  end(): void;
}

const interval = 1000;
/** Times of one kind that are kept between two messages: enough for a distribution. */
const mostTimes = 200;

export function watchDestination(clock: Clock, repositoryId: string, channel: Pick<WorkerChannel, 'send'>): DestinationWatch {
  let timers: Record<string, number[]> = {};
  const meter = new ConnectionMeter(clock, (operation, milliseconds) => {
    const times = (timers[`storage_${operation}_ms`] ??= []);
    if (times.length < mostTimes) times.push(milliseconds);
  });
  let before = meter.health();
  let told = '';
  const tell = (last: boolean): void => {
    const now = meter.health();
    const health = healthOf(now, repositoryId);
    const seen = JSON.stringify(health);
    if (seen === told && !last) return;
    told = seen;
    channel.send({ type: 'destination', health });
    channel.send({ type: 'metrics', counters: countersBetween(before, now), timers });
    before = now;
    timers = {};
  };
  const stop = repeatEvery(clock, interval, () => tell(false));
  return {
    meter,
    end() {
      stop();
      tell(true);
    },
  };
}

/** Repetitions are not among them: the agent counts them as they are told. */
function countersBetween(before: ConnectionHealth, now: ConnectionHealth): Record<string, number> {
  return {
    storage_operations_total: now.operations - before.operations,
    storage_failures_total: now.failures - before.failures,
    storage_received_bytes_total: now.bytesIn - before.bytesIn,
    storage_sent_bytes_total: now.bytesOut - before.bytesOut,
  };
}

function healthOf(health: ConnectionHealth, repositoryId: string): DestinationHealth {
  const time = (at: number): string => new Date(at).toISOString();
  return {
    repository_id: repositoryId,
    location: health.location,
    operations: health.operations,
    active: health.active,
    failures: health.failures,
    retries: health.retries,
    bytes_in: health.bytesIn,
    bytes_out: health.bytesOut,
    bytes_per_second: health.throughput,
    latency_ms: health.latency ?? null,
    last_success_at: health.lastSuccessAt === undefined ? null : time(health.lastSuccessAt),
    last_error: health.lastError === undefined ? null : { at: time(health.lastError.at), kind: health.lastError.kind, message: health.lastError.message },
  };
}
