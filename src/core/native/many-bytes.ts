/** Many byte strings that the addon gives as one: a buffer with memory of its own for each would cost more than what is in it. */

export interface ManyBytes {
  /** One after another. */
  readonly bytes: Buffer;
  /** An entry each; -1 where there is none. */
  readonly sizes: Float64Array;
}

/** A view of each; undefined where there is none. */
export function piecesOf({ bytes, sizes }: ManyBytes): (Buffer | undefined)[] {
  let at = 0;
  return Array.from(sizes, (size) => {
    if (size < 0) return undefined;
    at += size;
    return bytes.subarray(at - size, at);
  });
}
