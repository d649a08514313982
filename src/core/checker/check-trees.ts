/**
 * Snapshots and everything reachable from them (specification section 18, "structure").
 *
 * Invariants: each tree is read once, however many snapshots share it; no recursion. With copies known to be bad, every
 * use of a lost blob is added to the finding of its pack.
 */
import { Failure } from '../../shared/errors.ts';
import type { Repository } from '../repository/repository.ts';
import { listSnapshots } from '../repository/snapshots.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import type { Tree, TreeNode } from '../repository/tree.ts';
import { TreeReader } from '../repository/tree-reader.ts';
import { blobKey } from './check-packs.ts';
import type { BadCopies } from './check-packs.ts';
import { remedies } from './findings.ts';
import type { Findings } from './findings.ts';

export interface CheckedTrees {
  readonly snapshots: number;
  readonly trees: number;
}

interface PendingTree {
  readonly id: Buffer;
  readonly path: string;
  readonly snapshot: string;
}

const zeroId = Buffer.alloc(32);

/** Needs the index. `onTree` is called after each tree. */
export async function checkTrees(repository: Repository, findings: Findings, bad: BadCopies, ports: { readonly signal?: AbortSignal | undefined; readonly onTree: () => void }): Promise<CheckedTrees> {
  const damaged: { name: string; failure: Failure }[] = [];
  const snapshots = await listSnapshots(repository, ports.signal, { tolerateDamage: true, damaged });
  for (const { name, failure } of damaged) findings.error('snapshot', name, failure.text.what, remedies.damagedSnapshot);
  const walker = new TreeWalker(repository, findings, bad, ports.signal);
  for (const snapshot of snapshots) await walker.walk(snapshot, ports.onTree);
  return { snapshots: snapshots.length + damaged.length, trees: walker.count };
}

class TreeWalker {
  readonly #repository: Repository;
  readonly #findings: Findings;
  readonly #bad: BadCopies;
  readonly #signal: AbortSignal | undefined;
  readonly #trees: TreeReader;
  readonly #seen = new Set<string>();

  constructor(repository: Repository, findings: Findings, bad: BadCopies, signal: AbortSignal | undefined) {
    this.#repository = repository;
    this.#findings = findings;
    this.#bad = bad;
    this.#signal = signal;
    this.#trees = new TreeReader(repository, signal);
  }

  get count(): number {
    return this.#seen.size;
  }

  async walk({ id, snapshot }: StoredSnapshot, onTree: () => void): Promise<void> {
    const pending: PendingTree[] = [];
    const add = (tree: PendingTree): void => {
      const key = tree.id.toString('latin1');
      if (this.#seen.has(key)) return;
      this.#seen.add(key);
      pending.push(tree);
    };
    add({ id: Buffer.from(snapshot.tree, 'hex'), path: '', snapshot: id.slice(0, 8) });
    for (let tree = pending.pop(); tree !== undefined; tree = pending.pop()) {
      this.#signal?.throwIfAborted();
      const { nodes, refused } = await this.#treeOf(tree);
      for (const node of nodes) {
        const path = `${tree.path}/${node.name.toString('utf8')}`;
        if (node.type === 'file') this.#checkFile(node, path, tree.snapshot);
        else if (node.type === 'dir') {
          const subtree = this.#subtreeOf(node, path, tree.snapshot);
          if (subtree !== undefined) add({ id: subtree, path, snapshot: tree.snapshot });
        }
      }
      for (const { nameText, fault } of refused) {
        const path = `${tree.path}/${nameText}`;
        this.#findings.error('file', path, `The entry "${path}" cannot be restored: ${fault}`, remedies.refusedNode).addAffected(`${tree.snapshot}:${path}`);
      }
      this.#trees.prefetch(idsFromEnd(pending));
      onTree();
    }
  }

  async #treeOf(tree: PendingTree): Promise<Tree> {
    this.#noteLost(blobKey('tree', tree.id), tree.id, `${tree.snapshot}:${tree.path}/`);
    try {
      return await this.#trees.read(tree.id);
    } catch (error) {
      this.#signal?.throwIfAborted();
      if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
      this.#findings.error('tree', tree.id.toString('hex'), error.text.what, remedies.damagedTree).addAffected(`${tree.snapshot}:${tree.path}/`);
      return { nodes: [], refused: [] };
    }
  }

  #subtreeOf(node: TreeNode, path: string, snapshot: string): Buffer | undefined {
    if (node.subtree !== null && !node.subtree.equals(zeroId)) return node.subtree;
    this.#findings.error('file', path, `The folder "${path}" has no list of what is in it`, remedies.damagedTree).addAffected(`${snapshot}:${path}`);
    return undefined;
  }

  #checkFile(node: TreeNode, path: string, snapshot: string): void {
    const place = `${snapshot}:${path}`;
    if (node.content === null) {
      this.#findings.error('file', path, `The file "${path}" has no list of its content`, remedies.damagedTree).addAffected(place);
      return;
    }
    let missing = 0;
    for (let at = 0; at < node.content.length; at += 32) {
      const id = node.content.subarray(at, at + 32);
      if (!this.#repository.index.has('data', id)) missing += 1;
      else if (this.#bad.size > 0) this.#noteLost(blobKey('data', id), id, place);
    }
    if (missing > 0) this.#findings.error('file', path, `${missing} of ${node.content.length / 32} pieces of the file "${path}" are in no index`, remedies.damagedIndex).addAffected(place);
  }

  /** A blob is lost when no copy but bad ones is left. */
  #noteLost(key: string, id: Buffer, place: string): void {
    const known = this.#bad.get(key);
    if (known === undefined) return;
    const copies = this.#repository.index.lookup(key.startsWith('t') ? 'tree' : 'data', id);
    if (copies.every(({ packId }) => known.packs.has(packId.toString('hex')))) known.finding.addAffected(place);
  }
}

function* idsFromEnd(pending: readonly PendingTree[]): Iterable<Buffer> {
  for (let i = pending.length - 1; i >= 0; i -= 1) yield (pending[i] as PendingTree).id;
}
