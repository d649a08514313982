/**
 * Speed and time left, honestly: the speed is the mean of the last ten seconds; the time left is a range between the
 * fastest and the slowest minute of the last five, and hidden until twenty seconds have passed.
 */
interface Sample {
  /** Milliseconds of a monotonic clock. */
  readonly at: number;
  readonly done: number;
}

const speedWindow = 10_000;
const memory = 5 * 60_000;
const quiet = 20_000;
const spacing = 500;

export class RateEstimator {
  readonly #started: number;
  readonly #samples: Sample[] = [];
  #latest: Sample;

  constructor(now: number) {
    this.#started = now;
    this.#latest = { at: now, done: 0 };
    this.#samples.push(this.#latest);
  }

  /** Notes how many bytes are done; never goes back. */
  note(now: number, done: number): void {
    this.#latest = { at: now, done: Math.max(done, this.#latest.done) };
    const last = this.#samples.at(-1);
    if (last === undefined || now - last.at >= spacing) this.#samples.push(this.#latest);
    while (this.#samples.length > 2 && now - (this.#samples[1]?.at ?? now) >= memory) this.#samples.shift();
  }

  /** Bytes a second over the last ten seconds; undefined before half a second has passed. */
  speed(): number | undefined {
    return this.#speedSince(this.#latest.at - speedWindow, this.#latest);
  }

  /** Seconds left at the fastest and at the slowest recent minute. */
  timeLeft(remaining: number): { readonly fastest: number; readonly slowest: number } | undefined {
    if (this.#latest.at - this.#started < quiet) return undefined;
    const speeds: number[] = [];
    for (let end = this.#latest.at; end - this.#started >= 10_000 && speeds.length < 5; end -= 60_000) {
      const at = this.#sampleBefore(end);
      const speed = this.#speedSince(end - 60_000, at);
      if (speed !== undefined && speed > 0) speeds.push(speed);
    }
    if (speeds.length === 0) return undefined;
    return { fastest: remaining / Math.max(...speeds), slowest: remaining / Math.min(...speeds) };
  }

  #speedSince(from: number, end: Sample): number | undefined {
    const begin = this.#sampleBefore(from);
    const elapsed = end.at - begin.at;
    return elapsed < spacing ? undefined : ((end.done - begin.done) * 1000) / elapsed;
  }

  /** The last sample that is not younger than a moment, or the oldest one. */
  #sampleBefore(moment: number): Sample {
    if (moment >= this.#latest.at) return this.#latest;
    return this.#samples.findLast((sample) => sample.at <= moment) ?? this.#samples[0] ?? this.#latest;
  }
}
