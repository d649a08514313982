/**
 * From the start of a process to its end.
 *
 * Vocabulary: a process is *ended by force* in two steps: terminated after a while, killed after another one. It *hangs* when
 * nothing was heard of it for `hangLimit` while somebody waits for it.
 * Invariant: nothing is done to a process that is gone.
 */
import type { Clock } from '../../core/platform/clock.ts';
import type { WorkerProcess } from './worker-port.ts';

/** Milliseconds. */
export const hangLimit = 30_000;
const watchInterval = 5000;

/** Milliseconds from when a process is asked to end, or given up. */
export interface ForceTimes {
  readonly terminateAfter: number;
  readonly killAfter: number;
}

export class ProcessLife {
  readonly #process: Pick<WorkerProcess, 'terminate' | 'kill'>;
  readonly #clock: Clock;
  readonly #times: ForceTimes;
  readonly #gone = new AbortController();
  #heardAt: number;

  constructor(process: Pick<WorkerProcess, 'terminate' | 'kill'>, clock: Clock, times: ForceTimes) {
    this.#process = process;
    this.#clock = clock;
    this.#times = times;
    this.#heardAt = clock.monotonic();
  }

  get isGone(): boolean {
    return this.#gone.signal.aborted;
  }

  /** To be told by whoever hears of the exit. */
  ended(): void {
    this.#gone.abort();
  }

  heard(): void {
    this.#heardAt = this.#clock.monotonic();
  }

  /** Calls `onHang` once it hangs. */
  async watch(isAwaited: () => boolean, onHang: () => void): Promise<void> {
    await this.#while(async (sleep) => {
      for (;;) {
        const before = this.#clock.monotonic();
        await sleep(watchInterval);
        const now = this.#clock.monotonic();
        // Who was late here was this process, or the whole computer slept: that says nothing about the other one.
        if (now - before > hangLimit / 2) this.#heardAt = now;
        if (now - this.#heardAt < hangLimit || !isAwaited()) continue;
        onHang();
        return;
      }
    });
  }

  /** `patiently`: it was asked to end, and gets the time to do so. */
  async endByForce(patiently: boolean): Promise<void> {
    const { terminateAfter, killAfter } = this.#times;
    await this.#while(async (sleep) => {
      if (patiently) await sleep(terminateAfter);
      this.#process.terminate();
      await sleep(killAfter - terminateAfter);
      this.#process.kill();
    });
  }

  /** Work that ends with the process, at a pause of its own. */
  async #while(work: (sleep: (ms: number) => Promise<void>) => Promise<void>): Promise<void> {
    const { signal } = this.#gone;
    try {
      await work((ms) => this.#clock.sleep(ms, signal));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
