/**
 * From a snapshot's tree to the entries that a restore is about.
 *
 * Vocabulary: a *passage* is a folder that was not chosen itself but may lead to chosen entries.
 * Invariants: no recursion, so the depth of the snapshot does not matter; a tree that cannot be read, a node that
 * cannot be restored and a name that is refused are named, and the rest goes on. Folders that share their subtrees may
 * list exponentially more entries than are stored (whoever holds the key can write that): there are as many as memory
 * holds, and not one more.
 */
import { Failure } from '../../shared/errors.ts';
import type { BlobIndex } from '../native/blob-index.ts';
import type { RefusedNode, Tree, TreeNode } from '../repository/tree.ts';
import { EntryTable, rootEntry, states } from './entry-table.ts';
import type { EntryKind } from './entry-table.ts';
import { refusedName } from './node-name.ts';
import { messageOf } from './problems.ts';
import type { Problems } from './problems.ts';
import { everything } from './selection.ts';
import type { Selection } from './selection.ts';

/** What the walk needs of a `TreeReader`. */
export interface Trees {
  read(id: Buffer): Promise<Tree>;
  prefetch(ids: Iterable<Buffer>): void;
}

export interface WalkResult {
  readonly table: EntryTable;
  /** Folders whose tree could not be read whole; `rootEntry` among them stands for the target. Nothing may be deleted there. */
  readonly incomplete: ReadonlySet<number>;
  /** The walk began at something that is no folder: nothing is known about what is beside it. */
  readonly isSingleNode: boolean;
}

interface Folder {
  readonly entry: number;
  /** As patterns see it: with a leading slash; empty for the root. */
  readonly path: Buffer;
  readonly tree: Buffer;
}

export interface WalkPorts {
  readonly trees: Trees;
  readonly index: BlobIndex;
  readonly selection: Selection;
  readonly problems: Problems;
  readonly signal?: AbortSignal | undefined;
  /** Bytes that all entries may take; the default is half of what is free. */
  readonly memory?: number;
}

/** Beyond this an `EntryTable` has no offsets. */
const mostMemory = 2 ** 32;

/** `start` is a tree (its nodes land in the target) or one node that is not a folder (it alone does). Throws `RESTORE_INCOMPLETE` where the entries exceed memory. */
export async function walk(start: Buffer | TreeNode, ports: WalkPorts): Promise<WalkResult> {
  const walker = new Walker(ports);
  if (!Buffer.isBuffer(start)) {
    walker.addNodes({ entry: rootEntry, path: Buffer.alloc(0), tree: Buffer.alloc(0) }, [start]);
    return walker.result(true);
  }
  const pending: Folder[] = [{ entry: rootEntry, path: Buffer.alloc(0), tree: start }];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    ports.signal?.throwIfAborted();
    const { nodes, refused } = await walker.readTree(folder);
    const subfolders = walker.addNodes(folder, nodes);
    walker.nameRefused(folder, refused);
    for (let i = subfolders.length - 1; i >= 0; i -= 1) pending.push(subfolders[i] as Folder);
    ports.trees.prefetch(fromEnd(pending));
  }
  return walker.result(false);
}

function* fromEnd(pending: readonly Folder[]): Iterable<Buffer> {
  for (let i = pending.length - 1; i >= 0; i -= 1) yield (pending[i] as Folder).tree;
}

class Walker {
  readonly #table = new EntryTable();
  readonly #incomplete = new Set<number>();
  readonly #ports: WalkPorts;
  readonly #memory: number;

  constructor(ports: WalkPorts) {
    this.#ports = ports;
    this.#memory = ports.memory ?? Math.min(mostMemory, process.availableMemory() / 2);
  }

  result(isSingleNode: boolean): WalkResult {
    settlePassages(this.#table);
    return { table: this.#table, incomplete: this.#incomplete, isSingleNode };
  }

  async readTree(folder: Folder): Promise<Tree> {
    try {
      return await this.#ports.trees.read(folder.tree);
    } catch (error) {
      this.#ports.signal?.throwIfAborted();
      this.#refuse(folder.entry, folder.path, 'tree', `the list of this folder cannot be read, so nothing in it was restored: ${messageOf(error)}`);
      return { nodes: [], refused: [] };
    }
  }

  /** What the patterns do not choose is nobody's loss. */
  nameRefused(folder: Folder, refused: readonly RefusedNode[]): void {
    for (const { nameText, fault } of refused) {
      const path = Buffer.concat([folder.path, Buffer.from(`/${nameText}`)]);
      if (this.#ports.selection.of(path, false).chosen) this.#refuse(folder.entry, path, 'name', `not restored: ${fault}`);
    }
  }

  /** Returns the folders to walk next, in order. */
  addNodes(folder: Folder, nodes: readonly TreeNode[]): Folder[] {
    const subfolders: Folder[] = [];
    const isRepeated = repeatedNames();
    for (const node of nodes) {
      if (this.#table.bytes > this.#memory) throw this.#tooLarge();
      const refused = refusedName(node.name) ?? (isRepeated(node.name) ? 'its name appears twice in its folder' : undefined);
      if (refused !== undefined) {
        this.#refuse(folder.entry, pathIn(folder, node), 'name', `not restored: ${refused}`);
        continue;
      }
      const { selection } = this.#ports;
      const { chosen, childrenMay } = selection.isEverything ? everything : selection.of(pathIn(folder, node), node.type === 'dir');
      if (node.type === 'dir') {
        const path = pathIn(folder, node);
        if (!chosen && !childrenMay) continue;
        const entry = this.#table.add(folder.entry, 'dir', node, 0);
        this.#table.setState(entry, chosen ? states.chosen : states.passage);
        if (node.subtree === null) this.#refuse(entry, path, 'tree', 'the folder has no list of what is in it');
        else if (childrenMay) subfolders.push({ entry, path, tree: node.subtree });
      } else if (chosen && node.type !== 'socket') this.#addLeaf(folder, node, node.type);
    }
    return subfolders;
  }

  #addLeaf(folder: Folder, node: TreeNode, kind: Exclude<EntryKind, 'dir'>): void {
    if (kind !== 'file') {
      this.#table.add(folder.entry, kind, node, 0);
      return;
    }
    // The node's own `size` proves nothing.
    const size = node.content === null ? -1 : this.#ports.index.contentLength('data', node.content);
    const entry = this.#table.add(folder.entry, kind, node, Math.max(0, size));
    if (size >= 0) return;
    this.#table.setState(entry, states.failed);
    this.#ports.problems.add(itemOf(pathIn(folder, node)), 'read', node.content === null ? 'the snapshot lists no content for it' : 'part of its content is in no index of the repository');
  }

  #tooLarge(): Failure {
    return new Failure('RESTORE_INCOMPLETE', {
      what: `Nothing was restored: the snapshot lists more than ${this.#table.count} files and folders, which is more than the memory of this machine holds`,
      safe: 'Nothing was written, and the repository was not changed',
      next: 'Restore one folder at a time, with "restore SNAPSHOT:/FOLDER"; "ls" shows what is in the snapshot',
    });
  }

  #refuse(folder: number, path: Buffer, during: 'tree' | 'name', message: string): void {
    this.#incomplete.add(folder);
    this.#ports.problems.add(itemOf(path), during, message);
  }
}

function pathIn(folder: Folder, node: TreeNode): Buffer {
  return Buffer.concat([folder.path, Buffer.from('/'), node.name]);
}

/** As everywhere else: without the leading slash, but a slash for the root. */
function itemOf(path: Buffer): Buffer {
  return path.length === 0 ? Buffer.from('/') : path.subarray(1);
}

/** Tells for each name of one tree whether it was there before. Sorted trees need no set. */
function repeatedNames(): (name: Buffer) => boolean {
  let previous: Buffer | undefined;
  let seen: Set<string> | undefined;
  const all: Buffer[] = [];
  return (name) => {
    const order = previous === undefined ? -1 : Buffer.compare(previous, name);
    previous = name;
    if (seen === undefined) {
      if (order < 0) {
        all.push(name);
        return false;
      }
      seen = new Set(all.map((earlier) => earlier.toString('latin1')));
    }
    const key = name.toString('latin1');
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  };
}

/** A passage that leads to something is restored like a chosen folder, any other not at all. */
function settlePassages(table: EntryTable): void {
  const needed = new Uint8Array(table.count);
  for (let entry = table.count - 1; entry >= 0; entry -= 1) {
    const isPassage = table.state(entry) === states.passage;
    if (isPassage) table.setState(entry, needed[entry] === 1 ? states.chosen : states.skipped);
    const parent = table.parent(entry);
    if (parent !== rootEntry && (!isPassage || needed[entry] === 1)) needed[parent] = 1;
  }
}
