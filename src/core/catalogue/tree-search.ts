/**
 * Searching snapshots by walking their trees.
 *
 * Vocabulary: a *barren* tree holds nothing that the query wants, at any depth; a *fruitful* one does. Both are so for a
 * state of the path (path-patterns.ts): the same tree can be barren in one place and fruitful in another.
 *
 * Invariants: a barren tree is read once, however many snapshots share it; fruitful ones are remembered until `nodesKept`
 * entries, or `contentKept` bytes of what their files consist of, are held; further ones are read anew. Of trees that were read
 * and not yet asked for, only so many bytes are held (trees-ahead.ts), however large folders are. Results come in the order of
 * the trees, a folder before what it holds. A tree that cannot be read is handed on, with its path, for each snapshot that
 * needs it, and the search goes on.
 */
import { Failure } from '../../shared/errors.ts';
import { damaged } from '../repository/damage.ts';
import type { Repository } from '../repository/repository.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { decodeTree, type TreeNode } from '../repository/tree.ts';
import { IdSet } from './id-set.ts';
import type { PathState } from './path-patterns.ts';
import { readTreeBlobs, treeSize } from './tree-blobs.ts';
import { scanTree } from './tree-scan.ts';
import { mostBytes, TreesAhead } from './trees-ahead.ts';

/** What is looked for. */
export interface NodeQuery {
  /** State of a snapshot's root. */
  readonly root: PathState;
  /** State of a name (byte string) in a folder. */
  step(state: PathState, name: string): PathState;
  /** Whether a tree may hold something although none of its names match. `text`: its blob, one character a byte. */
  mayHold?(text: string): boolean;
  /** `state`: that of the node's own path. */
  accepts(node: TreeNode, state: PathState): boolean;
}

/** `path` is absolute in the snapshot, raw bytes; `parentTree` is the id of the tree that lists the node. */
export type Found =
  | { readonly path: Buffer; readonly node: TreeNode; readonly parentTree: string; readonly failure?: undefined }
  | { readonly path: Buffer; readonly node?: undefined; readonly parentTree: string; readonly failure: Failure };

/** Whether a folder of the snapshot may hold something, at any depth. `path`: absolute, byte string. */
export type MayHoldBelow = (path: string) => boolean;

const nodesKept = 20_000;
const contentKept = 4 * 1024 * 1024;
/** Trees read in one go, and the bytes of their blobs, of which a single one may have more. */
const batchSize = 192;
const batchBytes = mostBytes / 2;

interface Entry {
  readonly name: string;
  /** Set where the query accepts it. */
  readonly node: TreeNode | undefined;
  /** Set for a folder that must be entered. */
  readonly subtree: string | undefined;
  readonly state: PathState;
  /** Why it cannot be used, for an entry that the tree has but the decoder refuses. */
  readonly fault?: Failure;
}

interface Level {
  readonly id: string;
  readonly state: PathState;
  readonly entries: readonly Entry[];
  /** Byte string, without a slash at the end. */
  readonly path: string;
  next: number;
  fruitful: boolean;
}

export class TreeSearch {
  readonly #query: NodeQuery;
  readonly #signal: AbortSignal | undefined;
  readonly #repository: Repository;
  readonly #ahead = new TreesAhead();
  /** By number of the state. */
  readonly #barren: IdSet[] = [];
  readonly #fruitful = new Map<string, readonly Entry[]>();
  #nodesHeld = 0;
  #contentHeld = 0;

  /** Needs the index. */
  constructor(repository: Repository, query: NodeQuery, signal?: AbortSignal) {
    this.#query = query;
    this.#signal = signal;
    this.#repository = repository;
  }

  /** Rejects with the signal's reason, and with what the storage reports. */
  async *inSnapshot({ snapshot }: StoredSnapshot, mayHoldBelow: MayHoldBelow = () => true): AsyncGenerator<Found> {
    const levels: Level[] = [];
    yield* this.#enter(levels, snapshot.tree, this.#query.root, '');
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      const entry = level.entries[level.next];
      if (entry === undefined) {
        this.#leave(levels);
        continue;
      }
      level.next += 1;
      if (entry.node !== undefined || entry.fault !== undefined) {
        level.fruitful = true;
        const path = Buffer.from(`${level.path}/${entry.name}`, 'latin1');
        if (entry.node !== undefined) yield { path, node: entry.node, parentTree: level.id };
        else if (entry.fault !== undefined) yield { path, failure: entry.fault, parentTree: level.id };
      }
      if (entry.subtree === undefined || this.#isBarren(entry.subtree, entry.state)) continue;
      const path = `${level.path}/${entry.name}`;
      if (!mayHoldBelow(path)) continue;
      if (!this.#ahead.has(entry.subtree) && !this.#fruitful.has(keyOf(entry.subtree, entry.state))) await this.#readNext(levels, mayHoldBelow);
      yield* this.#enter(levels, entry.subtree, entry.state, path);
    }
  }

  async *#enter(levels: Level[], id: string, state: PathState, path: string): AsyncGenerator<Found> {
    const entries = await this.#entriesOf(id, state);
    if (!(entries instanceof Failure)) {
      levels.push({ id, state, entries, path, next: 0, fruitful: false });
      return;
    }
    for (const level of levels) level.fruitful = true;
    yield { path: Buffer.from(path === '' ? '/' : path, 'latin1'), failure: entries, parentTree: id };
  }

  /** Everything in the innermost folder has been seen. */
  #leave(levels: Level[]): void {
    const level = levels.pop();
    const above = levels.at(-1);
    if (level === undefined) return;
    if (level.fruitful && above !== undefined) above.fruitful = true;
    if (level.state.number < 0) return;
    if (level.fruitful) this.#keep(level);
    else (this.#barren[level.state.number] ??= new IdSet()).add(Buffer.from(level.id, 'hex'));
  }

  /** The next snapshot has most fruitful folders as they are. */
  #keep({ id, state, entries }: Level): void {
    const key = keyOf(id, state);
    const content = entries.reduce((sum, { node }) => sum + (node?.content?.length ?? 0), 0);
    if (this.#nodesHeld + entries.length > nodesKept || this.#contentHeld + content > contentKept || this.#fruitful.has(key)) return;
    this.#nodesHeld += entries.length;
    this.#contentHeld += content;
    this.#fruitful.set(key, entries);
  }

  #isBarren(id: string, state: PathState): boolean {
    return state.number >= 0 && this.#barren[state.number]?.has(Buffer.from(id, 'hex')) === true;
  }

  async #entriesOf(id: string, state: PathState): Promise<readonly Entry[] | Failure> {
    const known = this.#fruitful.get(keyOf(id, state));
    if (known !== undefined) return known;
    try {
      this.#signal?.throwIfAborted();
      const blob = this.#ahead.take(id) ?? (await readTreeBlobs(this.#repository, [id], this.#signal)).get(id);
      if (blob === undefined || blob instanceof Failure) return blob ?? damaged(`Tree ${id} is missing`);
      return this.#scanned(blob, state) ?? this.#decoded(id, blob, state);
    } catch (error) {
      if (error instanceof Failure && error.code === 'DAMAGED') return error;
      throw error;
    }
  }

  /** The subfolders to enter, where that is all; undefined where the tree must be decoded. */
  #scanned(blob: Buffer, state: PathState): Entry[] | undefined {
    if (state.matched) return undefined;
    const text = blob.toString('latin1');
    if (this.#query.mayHold?.(text) === true) return undefined;
    const scanned = scanTree(text);
    if (scanned === undefined) return undefined;
    const entries: Entry[] = [];
    for (const { name, subtree } of scanned) {
      const reached = this.#query.step(state, name);
      if (reached.matched) return undefined;
      if (subtree !== undefined && !reached.dead) entries.push({ name, node: undefined, subtree, state: reached });
    }
    return entries;
  }

  #decoded(id: string, blob: Buffer, state: PathState): Entry[] {
    const { nodes, refused } = decodeTree(blob);
    const entries: Entry[] = [];
    for (const node of nodes) {
      const name = node.name.toString('latin1');
      const reached = this.#query.step(state, name);
      const accepted = this.#query.accepts(node, reached);
      const subtree = node.type === 'dir' && node.subtree !== null && !reached.dead ? node.subtree.toString('hex') : undefined;
      if (!accepted && subtree === undefined) continue;
      entries.push({ name, node: accepted ? node : undefined, subtree, state: reached });
    }
    for (const { nameText, fault } of refused) {
      const name = Buffer.from(nameText).toString('latin1');
      const reached = this.#query.step(state, name);
      if (reached.matched) entries.push({ name, node: undefined, subtree: undefined, state: reached, fault: damaged(`"${nameText}" in tree ${id} cannot be used: ${fault}`) });
    }
    return entries;
  }

  /** Reads the tree that is entered now, and those that follow it in order. */
  async #readNext(levels: readonly Level[], mayHoldBelow: MayHoldBelow): Promise<void> {
    const wanted = new Set<string>();
    let bytes = 0;
    for (const id of this.#following(levels, mayHoldBelow)) {
      if (wanted.has(id)) continue;
      bytes += treeSize(this.#repository, id);
      if (wanted.size > 0 && bytes > batchBytes) break;
      wanted.add(id);
      if (wanted.size === batchSize) break;
    }
    this.#ahead.add([...wanted], await readTreeBlobs(this.#repository, wanted, this.#signal));
  }

  /** Trees that the walk will need, from the one that is entered now on. */
  *#following(levels: readonly Level[], mayHoldBelow: MayHoldBelow): Generator<string> {
    for (let i = levels.length - 1; i >= 0; i -= 1) {
      const { entries, next, path } = levels[i] as Level;
      for (let at = i === levels.length - 1 ? next - 1 : next; at < entries.length; at += 1) {
        const { name, subtree, state } = entries[at] as Entry;
        if (subtree === undefined || this.#ahead.has(subtree) || this.#isBarren(subtree, state) || this.#fruitful.has(keyOf(subtree, state))) continue;
        if (mayHoldBelow(`${path}/${name}`)) yield subtree;
      }
    }
  }
}

/** Of what is remembered: the state where several folders can share it. */
function keyOf(id: string, state: PathState): string {
  return `${state.number}:${id}`;
}
