/** Ranges of objects, the same rules for every adapter. */
import { StorageError } from './object-store.ts';
import type { ByteRange } from './object-store.ts';

/** The range as numbers within an object of `size` bytes; kind `range` where it leaves the object. */
export function exactRange(range: ByteRange | undefined, size: number): { readonly offset: number; readonly length: number } {
  const { offset, length } = checkedRange(range);
  if (offset > size || (length !== undefined && offset + length > size)) {
    throw new StorageError('range', `bytes ${offset} to ${length === undefined ? 'the end' : offset + length} leave an object of ${size} bytes`);
  }
  return { offset, length: length ?? size - offset };
}

/** Refuses numbers that are no range of anything. */
export function checkedRange(range: ByteRange | undefined): { readonly offset: number; readonly length: number | undefined } {
  const offset = range?.offset ?? 0;
  const length = range?.length;
  if (!Number.isSafeInteger(offset) || offset < 0 || (length !== undefined && (!Number.isSafeInteger(length) || length < 0))) {
    throw new StorageError('range', 'offset and length of a range are whole numbers from 0');
  }
  return { offset, length };
}

/** A view of the range of an object that is in memory; kind `range` where it leaves the object. */
export function sliceOf(bytes: Buffer, range: ByteRange | undefined): Buffer {
  const { offset, length } = exactRange(range, bytes.length);
  return bytes.subarray(offset, offset + length);
}
