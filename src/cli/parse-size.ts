/** Sizes as restic takes them: `100`, `10k`, `1.5M`, `2GiB`; units are powers of 1024, in either case. */
import { InvalidArgumentError } from 'commander';

const powers: Readonly<Record<string, number>> = { '': 0, b: 0, k: 1, m: 2, g: 3, t: 4 };

/** Bytes. Throws commander's `InvalidArgumentError`. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text.trim());
  const power = match?.[2] === undefined ? undefined : powers[match[2].toLowerCase()];
  const bytes = match === null || power === undefined ? Number.NaN : Math.floor(Number(match[1]) * 1024 ** power);
  if (!Number.isSafeInteger(bytes)) throw new InvalidArgumentError('A size such as 500K, 10M or 2G is expected.');
  return bytes;
}
