/**
 * Parts of objects over HTTP (REST specification, section 4).
 *
 * Invariant: a part is taken only when the server says that it is exactly the part that was asked for.
 */
import { checkedRange } from './byte-range.ts';
import { StorageError } from './object-store.ts';
import type { ByteRange } from './object-store.ts';

export interface PartRequest {
  readonly offset: number;
  /** Undefined: to the end. */
  readonly length: number | undefined;
  /** The whole object, asked for without a `Range` header. */
  readonly whole: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** What of an answer tells which part it is. */
export interface PartAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly length: number | undefined;
}

export function partRequest(range: ByteRange | undefined): PartRequest {
  const { offset, length } = checkedRange(range);
  const whole = offset === 0 && length === undefined;
  const last = length === undefined ? '' : String(offset + length - 1);
  return { offset, length, whole, headers: whole ? {} : { Range: `bytes=${offset}-${last}` } };
}

/**
 * The length of the part that the answer holds, `empty` where a part that starts at the very end was refused as such.
 * Throws kind `range` where the object is shorter than the part, `permanent` where the answer is another part.
 */
export function checkPart(answer: PartAnswer, part: PartRequest): number | 'empty' {
  const range = /^bytes (?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)$/.exec(String(answer.headers['content-range'] ?? ''));
  if (answer.status === 416) {
    if (part.length === undefined && range?.[3] === String(part.offset)) return 'empty';
    throw new StorageError('range', `the object ends before byte ${part.offset}`);
  }
  if (answer.status === 206 && range?.[1] !== undefined && range[2] !== undefined) {
    const first = Number(range[1]);
    const length = Number(range[2]) - first + 1;
    // So rclone answers to a part behind the end.
    if (first === part.offset && length < 0) throw new StorageError('range', `the object ends before byte ${part.offset}`);
    if (first === part.offset && length === answer.length) {
      if (part.length === undefined || part.length === length) return length;
      if (length < part.length) throw new StorageError('range', `the object ends before byte ${part.offset + part.length}`);
    }
  }
  // A server may answer 200 when the part is the whole object.
  if (answer.status === 200 && part.offset === 0 && answer.length !== undefined) {
    if (answer.length === part.length) return answer.length;
    if (part.length !== undefined && answer.length < part.length) throw new StorageError('range', `the object ends before byte ${part.length}`);
  }
  throw new StorageError('permanent', 'the server answered with another part of the object than was asked for');
}
