/** Trees that are to be read, by the pack that holds them: 48 bytes a tree. */
import { recordSize } from '../native/addon.ts';
import { treeRowSize } from '../native/blob-marks.ts';

export interface TreeBatch {
  readonly packId: Buffer;
  /** Record list, by offset. */
  readonly records: Buffer;
}

class RecordList {
  #bytes = Buffer.allocUnsafe(4 * recordSize);
  #size = 0;

  push(row: Buffer): void {
    if (this.#size === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], 2 * this.#bytes.length);
    this.#bytes.writeUInt32LE(1, this.#size);
    row.copy(this.#bytes, this.#size + 4, 32, treeRowSize);
    this.#size += recordSize;
  }

  sorted(): Buffer {
    const count = this.#size / recordSize;
    const offsetOf = (i: number): number => this.#bytes.readUInt32LE(i * recordSize + 4);
    const order = Uint32Array.from({ length: count }, (_, i) => i).sort((a, b) => offsetOf(a) - offsetOf(b));
    const sorted = Buffer.allocUnsafe(this.#size);
    for (let i = 0; i < count; i += 1) {
      const from = (order[i] as number) * recordSize;
      this.#bytes.copy(sorted, i * recordSize, from, from + recordSize);
    }
    return sorted;
  }
}

export class PendingTrees {
  #packs = new Map<string, RecordList>();

  /** Tree rows (blob-marks.ts). */
  add(rows: Buffer): void {
    for (let at = 0; at < rows.length; at += treeRowSize) {
      const key = rows.toString('latin1', at, at + 32);
      let list = this.#packs.get(key);
      if (list === undefined) this.#packs.set(key, (list = new RecordList()));
      list.push(rows.subarray(at, at + treeRowSize));
    }
  }

  /** Everything that is pending; afterwards nothing is. */
  take(): TreeBatch[] {
    const packs = this.#packs;
    this.#packs = new Map();
    return Array.from(packs, ([key, list]) => ({ packId: Buffer.from(key, 'latin1'), records: list.sorted() }));
  }
}
