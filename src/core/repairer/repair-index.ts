/**
 * Makes the index agree with the packs that are there: damaged index files are replaced, packs that are gone are
 * forgotten, packs that no index lists are read and listed, and packs of another size than listed are read anew.
 *
 * Invariants: packs are only read; an index file is removed only after what it lists is in new ones that were read back;
 * a pack is forgotten only after the storage said of this pack itself that it is not there.
 */
import { Failure } from '../../shared/errors.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import type { Repository } from '../repository/repository.ts';
import { exists, RepositoryLists, unreliable } from '../pruner/listings.ts';
import { PackTable } from '../pruner/pack-table.ts';
import { Progress, type PhaseProgress } from '../pruner/progress.ts';
import { assertRemovalsAllowed } from '../pruner/remove-objects.ts';
import { rewriteIndex } from '../pruner/rewrite-index.ts';
import { storageFailure } from '../storage/storage-failure.ts';
import { readPackHeader } from './read-pack-header.ts';

export interface RepairIndexOptions {
  /** Believe no index file: read the header of every pack. */
  readonly readAllPacks?: boolean;
}

/** Something that was wrong, and what becomes of it. `name`: of the index file or pack. */
export interface IndexFinding {
  readonly kind: 'damaged-index' | 'missing-pack' | 'unlisted-pack' | 'wrong-size' | 'unreadable-pack';
  readonly name: string;
  /** Of a damaged index file and of an unreadable pack. */
  readonly why?: string;
}

export interface RepairPorts<Phase extends string> {
  /** Settles when the exclusive lock is sure; awaited before anything is written or removed. */
  readonly locked: Promise<void>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PhaseProgress<Phase>) => void;
}

export type RepairIndexPhase = 'index' | 'packs' | 'headers' | 'rewrite-index';

export interface RepairIndexPorts extends RepairPorts<RepairIndexPhase> {
  readonly onFinding?: (finding: IndexFinding) => void;
}

export interface RepairIndexReport {
  /** Numbers of findings. */
  readonly damagedIndexes: number;
  readonly missingPacks: number;
  readonly unlistedPacks: number;
  readonly wrongSizes: number;
  readonly unreadablePacks: number;
  readonly packsRead: number;
  readonly indexesWritten: number;
  readonly indexesRemoved: number;
}

/** Loads the index itself, under the caller's exclusive lock; the loaded index is out of date afterwards. Failures: STORAGE_…, INTERRUPTED, REPOSITORY_LOCKED. */
export async function repairIndex(repository: Repository, options: RepairIndexOptions, ports: RepairIndexPorts): Promise<RepairIndexReport> {
  try {
    return await new IndexRepair(repository, options, ports).run();
  } catch (error) {
    throw repairFailure(error, repository, ports.signal);
  }
}

export function repairFailure(error: unknown, repository: Repository, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted !== true) return storageFailure(error, repository.store.location);
  if (signal.reason instanceof Failure) return signal.reason;
  return new Failure('INTERRUPTED', { what: 'The repair was interrupted', safe: 'Nothing that can be read was removed', next: 'Run the same command again' }, { cause: error });
}

interface PackFile {
  readonly name: string;
  readonly size: number;
}

class IndexRepair {
  readonly #repository: Repository;
  readonly #options: RepairIndexOptions;
  readonly #ports: RepairIndexPorts;
  readonly #progress: Progress<RepairIndexPhase>;
  readonly #counts: Record<IndexFinding['kind'], number> = { 'damaged-index': 0, 'missing-pack': 0, 'unlisted-pack': 0, 'wrong-size': 0, 'unreadable-pack': 0 };

  constructor(repository: Repository, options: RepairIndexOptions, ports: RepairIndexPorts) {
    this.#repository = repository;
    this.#options = options;
    this.#ports = ports;
    this.#progress = new Progress(repository.clock, ports.onProgress);
  }

  async run(): Promise<RepairIndexReport> {
    const { signal } = this.#ports;
    this.#progress.enter('index');
    const lists = await RepositoryLists.read(this.#repository, signal);
    const { index, damaged } = await this.#load(lists);
    this.#progress.enter('packs');
    const table = new PackTable(index.packUsage());
    const toRead = await this.#listPacks(table);
    const missing = await this.#missingPacks(table);
    this.#progress.enter('headers', toRead.length);
    const added = this.#repository.addon.createIndex();
    const dropped = [...missing, ...toRead.map(({ name }) => Buffer.from(name, 'hex'))];
    await mapConcurrently(toRead, this.#repository.store.connections, (pack) => this.#read(pack, added), signal);
    const all = this.#options.readAllPacks === true;
    const isRight = dropped.length === 0 && damaged.length === 0 && !all;
    const rewritten = isRight ? { written: 0, removed: 0 } : await this.#rewrite(lists, { index, dropped, damaged, added });
    return {
      damagedIndexes: this.#counts['damaged-index'],
      missingPacks: this.#counts['missing-pack'],
      unlistedPacks: this.#counts['unlisted-pack'],
      wrongSizes: this.#counts['wrong-size'],
      unreadablePacks: this.#counts['unreadable-pack'],
      packsRead: toRead.length,
      indexesWritten: rewritten.written,
      indexesRemoved: rewritten.removed,
    };
  }

  /** The index files' content; nothing of it where all packs are to be read. */
  async #load(lists: RepositoryLists): Promise<{ readonly index: Repository['index']; readonly damaged: readonly string[] }> {
    if (this.#options.readAllPacks === true) return { index: this.#repository.addon.createIndex(), damaged: [...lists.indexes] };
    const { damaged } = await this.#repository.loadIndex(this.#ports.signal, { tolerateDamage: true });
    for (const { name, failure } of damaged) this.#find({ kind: 'damaged-index', name, why: failure.text.what });
    return { index: this.#repository.index, damaged: damaged.map(({ name }) => name) };
  }

  /** The packs whose header is needed. */
  async #listPacks(table: PackTable): Promise<PackFile[]> {
    const toRead: PackFile[] = [];
    for await (const { name, size } of this.#repository.store.list('data', this.#ports.signal)) {
      const pack = table.find(Buffer.from(name, 'hex'));
      pack?.list(size);
      if (pack?.size === size) continue;
      if (this.#options.readAllPacks !== true) this.#find({ kind: pack === undefined ? 'unlisted-pack' : 'wrong-size', name });
      toRead.push({ name, size });
    }
    return toRead;
  }

  async #missingPacks(table: PackTable): Promise<Buffer[]> {
    const missing = Array.from(table.rows()).filter(({ isListed }) => !isListed);
    const look = async ({ id, name }: { readonly id: Buffer; readonly name: string }): Promise<Buffer> => {
      if (await exists(this.#repository, { type: 'data', name }, this.#ports.signal)) throw unreliable(`Pack ${name} is there, but the storage ${this.#repository.store.location} does not list it`);
      this.#find({ kind: 'missing-pack', name });
      return id;
    };
    return mapConcurrently(missing, this.#repository.store.connections, look, this.#ports.signal);
  }

  async #read(pack: PackFile, added: Repository['index']): Promise<void> {
    const records = await readPackHeader(this.#repository, pack, this.#ports.signal);
    if (typeof records === 'string') this.#find({ kind: 'unreadable-pack', name: pack.name, why: records });
    else added.addPack(Buffer.from(pack.name, 'hex'), records);
    this.#progress.add(1);
  }

  async #rewrite(lists: RepositoryLists, change: { readonly index: Repository['index']; readonly dropped: readonly Buffer[]; readonly damaged: readonly string[]; readonly added: Repository['index'] }): Promise<{ readonly written: number; readonly removed: number }> {
    const { signal } = this.#ports;
    await this.#ports.locked;
    await assertRemovalsAllowed(this.#repository, signal);
    const files = [...lists.indexes].filter((name) => !change.damaged.includes(name));
    this.#progress.enter('rewrite-index', files.length);
    return await rewriteIndex(
      this.#repository,
      { index: change.index, files, obsolete: change.damaged, dropped: change.dropped, added: change.added },
      { signal, onFile: () => this.#progress.add(1), beforeRemoval: (written) => lists.confirm(this.#repository, written, signal), onRemoved: () => undefined },
    );
  }

  #find(finding: IndexFinding): void {
    this.#counts[finding.kind] += 1;
    this.#ports.onFinding?.(finding);
  }
}
