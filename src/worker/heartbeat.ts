/** Signs of life from the thread that does the work: when it stands still, they do not come. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '../core/platform/clock.ts';
import type { FromWorker } from '../shared/worker-protocol.ts';
import type { Channel } from './channel.ts';
import { repeatEvery } from './repeat-every.ts';

type Heartbeat = Extract<FromWorker, { readonly type: 'heartbeat' }>;

const interval = 5000;
/** Milliseconds between looks at the event loop. */
const resolution = 20;

/** Beats at once and then every five seconds, until the returned function is called. */
export function startHeartbeat(clock: Clock, channel: Pick<Channel<Heartbeat>, 'send'>): () => void {
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  const beat = (): void => {
    // What the histogram holds is the time between two looks, in nanoseconds.
    const late = delay.count === 0 ? 0 : Math.max(0, delay.percentile(99) / 1e6 - resolution);
    delay.reset();
    channel.send({ type: 'heartbeat', rss: process.memoryUsage.rss(), eventLoopDelayMs: late });
  };
  const stop = repeatEvery(clock, interval, beat);
  return () => {
    stop();
    delay.disable();
  };
}
