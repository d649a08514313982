/**
 * A set of SHA-256 digests, or of what is as random, in 16 bytes a place: for the many files of a repository, where a set
 * of texts would take ten times as much.
 */
const words = 4;
const smallest = 1024;

export class DigestSet {
  #table = new Uint32Array(smallest * words);
  #count = 0;

  get size(): number {
    return this.#count;
  }

  /** False where it is in the set. Takes the first 16 bytes, of which the all-zero ones stand for a free place. */
  add(digest: Buffer): boolean {
    const key = Uint32Array.of(digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12) | 1);
    if ((this.#count + 1) * 4 > (this.#table.length / words) * 3) this.#grow();
    const added = insert(this.#table, key);
    if (added) this.#count += 1;
    return added;
  }

  #grow(): void {
    const larger = new Uint32Array(this.#table.length * 2);
    for (let at = 0; at < this.#table.length; at += words) {
      const key = this.#table.subarray(at, at + words);
      if (key[3] !== 0) insert(larger, key);
    }
    this.#table = larger;
  }
}

function insert(table: Uint32Array, key: Uint32Array): boolean {
  const places = table.length / words;
  for (let place = (key[0] ?? 0) % places; ; place = (place + 1) % places) {
    const at = place * words;
    if (table[at + 3] === 0) {
      table.set(key, at);
      return true;
    }
    if (table[at] === key[0] && table[at + 1] === key[1] && table[at + 2] === key[2] && table[at + 3] === key[3]) return false;
  }
}
