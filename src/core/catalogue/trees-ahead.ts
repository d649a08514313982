/**
 * Blobs of trees that were read and not yet asked for.
 *
 * Invariant: at most `mostBytes` of them, or a single one that has more, and `mostTrees` in number; what will be asked for
 * last gives way first. Folders are walked depth first, so that is what was read the longest ago.
 */
import type { Failure } from '../../shared/errors.ts';

export const mostBytes = 16 * 1024 * 1024;
const mostTrees = 768;

export class TreesAhead {
  /** What will be asked for last comes first. */
  readonly #blobs = new Map<string, Buffer | Failure>();
  #bytes = 0;

  /** Of plaintext. */
  get bytes(): number {
    return this.#bytes;
  }

  has(id: string): boolean {
    return this.#blobs.has(id);
  }

  /** `ids`: in the order in which they will be asked for. */
  add(ids: readonly string[], blobs: ReadonlyMap<string, Buffer | Failure>): void {
    for (const id of ids.toReversed()) {
      const blob = blobs.get(id);
      if (blob === undefined) continue;
      this.take(id);
      this.#blobs.set(id, blob);
      this.#bytes += sizeOf(blob);
    }
    for (const id of this.#blobs.keys()) {
      if ((this.#bytes <= mostBytes && this.#blobs.size <= mostTrees) || this.#blobs.size === 1) break;
      this.take(id);
    }
  }

  take(id: string): Buffer | Failure | undefined {
    const blob = this.#blobs.get(id);
    if (blob === undefined) return undefined;
    this.#blobs.delete(id);
    this.#bytes -= sizeOf(blob);
    return blob;
  }
}

function sizeOf(blob: Buffer | Failure): number {
  return Buffer.isBuffer(blob) ? blob.length : 0;
}
