/**
 * Brings what is intact of damaged packs into new ones, and takes the damaged ones away.
 *
 * Invariants: before anything is changed a copy of each pack, as it is, is in the caller's hands; a pack is removed only
 * after what was saved of it is in new packs that were read back, and no index lists it any more.
 */
import { Failure } from '../../shared/errors.ts';
import { Progress } from '../pruner/progress.ts';
import { PackWriter } from '../pruner/pack-writer.ts';
import { RepositoryLists } from '../pruner/listings.ts';
import { assertRemovalsAllowed, removeObjects } from '../pruner/remove-objects.ts';
import { repack, type BlobsOfPack } from '../pruner/repack.ts';
import { rewriteIndex } from '../pruner/rewrite-index.ts';
import type { BlobType } from '../native/addon.ts';
import type { BlobRecord } from '../repository/index-writer.ts';
import type { Repository } from '../repository/repository.ts';
import { readPackHeader } from './read-pack-header.ts';
import { repairFailure, type RepairPorts } from './repair-index.ts';

export type RepairPacksPhase = 'copy' | 'salvage' | 'rewrite-index' | 'remove';

export interface RepairPacksPorts extends RepairPorts<RepairPacksPhase> {
  /** Keeps a copy of a pack as it is stored; resolves when that is durable. */
  readonly keepCopy: (name: string, body: AsyncIterable<Buffer>) => Promise<void>;
}

export interface LostBlob {
  readonly type: BlobType;
  readonly id: string;
}

export interface RepairPacksReport {
  /** Names in full. */
  readonly packs: readonly string[];
  /** Packs of which neither an index nor a header tells what is in them: nothing could be saved. */
  readonly unreadable: readonly string[];
  readonly blobsSaved: number;
  /** Blobs of which no intact copy is left. */
  readonly lost: readonly LostBlob[];
  /** Packs that could not be removed; the next prune does that. */
  readonly packsLeft: readonly string[];
}

/**
 * `wanted`: beginnings of the names of packs. Loads the index itself, under the caller's exclusive lock; the loaded index is out of
 * date afterwards. Failures: USAGE, DAMAGED (an index file), STORAGE_…, INTERRUPTED, REPOSITORY_LOCKED, and what `keepCopy` throws.
 */
export async function repairPacks(repository: Repository, wanted: readonly string[], ports: RepairPacksPorts): Promise<RepairPacksReport> {
  try {
    return await new PackRepair(repository, ports).run(wanted);
  } catch (error) {
    throw repairFailure(error, repository, ports.signal);
  }
}

interface DamagedPack {
  readonly name: string;
  readonly size: number;
}

class PackRepair {
  readonly #repository: Repository;
  readonly #ports: RepairPacksPorts;
  readonly #progress: Progress<RepairPacksPhase>;
  readonly #lost = new Map<string, LostBlob>();
  #names: ReadonlySet<string> = new Set();

  constructor(repository: Repository, ports: RepairPacksPorts) {
    this.#repository = repository;
    this.#ports = ports;
    this.#progress = new Progress(repository.clock, ports.onProgress);
  }

  async run(wanted: readonly string[]): Promise<RepairPacksReport> {
    const { signal } = this.#ports;
    const lists = await RepositoryLists.read(this.#repository, signal);
    await this.#repository.loadIndex(signal);
    const packs = await this.#find(wanted);
    this.#names = new Set(packs.map(({ name }) => name));
    await this.#ports.locked;
    await assertRemovalsAllowed(this.#repository, signal);
    await this.#keepCopies(packs);
    const unreadable: string[] = [];
    const blobs = await this.#blobsOf(packs, unreadable);
    const saved = await this.#salvage(blobs);
    const packsLeft = await this.#replace(packs, lists, saved.indexes);
    return { packs: [...this.#names], unreadable, blobsSaved: saved.blobs, lost: [...this.#lost.values()], packsLeft };
  }

  async #find(wanted: readonly string[]): Promise<DamagedPack[]> {
    const found = new Map<string, DamagedPack[]>(wanted.map((start) => [start, []]));
    for await (const { name, size } of this.#repository.store.list('data', this.#ports.signal)) {
      for (const [start, packs] of found) if (name.startsWith(start)) packs.push({ name, size });
    }
    const packs = new Map<string, DamagedPack>();
    for (const [start, [first, second]] of found) {
      if (first === undefined) throw usage(`No pack's name begins with ${start}`, 'Take the names from `cyberbackup check --read-data`. A pack that is missing altogether is forgotten by `cyberbackup repair index`');
      if (second !== undefined) throw usage(`Several packs' names begin with ${start}`, 'Write more of the name');
      packs.set(first.name, first);
    }
    return [...packs.values()];
  }

  async #keepCopies(packs: readonly DamagedPack[]): Promise<void> {
    this.#progress.enter('copy', packs.length);
    for (const { name } of packs) {
      const { body } = await this.#repository.store.stream({ type: 'data', name }, undefined, this.#ports.signal);
      await this.#ports.keepCopy(name, body);
      this.#progress.add(1);
    }
  }

  async #blobsOf(packs: readonly DamagedPack[], unreadable: string[]): Promise<BlobsOfPack[]> {
    const blobs: BlobsOfPack[] = [];
    for (const pack of packs) {
      const packId = Buffer.from(pack.name, 'hex');
      const listed = this.#repository.index.packRecords(packId);
      const records = listed.length > 0 ? listed : await readPackHeader(this.#repository, pack, this.#ports.signal);
      if (typeof records === 'string') unreadable.push(pack.name);
      else blobs.push({ packId, records: () => records });
    }
    return blobs;
  }

  async #salvage(packs: readonly BlobsOfPack[]): Promise<{ readonly blobs: number; readonly indexes: readonly string[] }> {
    const writer = new PackWriter(this.#repository, { signal: this.#ports.signal });
    this.#progress.enter('salvage', packs.length);
    try {
      const ports = { signal: this.#ports.signal, compresses: () => false, onDamaged: (blob: BlobRecord) => this.#heedDamage(blob), onPack: () => this.#progress.add(1) };
      await repack(this.#repository, packs, writer, ports);
      return { indexes: await writer.finish(), blobs: writer.blobs };
    } finally {
      await writer.settled();
    }
  }

  /** Nothing to store: an intact copy lies in another pack, or there is none. */
  async #heedDamage({ type, id }: BlobRecord): Promise<undefined> {
    const isElsewhere = this.#repository.index.lookup(type, id).some(({ packId }) => !this.#names.has(packId.toString('hex')));
    if (isElsewhere && (await this.#isReadable(type, id))) return undefined;
    const name = id.toString('hex');
    this.#lost.set(`${type} ${name}`, { type, id: name });
    return undefined;
  }

  async #isReadable(type: BlobType, id: Buffer): Promise<boolean> {
    try {
      await this.#repository.readBlob(type, id, this.#ports.signal);
      return true;
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
      return false;
    }
  }

  async #replace(packs: readonly DamagedPack[], lists: RepositoryLists, ownIndexes: readonly string[]): Promise<string[]> {
    const { signal } = this.#ports;
    const files = [...lists.indexes, ...ownIndexes];
    this.#progress.enter('rewrite-index', files.length);
    const dropped = packs.map(({ name }) => Buffer.from(name, 'hex'));
    await rewriteIndex(this.#repository, { index: this.#repository.index, files, dropped }, {
      signal,
      onFile: () => this.#progress.add(1),
      beforeRemoval: (written) => lists.confirm(this.#repository, new Set([...ownIndexes, ...written]), signal),
      onRemoved: () => undefined,
    });
    this.#progress.enter('remove', packs.length);
    const left: string[] = [];
    await removeObjects(this.#repository, { type: 'data', names: packs.map(({ name }) => name), signal, onRemoved: () => this.#progress.add(1), onLeft: (name) => void left.push(name) });
    return left;
  }
}

function usage(what: string, next: string): Failure {
  return new Failure('USAGE', { what, safe: 'Nothing was changed', next });
}
