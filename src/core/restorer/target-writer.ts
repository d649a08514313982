/**
 * Everything a restore does to the target but the content of files: folders first, then (after the files) links, FIFOs
 * and devices, and metadata last, deepest first.
 *
 * Invariant: every call goes through the addon's root and so stays below the target; one item that fails is named and
 * the rest goes on, except when the target is full.
 */
import type { RestoreFailure, RestoreRoot } from '../native/addon.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import { statTypes } from '../repository/modes.ts';
import { kinds, rootEntry, states } from './entry-table.ts';
import type { EntryTable } from './entry-table.ts';
import { codeOf, messageOf } from './problems.ts';
import type { Problems } from './problems.ts';
import type { RestoreCounts } from './progress.ts';
import { isFull, targetFull } from './target-failures.ts';
import type { TargetScan } from './target-scan.ts';

const batchSize = 1024;
const parallelCalls = 16;

export interface TargetWriterPorts {
  readonly root: RestoreRoot;
  readonly table: EntryTable;
  readonly problems: Problems;
  readonly counts: RestoreCounts;
  readonly owner: (entry: number) => boolean;
  readonly signal: AbortSignal;
}

export class TargetWriter {
  readonly #ports: TargetWriterPorts;

  constructor(ports: TargetWriterPorts) {
    this.#ports = ports;
  }

  /** Removes what stands where a folder is to be, or an empty folder where something else is. */
  async removeObstacles(obstacles: readonly number[]): Promise<void> {
    const { table, root, signal } = this.#ports;
    for (const entry of obstacles) {
      signal.throwIfAborted();
      try {
        await root.remove(table.path(entry));
      } catch (error) {
        this.#fail(entry, 'write', error);
      }
    }
  }

  /** Those that exist too: the addon makes them usable for their owner until their metadata is set. */
  async makeFolders(): Promise<void> {
    const { table, root, signal } = this.#ports;
    for (let entry = 0; entry < table.count; ) {
      signal.throwIfAborted();
      const batch: number[] = [];
      for (; entry < table.count && batch.length < batchSize; entry += 1) {
        this.#inheritFailure(entry);
        if (table.kind(entry) === kinds.dir && table.state(entry) === states.pending) batch.push(entry);
      }
      if (batch.length === 0) continue;
      const paths = batch.map((folder) => table.path(folder));
      this.#failures(await root.makeDirectories(paths), batch, paths, states.failed);
    }
    for (let entry = 0; entry < table.count; entry += 1) this.#inheritFailure(entry);
  }

  /** Second names of files, symbolic links, FIFOs and devices. */
  async makeOthers(scan: TargetScan): Promise<void> {
    const { table, signal } = this.#ports;
    const others = this.#entries((entry) => {
      const state = table.state(entry);
      return state === states.linked || (state === states.pending && table.kind(entry) !== kinds.dir && table.kind(entry) !== kinds.file);
    });
    await mapConcurrently(others, parallelCalls, (entry) => this.#makeOther(entry, scan), signal);
  }

  /** Metadata of files whose content was right already, then of folders, deepest first. */
  async setMetadata(): Promise<void> {
    const { table } = this.#ports;
    await this.#setMetadata(this.#entries((entry) => table.state(entry) === states.same));
    const folders = this.#entries((entry) => table.kind(entry) === kinds.dir && table.state(entry) === states.pending);
    await this.#setMetadata(folders.reverse());
    for (const folder of folders) table.setState(folder, states.done);
  }

  async #setMetadata(entries: readonly number[]): Promise<void> {
    const { table, root, owner, signal } = this.#ports;
    for (let from = 0; from < entries.length; from += batchSize) {
      signal.throwIfAborted();
      const batch = entries.slice(from, from + batchSize);
      const paths = batch.map((entry) => table.path(entry));
      const failures = await root.setMetadata(batch.map((entry, i) => ({ path: paths[i] as Buffer, metadata: table.metadata(entry, owner(entry)) })));
      this.#failures(failures, batch, paths, undefined);
    }
  }

  async #makeOther(entry: number, scan: TargetScan): Promise<void> {
    const { table, root, counts } = this.#ports;
    const path = table.path(entry);
    try {
      if (table.state(entry) === states.linked) {
        if (!(await this.#makeHardLink(entry, path, scan))) return;
      } else {
        if (scan.replaced.has(entry)) await root.remove(path);
        await this.#makeSpecial(entry, path);
      }
      table.setState(entry, states.done);
      counts.countRestored(table.kind(entry) === kinds.file);
      counts.tell();
    } catch (error) {
      if (isFull(codeOf(error))) throw targetFull(path, { cause: error });
      this.#fail(entry, table.state(entry) === states.linked ? 'link' : 'write', error);
    }
  }

  /** False where the first name failed, which was reported. */
  async #makeHardLink(entry: number, path: Buffer, scan: TargetScan): Promise<boolean> {
    const { table, root, problems } = this.#ports;
    const primary = table.primary(entry);
    const primaryPath = table.path(primary);
    if (table.state(primary) === states.failed) {
      table.setState(entry, states.failed);
      problems.add(path, 'link', `it is a further name of "${primaryPath.toString('utf8')}", which was not restored`);
      return false;
    }
    if (scan.replaced.has(entry)) {
      const [there, wanted] = await Promise.all([root.stat(path), root.stat(primaryPath)]);
      if (there !== undefined && wanted !== undefined && there.inode === wanted.inode && there.device === wanted.device) return true;
      await root.remove(path);
    }
    await root.makeHardLink(path, primaryPath);
    return true;
  }

  #makeSpecial(entry: number, path: Buffer): Promise<void> {
    const { table, root, owner } = this.#ports;
    const metadata = table.metadata(entry, owner(entry));
    const kind = table.kind(entry);
    if (kind === kinds.symlink) return root.makeSymlink(path, table.linkTarget(entry), metadata);
    const type = kind === kinds.fifo ? statTypes.fifo : kind === kinds.dev ? statTypes.blockDevice : statTypes.charDevice;
    return root.makeNode(path, type, table.device(entry), metadata);
  }

  /** What lies in a folder that failed fails with it; the folder was named. */
  #inheritFailure(entry: number): void {
    const { table } = this.#ports;
    const parent = table.parent(entry);
    if (parent !== rootEntry && table.state(parent) === states.failed && table.state(entry) !== states.skipped) table.setState(entry, states.failed);
  }

  #entries(wanted: (entry: number) => boolean): number[] {
    const found: number[] = [];
    for (let entry = 0; entry < this.#ports.table.count; entry += 1) if (wanted(entry)) found.push(entry);
    return found;
  }

  #fail(entry: number, during: 'write' | 'link', error: unknown): void {
    const { table, problems } = this.#ports;
    table.setState(entry, states.failed);
    problems.add(table.path(entry), during, messageOf(error));
  }

  /** The addon names failures by path. `state`: what such an entry becomes; its state stays where undefined. */
  #failures(failures: readonly RestoreFailure[], batch: readonly number[], paths: readonly Buffer[], state: number | undefined): void {
    if (failures.length === 0) return;
    const { table, problems } = this.#ports;
    const byPath = new Map(batch.map((entry, i) => [(paths[i] as Buffer).toString('latin1'), entry]));
    for (const failure of failures) {
      if (isFull(failure.code)) throw targetFull(failure.path);
      const entry = byPath.get(failure.path.toString('latin1'));
      if (state !== undefined && entry !== undefined) table.setState(entry, state);
      problems.add(failure.path, failure.during === 'metadata' ? 'metadata' : 'write', failure.message);
    }
  }
}
