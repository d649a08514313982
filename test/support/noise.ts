import { createCipheriv, createHash } from 'node:crypto';

/** Bytes that look random and do not compress, the same for the same seed. */
export function noise(length: number, seed: number | string): Buffer {
  const key = createHash('sha256').update(String(seed)).digest().subarray(0, 16);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}
