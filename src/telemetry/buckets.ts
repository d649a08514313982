/**
 * Log-linear buckets: sixteen to a doubling, so that a quantile is at most 3 % off, whatever the unit.
 *
 * Bucket 0 holds zero and what is below; values from 2^-20 to 2^44 have buckets of their own, others the outermost.
 */
const perDoubling = 16;
const lowest = -20;
const highest = 44;

export function bucketOf(value: number): number {
  if (!(value > 0)) return 0;
  const exponent = Math.min(highest, Math.max(lowest, Math.floor(Math.log2(value))));
  const within = Math.min(perDoubling - 1, Math.max(0, Math.floor((value / 2 ** exponent - 1) * perDoubling)));
  return 1 + (exponent - lowest) * perDoubling + within;
}

/** The middle of the bucket. */
export function bucketValue(bucket: number): number {
  if (bucket === 0) return 0;
  const exponent = Math.floor((bucket - 1) / perDoubling) + lowest;
  const within = (bucket - 1) % perDoubling;
  return 2 ** exponent * (1 + (within + 0.5) / perDoubling);
}
