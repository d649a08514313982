/**
 * Restoring a snapshot, or a part of it, into a folder.
 *
 * The way: choose entries from the trees (walk) · look at what the target has (target-scan) · check free space · make
 * folders · fetch ranges of packs and write files (write-plan, file-writer, rescue) · links and special files · delete ·
 * verify · metadata of folders last.
 *
 * Invariants: the repository is only read; nothing outside the target is touched, whatever names and links the snapshot
 * or the target hold (the addon's restore root); a file has its final name only with its whole, verified content; what
 * cannot be restored is named and does not stop the rest.
 */
import { Failure } from '../../shared/errors.ts';
import type { RestoreRoot } from '../native/addon.ts';
import type { Repository } from '../repository/repository.ts';
import type { TreeNode } from '../repository/tree.ts';
import { storageFailure } from '../storage/storage-failure.ts';
import { compareFiles } from './compare-files.ts';
import { deleteUnknown } from './delete-unknown.ts';
import { kinds, states } from './entry-table.ts';
import type { EntryTable } from './entry-table.ts';
import { FileWriter } from './file-writer.ts';
import type { FileWriterPorts, PlannedFiles } from './file-writer.ts';
import { findPath } from './find-path.ts';
import type { RestoreAction, RestoreOptions, RestorePorts, RestoreSummary } from './options.ts';
import { ownershipRule } from './ownership.ts';
import { Problems, codeOf } from './problems.ts';
import { RestoreCounts } from './progress.ts';
import { Selection } from './selection.ts';
import { targetTooSmall, targetUnusable } from './target-failures.ts';
import { scanTarget } from './target-scan.ts';
import type { TargetScan } from './target-scan.ts';
import { TargetWriter } from './target-writer.ts';
import { TreeReader } from '../repository/tree-reader.ts';
import { walk } from './walk.ts';
import type { WalkResult } from './walk.ts';
import { WritePlan } from './write-plan.ts';

/** What the chunker makes of long runs of zeros. Such blobs need neither fetching nor space: they become holes. */
const zeroChunkSize = 512 * 1024;

/**
 * Loads the index and restores. Resolves also when single items failed: then `errors` is not 0, and `incompleteFailure`
 * makes the failure to end with. Throws `PATH_NOT_FOUND`, `TARGET_FULL`, `TARGET_FAILED`, `USAGE`, `INTERRUPTED` and
 * what the storage says.
 */
export async function restore(repository: Repository, options: RestoreOptions, ports: RestorePorts): Promise<RestoreSummary> {
  const signal = ports.signal ?? new AbortController().signal;
  const run = new RestoreRun(repository, options, ports, signal);
  try {
    return await run.run();
  } catch (error) {
    if (!signal.aborted) throw storageFailure(error, repository.store.location);
    if (signal.reason instanceof Failure) throw signal.reason;
    throw new Failure(
      'INTERRUPTED',
      { what: 'The restore was interrupted', safe: 'Files restored so far are complete; what was half-written was removed', next: 'Run the same restore again: it continues with what is missing' },
      { cause: error },
    );
  } finally {
    await run.close();
  }
}

class RestoreRun {
  readonly #repository: Repository;
  readonly #options: RestoreOptions;
  readonly #ports: RestorePorts;
  readonly #signal: AbortSignal;
  readonly #selection: Selection;
  readonly #problems: Problems;
  readonly #counts: RestoreCounts;
  #root: RestoreRoot | undefined;

  constructor(repository: Repository, options: RestoreOptions, ports: RestorePorts, signal: AbortSignal) {
    this.#repository = repository;
    this.#options = options;
    this.#ports = ports;
    this.#signal = signal;
    this.#selection = new Selection(options.includes, options.excludes);
    this.#problems = new Problems(ports.onError);
    this.#counts = new RestoreCounts(ports.clock, this.#problems, ports.onProgress);
  }

  async run(): Promise<RestoreSummary> {
    this.#refuseToEmptyRoot();
    this.#counts.enter('scan');
    const report = await this.#repository.loadIndex(this.#signal, { tolerateDamage: true });
    for (const { name } of report.damaged) this.#ports.logger?.warn({ index: name }, 'a damaged index was left out; files that need it will be named');
    const walked = await this.#walk();
    const { table } = walked;
    const existed = await this.#openTarget();
    this.#counts.enter('compare');
    const scan = await scanTarget(table, existed ? this.#root : undefined, this.#options.overwrite, this.#problems, this.#signal);
    await this.#compareExisting(table, scan);
    this.#countTotals(table);
    this.#announce(table, scan);
    if (this.#options.dryRun) await this.#pretend(walked, scan);
    else await this.#carryOut(walked, scan);
    this.#counts.tell(true);
    return this.#counts.summary();
  }

  async close(): Promise<void> {
    await this.#root?.close();
  }

  #refuseToEmptyRoot(): void {
    const { target } = this.#options;
    if (!this.#options.delete || !this.#selection.isEverything || !/^([A-Za-z]:)?[\\/]+$/.test(target.toString('latin1'))) return;
    throw new Failure('USAGE', { what: 'Deleting in the root folder of this system would remove all that the snapshot does not have', safe: 'Nothing was changed', next: 'Combine --delete with --include or --exclude, or choose another --target' });
  }

  async #walk(): Promise<WalkResult> {
    const trees = new TreeReader(this.#repository, this.#signal);
    const rootTree = Buffer.from(this.#options.snapshot.snapshot.tree, 'hex');
    const found = await findPath(rootTree, this.#options.subpath ?? Buffer.alloc(0), (id) => trees.read(id));
    const start: Buffer | TreeNode = found.kind === 'root' ? found.tree : (found.node.subtree ?? found.node);
    return walk(start, { trees, index: this.#repository.index, selection: this.#selection, problems: this.#problems, signal: this.#signal });
  }

  /** False where there is no target yet; a dry run then makes none. */
  async #openTarget(): Promise<boolean> {
    const { addon } = this.#repository;
    const { target, dryRun } = this.#options;
    try {
      const existed = await addon.statPath(target, { xattrs: false }).then(
        () => true,
        (error: unknown) => {
          if (codeOf(error) === 'ENOENT') return false;
          throw error;
        },
      );
      if (existed || !dryRun) this.#root = await addon.openRestoreRoot(target);
      return existed;
    } catch (error) {
      throw targetUnusable(target, error);
    }
  }

  async #compareExisting(table: EntryTable, scan: TargetScan): Promise<void> {
    if (this.#root === undefined || scan.toCompare.length === 0) return;
    await compareFiles(scan.toCompare, { table, root: this.#root, index: this.#repository.index, signal: this.#signal }, (entry, difference) => {
      if (difference === undefined) table.setState(entry, states.same);
      this.#counts.tell();
    });
  }

  #countTotals(table: EntryTable): void {
    for (let entry = 0; entry < table.count; entry += 1) {
      if (table.kind(entry) !== kinds.file) continue;
      const state = table.state(entry);
      this.#counts.totalFiles += 1;
      this.#counts.totalBytes += table.size(entry);
      if (state !== states.same && state !== states.skipped) continue;
      this.#counts.filesSkipped += 1;
      this.#counts.bytesSkipped += table.size(entry);
    }
  }

  #announce(table: EntryTable, scan: TargetScan): void {
    const { onAction } = this.#ports;
    if (onAction === undefined) return;
    for (let entry = 0; entry < table.count; entry += 1) {
      const action = actionOf(table, entry, scan);
      if (action !== undefined) onAction({ action, item: table.path(entry), size: table.size(entry) });
    }
  }

  async #pretend(walked: WalkResult, scan: TargetScan): Promise<void> {
    const { table } = walked;
    for (let entry = 0; entry < table.count; entry += 1) {
      const state = table.state(entry);
      if (table.kind(entry) === kinds.dir || (state !== states.pending && state !== states.linked)) continue;
      this.#counts.countRestored(table.kind(entry) === kinds.file);
      if (state === states.pending) this.#counts.bytesRestored += table.size(entry);
    }
    if (this.#root !== undefined) await this.#delete(walked, scan, this.#root);
  }

  async #carryOut(walked: WalkResult, scan: TargetScan): Promise<void> {
    const { table } = walked;
    const root = this.#root as RestoreRoot;
    const ownership = ownershipRule();
    const ports: FileWriterPorts = {
      repository: this.#repository,
      root,
      table,
      problems: this.#problems,
      counts: this.#counts,
      owner: (entry) => ownership(table.uid(entry)),
      signal: this.#signal,
    };
    const planned = this.#plan(table);
    await this.#checkSpace(planned.bytes - scan.reclaimed);
    this.#counts.enter('write');
    const target = new TargetWriter(ports);
    await target.removeObstacles(scan.obstacles);
    await target.makeFolders();
    const writer = new FileWriter(ports, planned);
    await writer.run();
    this.#counts.enter('finish');
    await target.makeOthers(scan);
    await this.#delete(walked, scan, root);
    if (this.#options.verify) await this.#verify(table, root);
    await target.setMetadata();
  }

  /** `bytes`: what the files to be written will take on disk. */
  #plan(table: EntryTable): PlannedFiles & { readonly bytes: number } {
    const { index, addon } = this.#repository;
    const zeroChunk = addon.sha256(Buffer.alloc(zeroChunkSize));
    const plan = new WritePlan(index);
    const writes = new Uint32Array(table.count);
    const holes = new Map<number, number>();
    let bytes = 0;
    for (let entry = 0; entry < table.count; entry += 1) {
      if (table.kind(entry) !== kinds.file || table.state(entry) !== states.pending) continue;
      let hole = 0;
      const content = table.content(entry);
      const isHole = (at: number, length: number): boolean => {
        if (length !== zeroChunkSize || content.compare(zeroChunk, 0, zeroChunk.length, at, at + zeroChunk.length) !== 0) return false;
        hole += zeroChunkSize;
        return true;
      };
      writes[entry] = Math.max(0, plan.addFile(entry, content, isHole));
      if (hole > 0) holes.set(entry, hole);
      bytes += table.size(entry) - hole;
    }
    plan.seal();
    return { plan, writes, holes, bytes };
  }

  async #checkSpace(needed: number): Promise<void> {
    const free = Number(await this.#repository.addon.freeSpace(this.#options.target));
    if (needed > free) throw targetTooSmall(this.#options.target, needed, free);
  }

  async #delete(walked: WalkResult, scan: TargetScan, root: RestoreRoot): Promise<void> {
    // One node that was asked for by its path says nothing about its neighbours.
    if (!this.#options.delete || walked.isSingleNode) return;
    await deleteUnknown({ ...walked, scan, selection: this.#selection, root, counts: this.#counts, problems: this.#problems, dryRun: this.#options.dryRun, signal: this.#signal, onAction: this.#ports.onAction });
  }

  async #verify(table: EntryTable, root: RestoreRoot): Promise<void> {
    this.#counts.enter('verify');
    const files: number[] = [];
    for (let entry = 0; entry < table.count; entry += 1) {
      if (table.kind(entry) === kinds.file && (table.state(entry) === states.done || table.state(entry) === states.same)) files.push(entry);
    }
    await compareFiles(files, { table, root, index: this.#repository.index, signal: this.#signal }, (entry, difference) => {
      if (difference !== undefined) this.#problems.add(table.path(entry), 'verify', `restored, but on reading it again ${difference}`);
      this.#counts.tell();
    });
  }
}

function actionOf(table: EntryTable, entry: number, scan: TargetScan): RestoreAction['action'] | undefined {
  const state = table.state(entry);
  const isFolder = table.kind(entry) === kinds.dir;
  if (state === states.same || (isFolder && scan.existingFolders[entry] === 1)) return 'same';
  if (state === states.skipped) return isFolder ? undefined : 'skip';
  if (state !== states.pending && state !== states.linked) return undefined;
  return scan.replaced.has(entry) ? 'overwrite' : 'create';
}
