/**
 * Every version of one path, over snapshots.
 *
 * Vocabulary: a *version* is a distinct state of what the path names: type, content, size, mtime, mode, owner, target of
 * a link; of a folder the tree, so whatever changed below it. Snapshots in which these are equal share it, whether or not
 * they follow one another; times of access, inodes and the like do not make a version.
 *
 * Invariant: only the trees from the root to the path are read, each once however many snapshots share it.
 */
import { isUtf8 } from 'node:buffer';
import { Failure } from '../../shared/errors.ts';
import type { Repository } from '../repository/repository.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { TreeReader } from '../repository/tree-reader.ts';
import type { TreeNode } from '../repository/tree.ts';

export interface PathVersion {
  readonly node: TreeNode;
  /** By time ascending, as they were given; never empty. */
  readonly snapshots: readonly StoredSnapshot[];
}

export interface PathVersions {
  /** In the order in which they first appear. */
  readonly versions: readonly PathVersion[];
  /** Snapshots that do not have the path. */
  readonly without: number;
  /** Snapshots of which it is not known, since a tree on the way cannot be read. */
  readonly unreadable: readonly { readonly snapshot: StoredSnapshot; readonly failure: Failure }[];
}

/** A node; undefined where there is none; a failure where it cannot be told. */
type Step = TreeNode | Failure | undefined;

/** `components`: of the path, raw bytes, at least one. Needs the index. */
export async function versionsOfPath(repository: Repository, snapshots: readonly StoredSnapshot[], components: readonly Buffer[], signal?: AbortSignal): Promise<PathVersions> {
  const steps = new PathSteps(repository, components, signal);
  const versions = new Map<string, { node: TreeNode; snapshots: StoredSnapshot[] }>();
  const unreadable: { snapshot: StoredSnapshot; failure: Failure }[] = [];
  let without = 0;
  for (const stored of snapshots) {
    const found = await steps.follow(stored.snapshot.tree);
    if (found === undefined) without += 1;
    else if (found instanceof Failure) unreadable.push({ snapshot: stored, failure: found });
    else {
      const key = versionKey(found);
      const known = versions.get(key);
      if (known === undefined) versions.set(key, { node: found, snapshots: [stored] });
      else known.snapshots.push(stored);
    }
  }
  return { versions: [...versions.values()], without, unreadable };
}

class PathSteps {
  readonly #reader: TreeReader;
  readonly #components: readonly Buffer[];
  readonly #signal: AbortSignal | undefined;
  /** By depth and tree. */
  readonly #known = new Map<string, Step>();

  constructor(repository: Repository, components: readonly Buffer[], signal: AbortSignal | undefined) {
    this.#reader = new TreeReader(repository, signal);
    this.#components = components;
    this.#signal = signal;
  }

  async follow(root: string): Promise<Step> {
    let tree = root;
    let step: Step;
    for (const [depth, component] of this.#components.entries()) {
      step = await this.#step(depth, tree, component);
      if (step === undefined || step instanceof Failure) return step;
      if (depth === this.#components.length - 1) return step;
      if (step.type !== 'dir' || step.subtree === null) return undefined;
      tree = step.subtree.toString('hex');
    }
    return step;
  }

  async #step(depth: number, tree: string, component: Buffer): Promise<Step> {
    const key = `${depth}:${tree}`;
    if (this.#known.has(key)) return this.#known.get(key);
    const step = await this.#read(tree, component);
    this.#known.set(key, step);
    return step;
  }

  async #read(tree: string, component: Buffer): Promise<Step> {
    try {
      const { nodes } = await this.#reader.read(Buffer.from(tree, 'hex'));
      // Who sees the name as text gives it as it is shown.
      return nodes.find(({ name }) => name.equals(component)) ?? nodes.find(({ name }) => !isUtf8(name) && Buffer.from(name.toString('utf8')).equals(component));
    } catch (error) {
      this.#signal?.throwIfAborted();
      if (error instanceof Failure && error.code === 'DAMAGED') return error;
      throw error;
    }
  }
}

function versionKey(node: TreeNode): string {
  const content = node.content === null ? '' : node.content.toString('latin1');
  const rest = node.type === 'dir' ? (node.subtree?.toString('latin1') ?? '') : (node.linkTarget?.toString('latin1') ?? '');
  return [node.type, node.mode, node.uid, node.gid, node.mtime, node.size, node.device, content.length, content, rest].join(':');
}
