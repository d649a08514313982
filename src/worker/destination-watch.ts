/** How the destination of a job is doing, told about once a second while something moves, and at the end. */
import type { Clock } from '../core/platform/clock.ts';
import type { ConnectionMeter } from '../core/storage/metering.ts';
import type { DestinationHealth } from '../shared/contract/schemas/connection-health.ts';
import type { WorkerChannel } from './channel.ts';
import { repeatEvery } from './repeat-every.ts';

const interval = 1000;

export function watchDestination(clock: Clock, meter: ConnectionMeter, repositoryId: string, channel: Pick<WorkerChannel, 'send'>): { end(): void } {
  let told = '';
  const tell = (last: boolean): void => {
    const health = healthOf(meter, repositoryId);
    const seen = JSON.stringify(health);
    if (seen === told && !last) return;
    told = seen;
    channel.send({ type: 'destination', health });
  };
  const stop = repeatEvery(clock, interval, () => tell(false));
  return {
    end() {
      stop();
      tell(true);
    },
  };
}

function healthOf(meter: ConnectionMeter, repositoryId: string): DestinationHealth {
  const health = meter.health();
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
