/**
 * Bodies of objects: the small common ground of adapters and decorators.
 *
 * Vocabulary: a body is *in memory* (it can be sent again) or a *stream* (it can be read once).
 */
import type { ObjectBody } from './object-store.ts';
import { StorageError } from './object-store.ts';

export function isInMemory(body: ObjectBody): body is Uint8Array {
  return body instanceof Uint8Array;
}

/** Length in bytes, or undefined for a stream that did not announce it. */
export function bodyLength(body: ObjectBody): number | undefined {
  return isInMemory(body) ? body.byteLength : body.length;
}

/** Views of `bytes`, each at most `size` long; no byte is copied. */
export function* slicesOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let offset = 0; offset < bytes.byteLength; offset += size) yield bytes.subarray(offset, Math.min(offset + size, bytes.byteLength));
}

/** Passes a stream on and fails with `permanent` when its length is not the announced one. */
export async function* exactly(stream: AsyncIterable<Uint8Array>, length: number | undefined): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const piece of stream) {
    seen += piece.byteLength;
    if (length !== undefined && seen > length) break;
    yield piece;
  }
  if (length !== undefined && seen !== length) {
    throw new StorageError('permanent', `the stream to store is ${seen > length ? 'longer' : 'shorter'} than the announced ${length} bytes`);
  }
}
