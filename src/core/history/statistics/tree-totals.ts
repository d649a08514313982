/**
 * What folders hold with all below them, each tree read once however many snapshots share it.
 *
 * Vocabulary: a file with several names (hard links) counts its bytes once a snapshot; such files are kept apart, as
 * *linked*, until it is known which snapshot is meant.
 *
 * Invariants: no recursion; memory is one small record a distinct tree, and one for each linked file in it. A tree that
 * cannot be read is told once and counts as empty.
 */
import { Failure } from '../../../shared/errors.ts';
import type { Repository } from '../../repository/repository.ts';
import type { TreeNode } from '../../repository/tree.ts';
import { TreeReader } from '../../repository/tree-reader.ts';

export interface Totals {
  /** Nodes of every type, folders too: what restic calls files. */
  readonly entries: number;
  /** Regular files. */
  readonly files: number;
  readonly folders: number;
  readonly bytes: number;
}

/** One tree without its subtrees. */
interface TreeSummary extends Totals {
  /** `inode:device` and size. */
  readonly linked: readonly (readonly [string, number])[];
  readonly subtrees: readonly string[];
}

/** A tree whose subtrees are being gone through. */
interface OpenTree {
  readonly key: string;
  readonly summary: TreeSummary;
  next: number;
}

export const noTotals: Totals = { entries: 0, files: 0, folders: 0, bytes: 0 };
const lookAhead = 32;

/** Folders that share subtrees may list more than can be counted; then a count stays at the largest exact number. */
export function addTotals(a: Totals, b: Totals): Totals {
  const limit = Number.MAX_SAFE_INTEGER;
  return { entries: Math.min(limit, a.entries + b.entries), files: Math.min(limit, a.files + b.files), folders: Math.min(limit, a.folders + b.folders), bytes: Math.min(limit, a.bytes + b.bytes) };
}

export class TreeTotals {
  readonly #onUnreadable: (failure: Failure) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #trees: TreeReader;
  readonly #summaries = new Map<string, TreeSummary>();
  /** Of a tree with all below it, but without linked files. */
  readonly #totals = new Map<string, Totals>();

  constructor(repository: Repository, onUnreadable: (failure: Failure) => void, signal?: AbortSignal) {
    this.#onUnreadable = onUnreadable;
    this.#signal = signal;
    this.#trees = new TreeReader(repository, signal);
  }

  /** Of a tree and everything below it. */
  async of(root: Buffer): Promise<Totals> {
    const rootKey = root.toString('latin1');
    const seen = new Set([rootKey]);
    const linked = new Map<string, number>();
    const open = [await this.#enter(rootKey, linked)];
    for (let tree = open.at(-1); tree !== undefined; tree = open.at(-1)) {
      const subtree = tree.summary.subtrees[tree.next];
      tree.next += 1;
      if (subtree === undefined) {
        this.#leave(tree);
        open.pop();
      } else if (!seen.has(subtree)) {
        this.#signal?.throwIfAborted();
        seen.add(subtree);
        open.push(await this.#enter(subtree, linked));
        this.#trees.prefetch(this.#unread(open));
      }
    }
    let bytes = 0;
    for (const size of linked.values()) bytes += size;
    return addTotals(this.#totals.get(rootKey) ?? noTotals, { ...noTotals, bytes });
  }

  async #enter(key: string, linked: Map<string, number>): Promise<OpenTree> {
    const summary = await this.#summary(key);
    for (const [link, size] of summary.linked) if (!linked.has(link)) linked.set(link, size);
    return { key, summary, next: 0 };
  }

  /** Everything below is known by now. */
  #leave({ key, summary }: OpenTree): void {
    if (this.#totals.has(key)) return;
    // Without the summary's lists, which are kept once.
    let total = addTotals(noTotals, summary);
    for (const subtree of summary.subtrees) total = addTotals(total, this.#totals.get(subtree) ?? noTotals);
    this.#totals.set(key, total);
  }

  /** Of the next few trees those to be read. */
  *#unread(open: readonly OpenTree[]): Iterable<Buffer> {
    let looked = 0;
    for (let i = open.length - 1; i >= 0; i -= 1) {
      const { summary, next } = open[i] as OpenTree;
      for (let at = next; at < summary.subtrees.length; at += 1) {
        if (looked === lookAhead) return;
        looked += 1;
        const key = summary.subtrees[at] as string;
        if (!this.#summaries.has(key)) yield Buffer.from(key, 'latin1');
      }
    }
  }

  async #summary(key: string): Promise<TreeSummary> {
    const known = this.#summaries.get(key);
    if (known !== undefined) return known;
    const summary = summarise(await this.#nodes(Buffer.from(key, 'latin1')));
    this.#summaries.set(key, summary);
    return summary;
  }

  async #nodes(id: Buffer): Promise<readonly TreeNode[]> {
    try {
      return (await this.#trees.read(id)).nodes;
    } catch (error) {
      this.#signal?.throwIfAborted();
      if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
      this.#onUnreadable(error);
      return [];
    }
  }
}

function summarise(nodes: readonly TreeNode[]): TreeSummary {
  const linked: [string, number][] = [];
  const subtrees: string[] = [];
  let files = 0;
  let folders = 0;
  let bytes = 0;
  for (const node of nodes) {
    if (node.type === 'dir') {
      folders += 1;
      if (node.subtree !== null) subtrees.push(node.subtree.toString('latin1'));
      continue;
    }
    if (node.type === 'file') files += 1;
    if (node.links !== 1n && node.inode !== 0n) linked.push([`${node.inode}:${node.deviceId}`, Number(node.size)]);
    else bytes += Number(node.size);
  }
  return { entries: nodes.length, files, folders, bytes, linked, subtrees };
}
