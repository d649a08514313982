/**
 * What the target has already, and what is therefore to be done with each entry.
 *
 * Invariants: nothing is changed here; only folders that existed before are listed, so an empty target costs nothing;
 * a folder of the snapshot replaces a link or file in its place, but nothing ever replaces a folder that holds something.
 */
import type { DirectoryEntry, RestoreRoot } from '../native/addon.ts';
import { statTypes } from '../repository/modes.ts';
import { kinds, rootEntry, states } from './entry-table.ts';
import type { EntryTable } from './entry-table.ts';
import type { OverwritePolicy } from './options.ts';
import { messageOf } from './problems.ts';
import type { Problems } from './problems.ts';

export interface TargetScan {
  /** Entries of folders that exist and stay. */
  readonly existingFolders: Uint8Array;
  /** Entries whose place something else takes that is to be removed first: a link for a folder, an empty folder for a file. */
  readonly obstacles: readonly number[];
  /** Files of equal size whose bytes decide whether they are written. */
  readonly toCompare: readonly number[];
  /** Bytes on disk of what will be replaced. */
  readonly reclaimed: number;
  /** Entries with something of theirs in the target, to be replaced. */
  readonly replaced: ReadonlySet<number>;
}

const nothingThere: ReadonlyMap<string, DirectoryEntry> = new Map();
const typeMask = 0o170000;
const typeOf = (found: DirectoryEntry): number => found.mode & typeMask;

/** Sets the state of every entry that is still `chosen`. `root` is undefined where the target does not exist. */
export async function scanTarget(table: EntryTable, root: RestoreRoot | undefined, policy: OverwritePolicy, problems: Problems, signal?: AbortSignal): Promise<TargetScan> {
  const scanner = new TargetScanner(table, policy, problems);
  for (let from = 0; from < table.count; ) {
    signal?.throwIfAborted();
    const parent = table.parent(from);
    let to = from + 1;
    while (to < table.count && table.parent(to) === parent) to += 1;
    const isThere = root !== undefined && (parent === rootEntry || scanner.existingFolders[parent] === 1);
    const found = isThere ? await scanner.list(root, parent) : nothingThere;
    for (let entry = from; entry < to; entry += 1) {
      if (found === undefined) table.setState(entry, states.failed);
      else scanner.decide(entry, found.get(table.name(entry).toString('latin1')));
    }
    from = to;
  }
  if (root !== undefined) await scanner.decideOverFolders(root);
  return scanner;
}

class TargetScanner implements TargetScan {
  readonly existingFolders: Uint8Array;
  readonly obstacles: number[] = [];
  readonly toCompare: number[] = [];
  readonly replaced = new Set<number>();
  reclaimed = 0;
  readonly #table: EntryTable;
  readonly #policy: OverwritePolicy;
  readonly #problems: Problems;
  readonly #primaries = new Map<string, number[]>();
  readonly #overFolders: number[] = [];

  constructor(table: EntryTable, policy: OverwritePolicy, problems: Problems) {
    this.#table = table;
    this.#policy = policy;
    this.#problems = problems;
    this.existingFolders = new Uint8Array(table.count);
  }

  /** By name as Latin-1 text; undefined where it cannot be known what would be overwritten, which was reported. */
  async list(root: RestoreRoot, folder: number): Promise<ReadonlyMap<string, DirectoryEntry> | undefined> {
    try {
      const found = await root.list(this.#table.path(folder));
      return new Map(found.map((item) => [item.name.toString('latin1'), item]));
    } catch (error) {
      const path = this.#table.path(folder);
      this.#problems.add(path.length === 0 ? Buffer.from('/') : path, 'write', `the folder in the target cannot be listed, so nothing in it was restored: ${messageOf(error)}`);
      return undefined;
    }
  }

  decide(entry: number, found: DirectoryEntry | undefined): void {
    const table = this.#table;
    const parent = table.parent(entry);
    if (parent !== rootEntry && table.state(parent) === states.failed && table.state(entry) !== states.skipped) table.setState(entry, states.failed);
    if (table.state(entry) !== states.chosen) return;
    table.setState(entry, states.pending);
    if (table.kind(entry) === kinds.dir) this.#decideFolder(entry, found);
    else this.#decideLeaf(entry, found);
  }

  #decideFolder(entry: number, found: DirectoryEntry | undefined): void {
    if (found === undefined) return;
    if (typeOf(found) === statTypes.directory) {
      this.existingFolders[entry] = 1;
    } else if (this.#policy === 'never' || (this.#policy === 'if-newer' && found.mtimeNs >= this.#table.mtime(entry))) {
      this.#table.setState(entry, states.failed);
      this.#problems.add(this.#table.path(entry), 'write', 'something that is no folder stands in its place and is to be kept; nothing in this folder was restored');
    } else {
      this.obstacles.push(entry);
    }
  }

  #decideLeaf(entry: number, found: DirectoryEntry | undefined): void {
    const table = this.#table;
    if (found !== undefined && this.#isKept(entry, found)) {
      table.setState(entry, states.skipped);
      return;
    }
    const primary = this.#primaryOf(entry);
    if (primary !== entry) {
      table.setState(entry, states.linked);
      table.setPrimary(entry, primary);
    }
    if (found === undefined) return;
    this.replaced.add(entry);
    if (typeOf(found) === statTypes.directory) {
      this.#overFolders.push(entry);
      return;
    }
    if (primary !== entry) return;
    if (table.kind(entry) === kinds.file && typeOf(found) === statTypes.file && BigInt(table.size(entry)) === found.size) this.#decideByContent(entry, found);
    if (table.state(entry) === states.pending) this.reclaimed += Number(found.blocks) * 512;
  }

  #isKept(entry: number, found: DirectoryEntry): boolean {
    return this.#policy === 'never' || (this.#policy === 'if-newer' && found.mtimeNs >= this.#table.mtime(entry));
  }

  // A file with a further name may be known outside the target: it gets a new inode rather than new metadata.
  #decideByContent(entry: number, found: DirectoryEntry): void {
    if (found.links > 1n) return;
    if (found.size === 0n || (this.#policy === 'if-changed' && found.mtimeNs === this.#table.mtime(entry))) this.#table.setState(entry, states.same);
    else this.toCompare.push(entry);
  }

  /** Entries that are no folders and find one in their place. */
  async decideOverFolders(root: RestoreRoot): Promise<void> {
    for (const entry of this.#overFolders) {
      const path = this.#table.path(entry);
      if ((await root.list(path)).length === 0) {
        this.obstacles.push(entry);
        continue;
      }
      this.#table.setState(entry, states.failed);
      this.#problems.add(path, 'write', 'a folder that is not empty stands in its place; move it away and restore again');
    }
  }

  /** The first entry of the same file with the same content: it may have changed between the readings of its names. */
  #primaryOf(entry: number): number {
    const key = this.#table.linkKey(entry);
    if (key === undefined) return entry;
    const firsts = this.#primaries.get(key);
    if (firsts === undefined) {
      this.#primaries.set(key, [entry]);
      return entry;
    }
    const content = this.#table.content(entry);
    const first = firsts.find((candidate) => this.#table.content(candidate).equals(content));
    if (first === undefined) firsts.push(entry);
    return first ?? entry;
  }
}
