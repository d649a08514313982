/**
 * A set of tree ids in little memory: 27 to 53 bytes for each, however many there are.
 *
 * Invariant: an id stands for itself by its first 16 bytes; that two trees share them takes 2^64 attempts to bring about.
 */
const wordsOfId = 4;
const firstCapacity = 1 << 10;
const fullest = 0.6;

export class IdSet {
  #slots = new Uint32Array(firstCapacity * wordsOfId);
  #size = 0;

  /** `id`: at least 16 bytes. */
  has(id: Buffer): boolean {
    const slot = this.#find(this.#slots, id.readUInt32LE(0), id.readUInt32LE(4), id.readUInt32LE(8), id.readUInt32LE(12));
    return slot.taken;
  }

  add(id: Buffer): void {
    const words = [id.readUInt32LE(0), id.readUInt32LE(4), id.readUInt32LE(8), id.readUInt32LE(12)] as const;
    const { at, taken } = this.#find(this.#slots, ...words);
    if (taken) return;
    this.#slots.set(words, at);
    this.#size += 1;
    if (this.#size > (this.#slots.length / wordsOfId) * fullest) this.#grow();
  }

  /** The place of an id; an empty one is all zero, and so is no id that SHA-256 makes. */
  #find(slots: Uint32Array, first: number, second: number, third: number, fourth: number): { readonly at: number; readonly taken: boolean } {
    const mask = slots.length / wordsOfId - 1;
    for (let slot = first & mask; ; slot = (slot + 1) & mask) {
      const at = slot * wordsOfId;
      const present = slots[at];
      if (present === first && slots[at + 1] === second && slots[at + 2] === third && slots[at + 3] === fourth) return { at, taken: true };
      if (present === 0 && slots[at + 1] === 0 && slots[at + 2] === 0 && slots[at + 3] === 0) return { at, taken: false };
    }
  }

  #grow(): void {
    const old = this.#slots;
    const grown = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += wordsOfId) {
      const words = [old[at] ?? 0, old[at + 1] ?? 0, old[at + 2] ?? 0, old[at + 3] ?? 0] as const;
      if (words.some((word) => word !== 0)) grown.set(words, this.#find(grown, ...words).at);
    }
    this.#slots = grown;
  }
}
