/**
 * Progress on its way to the agent.
 *
 * Invariants: at most ten updates a second; the newest one is always sent, at the latest a tenth of a second after it
 * came, or by `end`.
 */
import type { Clock } from '../core/platform/clock.ts';
import type { WorkerProgress } from '../shared/worker-protocol.ts';

const interval = 100;

export class ProgressSender {
  readonly #clock: Clock;
  readonly #send: (progress: WorkerProgress) => void;
  readonly #ended = new AbortController();
  #pending: WorkerProgress | undefined;
  #sentAt = Number.NEGATIVE_INFINITY;
  #waiting = false;

  constructor(clock: Clock, send: (progress: WorkerProgress) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  tell(progress: WorkerProgress): void {
    if (this.#ended.signal.aborted) return;
    this.#pending = progress;
    const wait = this.#sentAt + interval - this.#clock.monotonic();
    if (wait <= 0) this.#flush();
    else if (!this.#waiting) void this.#flushAfter(wait);
  }

  /** Sends what waits; nothing follows. */
  end(): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#flush();
  }

  async #flushAfter(wait: number): Promise<void> {
    this.#waiting = true;
    try {
      await this.#clock.sleep(wait, this.#ended.signal);
      this.#flush();
    } catch (error) {
      if (!this.#ended.signal.aborted) throw error;
    } finally {
      this.#waiting = false;
    }
  }

  #flush(): void {
    if (this.#pending === undefined) return;
    this.#sentAt = this.#clock.monotonic();
    this.#send(this.#pending);
    this.#pending = undefined;
  }
}
