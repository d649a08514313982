/** Whether a path exists that a plan wants to see before it runs, even on a network drive that does not answer. */
import { stat } from 'node:fs/promises';
import type { Clock } from '../../core/platform/clock.ts';

const patience = 5000;

export class DrivePresence {
  readonly #clock: Clock;
  /** A question that hangs occupies a thread of Node's pool: it is asked once, however often it matters. */
  readonly #asked = new Map<string, Promise<boolean>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What does not answer within five seconds is not there. */
  async isPresent(path: string): Promise<boolean> {
    const asked = this.#asked.get(path) ?? exists(path).finally(() => this.#asked.delete(path));
    this.#asked.set(path, asked);
    const answered = new AbortController();
    const tooLate = this.#clock.sleep(patience, answered.signal).then(
      () => false,
      () => false,
    );
    const present = await Promise.race([asked, tooLate]);
    answered.abort();
    return present;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    // Whatever the system says against it, nothing can be read there.
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
