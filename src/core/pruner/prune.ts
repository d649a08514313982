/**
 * Removes what no snapshot needs (specification section 17).
 *
 * Steps, each durable before the next begins, so that a prune may be killed anywhere and the next one ends it:
 * 1. packs that no index lists are removed;
 * 2. needed blobs of packs that are to go are copied into new packs, which are read back;
 * 3. new index files list everything but the packs that are to go, and are read back;
 * 4. the index files that they replace are removed;
 * 5. the packs are removed.
 *
 * Invariants: nothing is removed before the lock is sure, all that snapshots need was found, and every pack of the index is in
 * the list of the storage; a list that cannot be believed ends the work (listings.ts).
 */
import { Failure } from '../../shared/errors.ts';
import type { BlobType } from '../native/addon.ts';
import type { BlobRecord } from '../repository/index-writer.ts';
import type { Repository } from '../repository/repository.ts';
import { listSnapshots } from '../repository/snapshots.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { storageFailure } from '../storage/storage-failure.ts';
import { assertSnapshotsComplete, listPacks, RepositoryLists } from './listings.ts';
import { markUsed } from './mark-used.ts';
import type { PruneOptions, PrunePhase, PrunePorts, PruneReport } from './options.ts';
import { PackTable, type PackRow } from './pack-table.ts';
import { PackWriter } from './pack-writer.ts';
import { planPrune, type PrunePlan } from './plan.ts';
import { Progress } from './progress.ts';
import { assertRemovalsAllowed, removeObjects } from './remove-objects.ts';
import { repack } from './repack.ts';
import { rewriteIndex, type RewrittenIndex } from './rewrite-index.ts';

/**
 * Loads the index itself, under the caller's exclusive lock; the loaded index is out of date afterwards. Failures: DAMAGED,
 * STORAGE_…, INTERRUPTED, REPOSITORY_LOCKED, USAGE.
 */
export async function prune(repository: Repository, options: PruneOptions, ports: PrunePorts): Promise<PruneReport> {
  try {
    return await new Prune(repository, options, ports).run();
  } catch (error) {
    if (ports.signal?.aborted !== true) throw storageFailure(error, repository.store.location);
    if (ports.signal.reason instanceof Failure) throw ports.signal.reason;
    throw new Failure('INTERRUPTED', { what: 'The prune was interrupted', safe: 'Nothing that a snapshot needs was removed', next: 'Run the same command again: it ends what was begun' }, { cause: error });
  }
}

class Prune {
  readonly #repository: Repository;
  readonly #options: PruneOptions;
  readonly #ports: PrunePorts;
  readonly #progress: Progress<PrunePhase>;

  constructor(repository: Repository, options: PruneOptions, ports: PrunePorts) {
    this.#repository = repository;
    this.#options = options;
    this.#ports = ports;
    this.#progress = new Progress(repository.clock, ports.onProgress);
  }

  async run(): Promise<PruneReport> {
    const { config } = this.#repository;
    if (config.version === 1 && this.#options.repackUncompressed === true) {
      throw new Failure('USAGE', { what: 'A repository of version 1 cannot hold compressed blobs', safe: 'Nothing was changed', next: 'Leave --repack-uncompressed out' });
    }
    const lists = await this.#load();
    const table = new PackTable(this.#repository.index.packUsage());
    this.#progress.enter('packs');
    const unreferenced = await listPacks(this.#repository, table, this.#ports.signal);
    this.#assertIndexed(table, unreferenced.names.length);
    const plan = planPrune(table, { packs: unreferenced.names.length, bytes: unreferenced.bytes }, this.#options, config.version);
    this.#ports.onPlan?.(plan.figures);
    const nothing = { figures: plan.figures, packsWritten: 0, packsRemoved: 0, indexesWritten: 0, indexesRemoved: 0, packsLeft: [], leftBecause: undefined };
    if (this.#options.dryRun === true) return { ...nothing, dryRun: true };
    if (plan.remove.length + plan.repack.length + unreferenced.names.length === 0) return { ...nothing, dryRun: false };
    return await this.#execute(plan, unreferenced.names, lists);
  }

  /** Marks what is used, and chooses the copies that are kept. */
  async #load(): Promise<RepositoryLists> {
    const { signal } = this.#ports;
    this.#progress.enter('index');
    const lists = await RepositoryLists.read(this.#repository, signal);
    const { files } = await this.#repository.loadIndex(signal);
    if (files !== lists.indexes.size) throw new Failure('STORAGE_FAILED', { what: `The storage listed ${lists.indexes.size} index files, and then ${files}`, safe: 'Nothing was changed', next: 'The lists of this storage cannot be relied on now; try again later' });
    const snapshots = await listSnapshots(this.#repository, signal);
    await assertSnapshotsComplete(this.#repository, snapshots, signal);
    this.#assertSnapshots(snapshots);
    this.#progress.enter('trees');
    const marks = await markUsed(this.#repository, snapshots, { signal, onFound: (count) => this.#progress.expect(count), onRead: (count) => this.#progress.add(count) });
    this.#repository.index.chooseCopies(marks);
    return lists;
  }

  /** No snapshot is what an unreachable folder looks like, too. */
  #assertSnapshots(snapshots: readonly StoredSnapshot[]): void {
    if (snapshots.length > 0 || this.#repository.index.packCount === 0 || this.#options.allowRemoveAll === true) return;
    throw new Failure('USAGE', {
      what: `The storage ${this.#repository.store.location} lists no snapshot, so a prune would remove everything`,
      safe: 'Nothing was changed',
      next: 'If there should be snapshots, bring their folder back. If really nothing is to stay, say so with --unsafe-allow-remove-all',
    });
  }

  /** Packs without any index are what a lost index looks like. */
  #assertIndexed(table: PackTable, packs: number): void {
    if (table.count > 0 || packs === 0 || this.#options.allowRemoveAll === true) return;
    throw new Failure('DAMAGED', {
      what: `The repository has ${packs} packs, and no index that lists any of them`,
      safe: 'Nothing was changed',
      next: 'Run `cyberbackup repair index`, which makes an index from the packs. If really nothing is to stay, say so with --unsafe-allow-remove-all',
    });
  }

  async #execute(plan: PrunePlan, unreferenced: readonly string[], lists: RepositoryLists): Promise<PruneReport> {
    const { signal } = this.#ports;
    await this.#ports.locked;
    await assertRemovalsAllowed(this.#repository, signal);
    await lists.confirm(this.#repository, new Set(), signal);
    const left = new Map<string, string>();
    await this.#removePacks(unreferenced, left);
    const writer = new PackWriter(this.#repository, { packSize: this.#options.packSize, signal });
    const going = [...plan.remove, ...plan.repack];
    const goingIds = Buffer.concat(going.map(({ id }) => id));
    // Blobs that have a copy in a pack that stays need not be copied.
    this.#repository.index.keepOutside(goingIds);
    const ownIndexes = await this.#repack(plan.repack, writer);
    this.#assertNothingLost(goingIds);
    let index: RewrittenIndex = { written: 0, removed: 0 };
    if (going.length > 0) {
      const files = [...lists.indexes, ...ownIndexes];
      this.#progress.enter('rewrite-index', files.length);
      index = await rewriteIndex(this.#repository, { index: this.#repository.index, dropped: going.map(({ id }) => id), files }, {
        signal,
        onFile: () => this.#progress.add(1),
        beforeRemoval: (written) => lists.confirm(this.#repository, new Set([...ownIndexes, ...written]), signal),
        onRemoved: () => undefined,
      });
    }
    await this.#removePacks(going.map(({ name }) => name), left);
    return {
      figures: plan.figures,
      dryRun: false,
      packsWritten: writer.packs,
      packsRemoved: unreferenced.length + going.length - left.size,
      indexesWritten: index.written + ownIndexes.length,
      indexesRemoved: index.removed,
      packsLeft: [...left.keys()],
      leftBecause: left.values().next().value,
    };
  }

  async #repack(packs: readonly PackRow[], writer: PackWriter): Promise<string[]> {
    if (packs.length === 0) return [];
    const { index } = this.#repository;
    const { signal } = this.#ports;
    this.#progress.enter('repack', packs.length);
    try {
      await repack(
        this.#repository,
        packs.map(({ id }) => ({ packId: id, records: () => index.keptRecords(id) })),
        writer,
        {
          signal,
          compresses: (type, uncompressedLength) => this.#compresses(type, uncompressedLength),
          onDamaged: (blob) => this.#anotherCopy(blob),
          onPack: () => this.#progress.add(1),
        },
      );
      return await writer.finish();
    } finally {
      await writer.settled();
    }
  }

  /** What was copied is in the index by now; the last look before anything that was needed goes. */
  #assertNothingLost(going: Buffer): void {
    const lost = this.#repository.index.usedOnlyIn(going);
    if (lost > 0) throw new Failure('INTERNAL', { what: `${lost} needed blobs would have been removed`, safe: 'Nothing that a snapshot needs was removed', next: 'Report this, please, with the output of `cyberbackup check`' });
  }

  #compresses(type: BlobType, uncompressedLength: number): boolean {
    return this.#repository.config.version >= 2 && uncompressedLength === 0 && (type === 'tree' || this.#options.repackUncompressed === true);
  }

  async #anotherCopy({ type, id }: BlobRecord): Promise<Buffer> {
    try {
      return await this.#repository.readBlob(type, id, this.#ports.signal);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
      throw new Failure('DAMAGED', { what: error.text.what, safe: 'Nothing that a snapshot needs was removed', next: 'Run `cyberbackup check --read-data`, then `cyberbackup repair packs` with the packs that it names; then prune again' }, { cause: error });
    }
  }

  async #removePacks(names: readonly string[], left: Map<string, string>): Promise<void> {
    if (names.length === 0) return;
    this.#progress.enter('remove', names.length);
    await removeObjects(this.#repository, {
      type: 'data',
      names,
      signal: this.#ports.signal,
      onRemoved: () => this.#progress.add(1),
      onLeft: (name, error) => void left.set(name, error.message),
    });
  }
}
