/**
 * One folder on its way into a tree.
 *
 * Vocabulary: a *slot* is the place of one entry; it is *open* until the entry's node is known. A folder is *whole* if
 * all its entries are stored, otherwise only those in the plan of targets.
 *
 * Invariants: a folder keeps its entries only while a slot is open; its path is made from its ancestors when needed,
 * since 2,000 levels of long names would not fit in memory otherwise.
 */
import type { DirectoryEntry } from '../native/addon.ts';
import type { PlainFiles } from '../native/plain-files.ts';
import { encodeNode, encodeTree, type Tree, type TreeNode } from '../repository/tree.ts';
import type { PreparedNode } from './prepared-targets.ts';

/** Longer paths are put together on every use. */
const longestKept = 4096;
const slash = Buffer.from('/');

export interface FolderPlace {
  readonly parent: Folder | undefined;
  /** Slot in the parent. */
  readonly slot: number;
  readonly name: Buffer;
  /** Own path, where the parent's does not lead to it (targets). */
  readonly base?: Buffer;
  readonly entry: DirectoryEntry | undefined;
  readonly old: TreeNode | undefined;
  readonly whole: boolean;
  /** Targets below. */
  readonly planned: readonly PreparedNode[];
  /** Device that `--one-file-system` stays on. */
  readonly device: bigint;
  /** Of the absolute path; empty where no pattern needs them. */
  readonly components: readonly string[];
}

export class Folder {
  readonly place: FolderPlace;
  slots: (TreeNode | undefined)[] = [];
  /** Open slots, and one more while entries are still being added. */
  open = 1;
  /** How many slots hold the very node of the old tree. */
  reused = 0;
  /** Of the parent snapshot; without the nodes of `plain`, if there is that. */
  oldTree: Tree | undefined;
  /** Files that have no slots. */
  plain: PlainFiles | undefined;
  #path: Buffer | undefined;

  constructor(place: FolderPlace) {
    this.place = place;
  }

  path(): Buffer {
    const known = this.#known;
    if (known !== undefined) return known;
    const names: Buffer[] = [this.place.name];
    let above = this.place.parent;
    for (; above !== undefined && above.#known === undefined; above = above.place.parent) names.push(above.place.name);
    const from = (above === undefined ? undefined : above.#known) ?? Buffer.alloc(0);
    const pieces: Buffer[] = from.at(-1) === 0x2f ? [from.subarray(0, -1)] : [from];
    for (const name of names.reverse()) pieces.push(slash, name);
    const path = Buffer.concat(pieces);
    if (path.length <= longestKept) this.#path = path;
    return path;
  }

  get #known(): Buffer | undefined {
    return this.#path ?? this.place.base;
  }

  /** True where the old tree, byte for byte, says what the slots say. */
  get isUnchanged(): boolean {
    if (this.oldTree === undefined || this.oldTree.refused.length > 0 || this.plain?.unchanged === false) return false;
    return this.reused === this.oldTree.nodes.length && this.reused === this.nodes().length;
  }

  nodes(): TreeNode[] {
    return this.slots.filter((node) => node !== undefined);
  }

  encode(): Buffer {
    const nodes = this.nodes();
    if (this.plain === undefined) return encodeTree(nodes);
    return this.plain.encodeTree(
      nodes.map(({ name }) => name),
      nodes.map(encodeNode),
    );
  }

  /** Frees what only an unfinished folder needs. */
  release(): void {
    this.slots = [];
    this.oldTree = undefined;
    this.plain = undefined;
    this.#path = undefined;
  }
}
