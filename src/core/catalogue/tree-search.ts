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
import type { TreeNode } from '../repository/tree.ts';
import { IdSet } from './id-set.ts';
import type { PathState } from './path-patterns.ts';
import { TreeBlobs, treeSize } from './tree-blobs.ts';
import { entriesOf, type Entry, type NodeQuery } from './tree-entries.ts';
import { mostBytes, TreesAhead, type TreeAhead } from './trees-ahead.ts';

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
const batchBytes = mostBytes / 4;

/** A tree that the walk will need, where it will need it. */
interface Wanted {
  readonly key: string;
  readonly id: string;
  readonly state: PathState;
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
  readonly #blobs: TreeBlobs;
  readonly #ahead = new TreesAhead<readonly Entry[] | Failure>();
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
    this.#blobs = new TreeBlobs(repository, signal);
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
      const key = keyOf(entry.subtree, entry.state, path);
      if (this.#ahead.get(key) === undefined && !this.#fruitful.has(key)) await this.#readNext(levels, mayHoldBelow);
      yield* this.#enter(levels, entry.subtree, entry.state, path);
    }
  }

  async *#enter(levels: Level[], id: string, state: PathState, path: string): AsyncGenerator<Found> {
    const entries = await this.#entriesOf({ key: keyOf(id, state, path), id, state });
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
  #keep({ id, state, entries, path }: Level): void {
    const key = keyOf(id, state, path);
    const content = entries.reduce((sum, { node }) => sum + (node?.content?.length ?? 0), 0);
    if (this.#nodesHeld + entries.length > nodesKept || this.#contentHeld + content > contentKept || this.#fruitful.has(key)) return;
    this.#nodesHeld += entries.length;
    this.#contentHeld += content;
    this.#fruitful.set(key, entries);
  }

  #isBarren(id: string, state: PathState): boolean {
    return state.number >= 0 && this.#barren[state.number]?.has(Buffer.from(id, 'hex')) === true;
  }

  async #entriesOf(wanted: Wanted): Promise<readonly Entry[] | Failure> {
    const known = this.#fruitful.get(wanted.key) ?? this.#ahead.take(wanted.key);
    if (known !== undefined) return known;
    this.#signal?.throwIfAborted();
    const [read] = await this.#read([wanted]);
    return read?.content ?? damaged(`Tree ${wanted.id} is missing`);
  }

  /** In the order of `wanted`. */
  async #read(wanted: readonly Wanted[]): Promise<TreeAhead<readonly Entry[] | Failure>[]> {
    const byId = Map.groupBy(wanted, ({ id }) => id);
    const read = new Map<string, TreeAhead<readonly Entry[] | Failure>>();
    await this.#blobs.each(byId.keys(), (id, blob) => {
      for (const { key, state } of byId.get(id) ?? []) {
        if (Buffer.isBuffer(blob)) read.set(key, { key, bytes: blob.length, content: entriesOf(this.#query, id, blob, state) });
        else read.set(key, { key, bytes: 0, content: blob });
      }
    });
    return wanted.flatMap(({ key }) => read.get(key) ?? []);
  }

  /** Reads the tree that is entered now and those that follow it in order, down to what the read ones name in turn, until enough lie ahead. */
  async #readNext(levels: readonly Level[], mayHoldBelow: MayHoldBelow): Promise<void> {
    do {
      const batch: Wanted[] = [];
      let { bytes } = this.#ahead;
      for (const wanted of this.#following(levels, mayHoldBelow)) {
        bytes += treeSize(this.#repository, wanted.id);
        if (batch.length > 0 && bytes > batchBytes) break;
        batch.push(wanted);
        if (batch.length === batchSize) break;
      }
      if (batch.length === 0) return;
      this.#ahead.add(await this.#read(batch));
    } while (this.#ahead.size < batchSize && this.#ahead.bytes < batchBytes / 2);
  }

  /** Trees that the walk will need and that were not read yet, from the one that is entered now on, each once. */
  *#following(levels: readonly Level[], mayHoldBelow: MayHoldBelow): Generator<Wanted> {
    const seen = new Set<string>();
    for (let i = levels.length - 1; i >= 0; i -= 1) {
      const { entries, next, path } = levels[i] as Level;
      yield* this.#unread(entries, i === levels.length - 1 ? next - 1 : next, path, seen, mayHoldBelow);
    }
  }

  *#unread(entries: readonly Entry[], first: number, path: string, seen: Set<string>, mayHoldBelow: MayHoldBelow): Generator<Wanted> {
    for (let at = first; at < entries.length; at += 1) {
      const { name, subtree, state } = entries[at] as Entry;
      if (subtree === undefined) continue;
      const below = `${path}/${name}`;
      const key = keyOf(subtree, state, below);
      if (seen.has(key) || this.#isBarren(subtree, state) || this.#fruitful.has(key) || !mayHoldBelow(below)) continue;
      seen.add(key);
      const read = this.#ahead.get(key);
      if (read === undefined) yield { key, id: subtree, state };
      else if (!(read instanceof Failure)) yield* this.#unread(read, 0, below, seen, mayHoldBelow);
    }
  }
}

/** The same for folders that have the same in them: where their state can be shared, wherever they are. */
function keyOf(id: string, state: PathState, path: string): string {
  return state.number < 0 ? `${id}:${path}` : `${id}:${state.number}`;
}
