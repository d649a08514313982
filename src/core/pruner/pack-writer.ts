/**
 * Makes new packs of blobs that are sealed already.
 *
 * Vocabulary: an *open* pack takes blobs; it is *closed* when the next one does not fit, and then stored. Data blobs go at
 * random to one of two open packs, which hides the order of chunks from the storage.
 *
 * Invariants: a pack is told to the index only after it was stored, read back, and its header read from what came back; memory
 * does not grow with what is written, except for a blob that is larger than a pack.
 */
import { randomInt } from 'node:crypto';
import { Failure } from '../../shared/errors.ts';
import { recordSize, type BlobType, type KeySet } from '../native/addon.ts';
import { largeBuffer } from '../native/large-buffer.ts';
import { IndexWriter } from '../repository/index-writer.ts';
import type { Repository } from '../repository/repository.ts';

const usualPackSize = 16 * 1024 * 1024;
/** Room for the header of a full pack; a pack of very small blobs is closed early. */
const headerRoom = 64 * 1024;
const headerOverhead = 32 + 4;
const plainEntry = 37;
const longestEntry = 41;
/** Of a pack, for an empty blob: its seal and its entry. */
const smallestShare = 32 + plainEntry;
const openPacks = { data: 2, tree: 1 } as const;
/** Those of blobs of files or of folders that fill, and what is stored meanwhile: one over a network; on a disk storing takes no time to speak of. */
const packsAtMost = { disk: 3, network: 4 } as const;

class OpenPack {
  readonly buffer: Buffer;
  /** As many as there can be in the buffer; those that are not used take no memory, and no object stays for a blob. */
  readonly #records: Buffer;
  #count = 0;
  #used = 0;
  #headerSize = headerOverhead;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
    this.#records = Buffer.allocUnsafeSlow(Math.ceil(buffer.length / smallestShare) * recordSize);
  }

  get records(): Buffer {
    return this.#records.subarray(0, this.#count * recordSize);
  }

  hasRoom(length: number, packSize: number): boolean {
    return this.#used + length <= packSize && this.#used + length + this.#headerSize + longestEntry <= this.buffer.length;
  }

  hasRoomForAll(other: OpenPack, packSize: number): boolean {
    return this.#used + other.#used <= packSize && this.#used + other.#used + this.#headerSize + other.#headerSize <= this.buffer.length;
  }

  /** As `PackWriter.add`. */
  add(records: Buffer, at: number, sealed: Buffer, from: number): void {
    const start = this.#count * recordSize;
    this.#count += 1;
    records.copy(this.#records, start, at, at + recordSize);
    this.#records.writeUInt32LE(this.#used, start + 4);
    const length = records.readUInt32LE(at + 8);
    sealed.copy(this.buffer, this.#used, from, from + length);
    this.#used += length;
    this.#headerSize += records.readUInt32LE(at + 12) === 0 ? plainEntry : longestEntry;
  }

  /** Empties it. */
  clear(): void {
    this.#count = 0;
    this.#used = 0;
    this.#headerSize = headerOverhead;
  }

  addAll(other: OpenPack): void {
    const { records } = other;
    for (let at = 0; at < records.length; at += recordSize) this.add(records, at, other.buffer, records.readUInt32LE(at + 4));
  }

  /** Writes the header; the whole pack. */
  seal(keys: KeySet): Buffer {
    const plain = this.buffer.subarray(this.#used, this.#used + this.#headerSize - headerOverhead);
    let end = 0;
    const { records } = this;
    for (let at = 0; at < records.length; at += recordSize) {
      const uncompressedLength = records.readUInt32LE(at + 12);
      const isPlain = uncompressedLength === 0;
      end = plain.writeUInt8(records.readUInt8(at) + (isPlain ? 0 : 2), end);
      end = plain.writeUInt32LE(records.readUInt32LE(at + 8), end);
      if (!isPlain) end = plain.writeUInt32LE(uncompressedLength, end);
      end += records.copy(plain, end, at + 16, at + recordSize);
    }
    const header = keys.seal(plain);
    header.copy(this.buffer, this.#used);
    this.buffer.writeUInt32LE(header.length, this.#used + header.length);
    return this.buffer.subarray(0, this.#used + header.length + 4);
  }
}

export class PackWriter {
  readonly #repository: Repository;
  readonly #packSize: number;
  readonly #signal: AbortSignal | undefined;
  readonly #index: IndexWriter;
  readonly #open: Record<BlobType, OpenPack[]> = { data: [], tree: [] };
  readonly #idle: OpenPack[] = [];
  #made = 0;
  readonly #storing = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;
  #packs = 0;
  #blobs = 0;

  constructor(repository: Repository, options: { readonly packSize?: number | undefined; readonly signal?: AbortSignal | undefined } = {}) {
    this.#repository = repository;
    this.#packSize = options.packSize ?? usualPackSize;
    this.#signal = options.signal;
    this.#index = new IndexWriter(repository, { moves: true });
  }

  /** Packs stored so far. */
  get packs(): number {
    return this.#packs;
  }

  /** Blobs in them. */
  get blobs(): number {
    return this.#blobs;
  }

  /**
   * Copies a blob into an open pack: `records` has its record at `at`, whose offset does not count, and `sealed` its bytes at
   * `from`. Where there is no memory for it now, resolves when it was copied. Throws or rejects with the first failure of storing
   * a pack. Makes no object for a blob, of which there may be millions.
   */
  add(records: Buffer, at: number, sealed: Buffer, from: number): Promise<void> | undefined {
    if (records.readUInt32LE(at + 8) >= this.#packSize) return this.#storeAlone(records, at, sealed, from);
    return this.#addNow(records, at, sealed, from) ? undefined : this.#addLater(records, at, sealed, from);
  }

  /** Stores all open packs and their index; resolves with the names of all index files of this writer. */
  async finish(): Promise<string[]> {
    const [first, second] = this.#open.data;
    if (first !== undefined && second !== undefined && first.hasRoomForAll(second, this.#packSize)) {
      first.addAll(second);
      this.#open.data.pop();
    }
    for (const type of ['data', 'tree'] as const) for (const pack of this.#open[type].splice(0)) this.#close(pack);
    await this.settled();
    this.#throwFailure();
    return this.#index.flush(this.#signal);
  }

  /** Resolves when nothing is being stored any more, however it ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#storing);
  }

  #addNow(records: Buffer, at: number, sealed: Buffer, from: number): boolean {
    this.#throwFailure();
    const pack = this.#packFor(records[at] === 1 ? 'tree' : 'data', records.readUInt32LE(at + 8));
    pack?.add(records, at, sealed, from);
    return pack !== undefined;
  }

  async #addLater(records: Buffer, at: number, sealed: Buffer, from: number): Promise<void> {
    do await Promise.race(this.#storing);
    while (!this.#addNow(records, at, sealed, from));
  }

  #throwFailure(): void {
    this.#signal?.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #storeAlone(records: Buffer, at: number, sealed: Buffer, from: number): Promise<void> {
    await this.settled();
    this.#throwFailure();
    const pack = new OpenPack(Buffer.allocUnsafeSlow(records.readUInt32LE(at + 8) + headerRoom));
    pack.add(records, at, sealed, from);
    this.#close(pack);
  }

  /** Undefined while there is no memory for another pack: some are being stored then, since fewer may be open. */
  #packFor(type: BlobType, length: number): OpenPack | undefined {
    const open = this.#open[type];
    if (open.length < openPacks[type]) this.#openAnother(open);
    if (open.length === 0) return undefined;
    const index = randomInt(open.length);
    const pack = open[index];
    if (pack === undefined || pack.hasRoom(length, this.#packSize)) return pack;
    open.splice(index, 1);
    this.#close(pack);
    return this.#openAnother(open) ?? this.#packFor(type, length);
  }

  #openAnother(open: OpenPack[]): OpenPack | undefined {
    let pack = this.#idle.pop();
    if (pack === undefined) {
      if (this.#made === packsAtMost[this.#repository.store.batches === undefined ? 'network' : 'disk']) return undefined;
      this.#made += 1;
      pack = new OpenPack(largeBuffer(this.#repository.addon, this.#packSize + headerRoom));
    }
    open.push(pack);
    return pack;
  }

  #close(pack: OpenPack): void {
    const storing = this.#store(pack)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .then(() => void this.#storing.delete(storing));
    this.#storing.add(storing);
  }

  async #store(pack: OpenPack): Promise<void> {
    const { addon, keys, store } = this.#repository;
    const bytes = pack.seal(keys);
    const id = await addon.hash(bytes);
    const handle = { type: 'data', name: id.toString('hex') } as const;
    await store.put(handle, bytes, this.#signal);
    // What came back takes the place of what was sent: from here on only that counts.
    await store.getInto(handle, 0, bytes, this.#signal);
    const { records } = pack;
    if (!(await addon.packIsListed(keys, id, bytes, records))) throw unfaithful(handle.name);
    await this.#index.addPack(id, records, this.#signal);
    this.#packs += 1;
    this.#blobs += records.length / recordSize;
    if (pack.buffer.length !== this.#packSize + headerRoom) return;
    pack.clear();
    this.#idle.push(pack);
  }
}

function unfaithful(name: string): Failure {
  return new Failure('STORAGE_FAILED', {
    what: `Pack ${name} does not come back from the storage as it was stored`,
    safe: 'Nothing that a snapshot needs was removed',
    next: 'Test the memory of both machines and the disk of the storage, and run `cyberbackup check --read-data`',
  });
}
