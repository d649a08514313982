/**
 * How fast work goes and how long it still takes.
 *
 * Vocabulary: the *recent* speed is that of the last ten seconds, the *overall* one that since the start. The time left is a
 * range: at the faster and at the slower of the two.
 */
const windowLength = 10_000;
/** Milliseconds before which speeds mean nothing. */
const settled = 1000;

export interface TimeLeft {
  readonly seconds_remaining: number;
  readonly seconds_remaining_low: number;
  readonly seconds_remaining_high: number;
}

/** For so many bytes at two speeds; undefined where nothing moves. */
export function timeLeft(bytes: number, recent: number, overall: number): TimeLeft | undefined {
  const fast = Math.max(recent, overall);
  const slow = Math.min(recent, overall);
  if (slow <= 0) return undefined;
  const left = Math.max(0, bytes);
  return { seconds_remaining: left / ((fast + slow) / 2), seconds_remaining_low: left / fast, seconds_remaining_high: left / slow };
}

interface Moment {
  /** Milliseconds of a monotonic clock. */
  readonly at: number;
  readonly bytes: number;
}

/** The newest of what `note` was told, and of the last ten seconds. */
export class Pace {
  readonly #start: number;
  readonly #moments: Moment[];

  constructor(now: number) {
    this.#start = now;
    this.#moments = [{ at: now, bytes: 0 }];
  }

  /** `bytes`: in all, up to now. */
  note(at: number, bytes: number): void {
    this.#moments.push({ at, bytes });
    while (this.#moments.length > 2 && at - (this.#moments[0]?.at ?? at) > windowLength) this.#moments.shift();
  }

  /** Bytes a second. */
  get recent(): number {
    return speed(this.#moments[0], this.#moments.at(-1));
  }

  get overall(): number {
    return speed({ at: this.#start, bytes: 0 }, this.#moments.at(-1));
  }

  /** Undefined until there is something to judge by. */
  timeLeft(bytes: number): TimeLeft | undefined {
    const elapsed = (this.#moments.at(-1)?.at ?? this.#start) - this.#start;
    return elapsed < settled ? undefined : timeLeft(bytes, this.recent, this.overall);
  }
}

function speed(from: Moment | undefined, to: Moment | undefined): number {
  return from === undefined || to === undefined || to.at <= from.at ? 0 : ((to.bytes - from.bytes) / (to.at - from.at)) * 1000;
}
