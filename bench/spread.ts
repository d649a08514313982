/**
 * The middle of a few measurements and how sure it is. Where each of them is a difference between runs that followed each
 * other, what drifts on the machine cancels out, and a disturbed one moves no median.
 */

export interface Spread {
  readonly median: number;
  /** The middle half of the values. */
  readonly quartiles: readonly [number, number];
  /** Holds the true median in at least 95 of 100 cases, whatever the distribution. */
  readonly confidence: readonly [number, number];
}

/** At least six values: fewer bound no median. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const count = sorted.length;
  if (count < 6) throw new RangeError('at least six values are needed');
  const at = (position: number): number => {
    const low = Math.floor(position);
    const below = sorted[low] ?? 0;
    return below + ((sorted[low + 1] ?? below) - below) * (position - low);
  };
  const outer = orderOfConfidence(count);
  return {
    median: at((count - 1) / 2),
    quartiles: [at((count - 1) / 4), at(((count - 1) * 3) / 4)],
    confidence: [sorted[outer] ?? 0, sorted[count - 1 - outer] ?? 0],
  };
}

/** How many values on each side may be left out: how many lie below the median follows a binomial distribution. */
function orderOfConfidence(count: number): number {
  let chance = 0.5 ** count;
  let tail = 0;
  for (let below = 0; below < count; below++) {
    tail += chance;
    if (tail > 0.025) return Math.max(0, below - 1);
    chance *= (count - below) / (below + 1);
  }
  return 0;
}
