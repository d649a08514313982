/**
 * The chunker as the specification (section 15) says it, byte by byte: for tests only.
 *
 * Digests have 53 bits; they are kept as two numbers, the lower 32 bits and those above.
 */
const smallest = 524_288;
const largest = 8_388_608;
const window = 64;
const degree = 53n;

function modulo(value: bigint, polynomial: bigint): bigint {
  let rest = value;
  for (let shift = BigInt(rest.toString(2).length) - 1n - degree; shift >= 0n; shift -= 1n) {
    if (((rest >> (shift + degree)) & 1n) === 1n) rest ^= polynomial << shift;
  }
  return rest;
}

interface Halves {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

function table(entry: (b: bigint) => bigint): Halves {
  const low = new Int32Array(256);
  const high = new Int32Array(256);
  for (let b = 0; b < 256; b += 1) {
    const value = entry(BigInt(b));
    low[b] = Number(BigInt.asIntN(32, value));
    high[b] = Number(BigInt.asIntN(32, value >> 32n));
  }
  return { low, high };
}

export interface ReferenceChunk {
  readonly length: number;
  /** Digest at the cut. */
  readonly digest: bigint;
}

export function referenceCut(data: Uint8Array, polynomial: bigint): ReferenceChunk[] {
  const out = table((b) => modulo(b << 504n, polynomial));
  const reduce = table((b) => modulo(b << degree, polynomial) ^ (b << degree));
  const chunks: ReferenceChunk[] = [];
  for (let start = 0; start < data.length; ) {
    const ring = new Uint8Array(window);
    let position = 0;
    let low = 0;
    let high = 0;
    const step = (b: number): void => {
      const leaving = ring[position] ?? 0;
      ring[position] = b;
      position = (position + 1) % window;
      low ^= out.low[leaving] ?? 0;
      high ^= out.high[leaving] ?? 0;
      const top = (high >>> 13) & 0xff;
      high = ((high << 8) | (low >>> 24)) ^ (reduce.high[top] ?? 0);
      low = ((low << 8) | b) ^ (reduce.low[top] ?? 0);
    };
    step(1);
    let length = Math.min(smallest - window, data.length - start);
    while (start + length < data.length) {
      step(data[start + length] ?? 0);
      length += 1;
      if (length >= smallest && ((low & 0xfffff) === 0 || length >= largest)) break;
    }
    chunks.push({ length, digest: (BigInt(high) << 32n) | BigInt(low >>> 0) });
    start += length;
  }
  return chunks;
}
