/**
 * Samples of this process and its machine, every five seconds, an hour of them.
 *
 * The delay of the event loop is what a timer was late, its 99th percentile since the sample before.
 */
import { statfs } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '../core/platform/clock.ts';
import type { Logger } from '../core/platform/logger.ts';
import type { SystemSample } from '../shared/contract/schemas/observability.ts';

export interface SamplerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The disk of this folder is watched. */
  readonly folder: string;
  readonly intervalMs?: number;
}

const historyMs = 3_600_000;
const resolutionMs = 20;

export class SystemSampler {
  readonly #options: Required<SamplerOptions>;
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs });
  readonly #samples: SystemSample[] = [];
  #cpu = process.cpuUsage();
  #at: number;

  constructor(options: SamplerOptions) {
    this.#options = { intervalMs: 5000, ...options };
    this.#at = options.clock.monotonic();
  }

  /** Samples until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs } = this.#options;
    this.#delay.enable();
    try {
      await this.sample();
      while (!signal.aborted) {
        await clock.sleep(intervalMs, signal);
        await this.sample();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#delay.disable();
    }
  }

  /** Undefined before the first. */
  get latest(): SystemSample | undefined {
    return this.#samples.at(-1);
  }

  /** Samples of the last `window` seconds, oldest first. */
  history(window: number): SystemSample[] {
    const since = this.#options.clock.now() - window * 1000;
    return this.#samples.filter(({ at }) => Date.parse(at) > since);
  }

  async sample(): Promise<SystemSample> {
    const { clock, intervalMs, folder } = this.#options;
    const [at, cpu] = [clock.monotonic(), process.cpuUsage()];
    const elapsed = at - this.#at;
    const used = (cpu.user - this.#cpu.user + cpu.system - this.#cpu.system) / 1000;
    this.#at = at;
    this.#cpu = cpu;
    const late = this.#delay.percentile(99) / 1e6 - resolutionMs;
    this.#delay.reset();
    const sample = {
      at: new Date(clock.now()).toISOString(),
      cpu: elapsed > 0 ? used / elapsed : 0,
      rss: process.memoryUsage.rss(),
      event_loop_delay_p99_ms: Math.max(0, late),
      disk_free: await this.#freeSpace(folder),
      load: loadavg()[0] ?? 0,
    };
    this.#samples.push(sample);
    if (this.#samples.length > historyMs / intervalMs) this.#samples.shift();
    return sample;
  }

  async #freeSpace(folder: string): Promise<number> {
    try {
      return await freeSpace(folder);
    } catch (error) {
      // A drive that was taken away has no space; the rest of the sample is as true as ever.
      this.#options.logger.warn({ folder, error }, 'the free space of a folder could not be read');
      return 0;
    }
  }
}

/** Bytes that this user may still write to the disk of the folder. */
export async function freeSpace(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
