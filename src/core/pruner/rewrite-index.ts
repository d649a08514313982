/**
 * Replaces the index by one without certain packs.
 *
 * Invariants: an index file is *kept* only if it is full, names no such pack, and no pack that a kept one names already;
 * what the others list is in new files before the first of them is removed; new files are read back from the storage.
 */
import { recordSize } from '../native/addon.ts';
import { indexedPackSize } from '../native/blob-marks.ts';
import type { BlobIndex } from '../native/blob-index.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import { readIndexedPacks, writeIndexFile } from '../repository/index-files.ts';
import { loadNamed } from '../repository/named-objects.ts';
import type { Repository } from '../repository/repository.ts';
import { removeObjects } from './remove-objects.ts';

/** As restic: a file is full at this many blobs. */
const fullAt = 50_000;
/** The text of each may have tens of megabytes. */
const filesAtOnce = 2;

export interface RewritePorts {
  readonly signal?: AbortSignal | undefined;
  /** Index files that were read or written. */
  readonly onFile: () => void;
  /** Called when all new files are durable, before the first old one is removed. */
  readonly beforeRemoval: (written: ReadonlySet<string>) => Promise<void>;
  readonly onRemoved: () => void;
}

export interface RewrittenIndex {
  readonly written: number;
  readonly removed: number;
}

/** What the index files say of the packs: sorted ids, and what is to become of each. */
class IndexedPacks {
  readonly ids: Buffer;
  readonly #states: Uint8Array;

  constructor(ids: Buffer) {
    this.ids = ids;
    this.#states = new Uint8Array(ids.length / 32);
  }

  find(id: Buffer): number {
    let [low, high] = [0, this.#states.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = this.ids.compare(id, 0, 32, middle * 32, middle * 32 + 32);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return -1;
  }

  /** Dropped, or listed in a file that is kept. */
  settle(number: number): void {
    this.#states[number] = 1;
  }

  isSettled(number: number): boolean {
    return this.#states[number] !== 0;
  }

  *unsettled(): Generator<Buffer> {
    for (let number = 0; number < this.#states.length; number += 1) {
      if (!this.isSettled(number)) yield this.ids.subarray(number * 32, number * 32 + 32);
    }
  }
}

export interface IndexChange {
  /** What the index files list that can be read. */
  readonly index: BlobIndex;
  /** Their names. */
  readonly files: readonly string[];
  /** Names of others, which are removed in any case. */
  readonly obsolete?: readonly string[];
  /** Packs to leave out, ids of 32 bytes. */
  readonly dropped: Iterable<Buffer>;
  /** Packs that are listed besides; they may be dropped ones that are described anew. */
  readonly added?: BlobIndex;
}

/** The loaded index stays as it is. */
export async function rewriteIndex(repository: Repository, change: IndexChange, ports: RewritePorts): Promise<RewrittenIndex> {
  const packs = new IndexedPacks(change.index.packIds());
  for (const id of change.dropped) {
    const number = packs.find(id);
    if (number >= 0) packs.settle(number);
  }
  const replaced: string[] = [...(change.obsolete ?? [])];
  const look = async (name: string): Promise<void> => {
    const rows = await readIndexedPacks(repository, name, ports.signal);
    if (!keepsFile(rows, packs)) replaced.push(name);
    ports.onFile();
  };
  await mapConcurrently(change.files, Math.min(repository.store.connections, filesAtOnce), look, ports.signal);
  const written = new Set<string>();
  const write = async (index: BlobIndex, ids: Iterable<Buffer>): Promise<void> => {
    for (const some of fileful(index, ids)) written.add(await writeFile(repository, index, some, ports));
  };
  await write(change.index, packs.unsettled());
  if (change.added !== undefined) await write(change.added, new IndexedPacks(change.added.packIds()).unsettled());
  await ports.beforeRemoval(written);
  await removeObjects(repository, { type: 'index', names: replaced, signal: ports.signal, onRemoved: ports.onRemoved });
  return { written: written.size, removed: replaced.length };
}

/** Settles the packs of a file that is kept. Nothing waits in between, so that two files cannot both claim a pack. */
function keepsFile(rows: Buffer, packs: IndexedPacks): boolean {
  const numbers: number[] = [];
  let blobs = 0;
  for (let at = 0; at < rows.length; at += indexedPackSize) {
    const number = packs.find(rows.subarray(at, at + 32));
    if (number < 0 || packs.isSettled(number) || rows.readUInt32LE(at + 32) === 0) return false;
    numbers.push(number);
    blobs += rows.readUInt32LE(at + 32);
  }
  if (blobs < fullAt || new Set(numbers).size < numbers.length) return false;
  for (const number of numbers) packs.settle(number);
  return true;
}

/** As many ids at a time as one file takes. */
function* fileful(index: BlobIndex, packIds: Iterable<Buffer>): Generator<Buffer> {
  let ids: Buffer[] = [];
  let blobs = 0;
  for (const id of packIds) {
    ids.push(id);
    blobs += index.packRecords(id).length / recordSize;
    if (blobs < fullAt) continue;
    yield Buffer.concat(ids);
    [ids, blobs] = [[], 0];
  }
  if (ids.length > 0) yield Buffer.concat(ids);
}

async function writeFile(repository: Repository, index: BlobIndex, packIds: Buffer, ports: RewritePorts): Promise<string> {
  const name = await writeIndexFile(repository, index, packIds, ports.signal);
  // From the storage itself: a cache would only say what was sent.
  await loadNamed(repository, { type: 'index', name }, ports.signal);
  ports.onFile();
  return name;
}
