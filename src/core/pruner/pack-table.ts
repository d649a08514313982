/**
 * All packs of the index with what is needed of them, 72 bytes a pack: usage rows (blob-marks.ts) whose spare bytes hold
 * what a listing of the storage says.
 */
import { packKinds, usageRowSize } from '../native/blob-marks.ts';

const sizeAt = 64;
const listedAt = 45;

export class PackTable {
  readonly #rows: Buffer;
  readonly count: number;

  /** `rows`: by pack id. */
  constructor(rows: Buffer) {
    this.#rows = rows;
    this.count = rows.length / usageRowSize;
  }

  /** Undefined for a pack that is not in the index. `id`: 32 bytes. */
  find(id: Buffer): PackRow | undefined {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = this.#rows.compare(id, 0, 32, middle * usageRowSize, middle * usageRowSize + 32);
      if (order === 0) return this.row(middle);
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }

  row(number: number): PackRow {
    return new PackRow(this.#rows.subarray(number * usageRowSize, (number + 1) * usageRowSize));
  }

  *rows(): Generator<PackRow> {
    for (let number = 0; number < this.count; number += 1) yield this.row(number);
  }
}

/** One pack: a view of the table. Sizes in bytes. */
export class PackRow {
  readonly #row: Buffer;

  constructor(row: Buffer) {
    this.#row = row;
  }

  get id(): Buffer {
    return this.#row.subarray(0, 32);
  }

  get name(): string {
    return this.id.toString('hex');
  }

  get keptBlobs(): number {
    return this.#row.readUInt32LE(32);
  }

  /** With further copies of kept blobs. */
  get unusedBlobs(): number {
    return this.#row.readUInt32LE(36);
  }

  get duplicateBlobs(): number {
    return this.#row.readUInt32LE(40);
  }

  get keptBytes(): number {
    return this.#row.readUInt32LE(48);
  }

  get unusedBytes(): number {
    return this.#row.readUInt32LE(52);
  }

  get duplicateBytes(): number {
    return this.#row.readUInt32LE(60);
  }

  /** As the file has to be. */
  get size(): number {
    return this.keptBytes + this.unusedBytes + this.#row.readUInt32LE(56);
  }

  get kind(): 'data' | 'tree' | 'mixed' {
    const kinds = this.#row.readUInt8(44) & (packKinds.data | packKinds.tree);
    return kinds === packKinds.data ? 'data' : kinds === packKinds.tree ? 'tree' : 'mixed';
  }

  /** Whether a blob is stored without compression. */
  get hasPlain(): boolean {
    return (this.#row.readUInt8(44) & packKinds.plain) !== 0;
  }

  get isListed(): boolean {
    return this.#row.readUInt8(listedAt) === 1;
  }

  get listedSize(): number {
    return this.#row.readUInt32LE(sizeAt);
  }

  list(size: number): void {
    this.#row.writeUInt8(1, listedAt);
    // No pack is as long as that; whatever is longer differs from `size` all the same.
    this.#row.writeUInt32LE(Math.min(size, 2 ** 32 - 1), sizeAt);
  }
}
