/**
 * Makes changed copies of trees: a folder is read, its nodes are kept, changed or left out, its subfolders first.
 *
 * Vocabulary: a *rule* decides about each node; the *outcome* of a tree is the id of its copy, and what is in it.
 *
 * Invariants: a tree that comes out as it was is not stored again, and keeps its id; each tree is rewritten once for each
 * path it is met at (rules that heed paths) or once (rules that do not), however many snapshots share it; nothing that is
 * kept changes by a byte (tree-texts.ts).
 */
import type { Repository } from '../repository/repository.ts';
import type { RefusedNode, TreeNode } from '../repository/tree.ts';
import { TreeReader } from '../repository/tree-reader.ts';
import { Failure } from '../../shared/errors.ts';
import { encodedLike, readTextNodes, treeOfTexts, withSubtree, type TextNode } from './tree-texts.ts';

/** What becomes of a node: it stays, is left out, or another takes its place. Folders are looked into unless left out. */
export type Verdict = 'keep' | 'drop' | TreeNode;

export interface Rule {
  /** Whether verdicts depend on where a tree stands. */
  readonly heedsPaths: boolean;
  /** `path`: names from the root, latin-1 of raw bytes. */
  node(node: TreeNode, path: readonly string[]): Verdict;
  /** A node that no program can use. */
  refusedNode(node: RefusedNode, path: readonly string[]): 'keep' | 'drop';
  /** Whether a folder stays that ends up without entries. Asked below the root only. */
  keepsEmptyFolder(path: readonly string[]): boolean;
  /** A tree that cannot be read (Failure DAMAGED): what takes its place; `undefined` at the root drops the snapshot. Throws to refuse. */
  unreadableTree(path: readonly string[], failure: Failure): 'empty' | undefined;
}

export interface RewrittenTree {
  /** 32 bytes; undefined where nothing is left that a snapshot could hold. */
  readonly id: Buffer | undefined;
  readonly isEmpty: boolean;
  /** Files and their bytes, each occurrence counted. */
  readonly files: number;
  readonly bytes: number;
}

export interface RewriterPorts {
  /** With its index loaded. */
  readonly repository: Repository;
  /** Stores a tree; on a dry run does nothing. */
  readonly store: (tree: Buffer) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
  /** Called after each tree that was read. */
  readonly onTree?: (() => void) | undefined;
}

const emptyTree = treeOfTexts([]);
const nothing = { files: 0, bytes: 0 };

interface Child {
  readonly text: string;
  readonly files: number;
  readonly bytes: number;
}

export class TreeRewriter {
  readonly #ports: RewriterPorts;
  readonly #rule: Rule;
  readonly #reader: TreeReader;
  readonly #done = new Map<string, RewrittenTree>();
  /** Trees of ours that are on their way, or known to be there. */
  readonly #stored = new Set<string>();

  constructor(ports: RewriterPorts, rule: Rule) {
    this.#ports = ports;
    this.#rule = rule;
    this.#reader = new TreeReader(ports.repository, ports.signal);
  }

  /** Rejects with DAMAGED where the rule does not take an unreadable tree, and with what storing throws. */
  async rewrite(id: Buffer, path: readonly string[] = []): Promise<RewrittenTree> {
    const key = this.#rule.heedsPaths ? `${id.toString('latin1')}${path.join('/')}` : id.toString('latin1');
    const known = this.#done.get(key);
    if (known !== undefined) return known;
    const outcome = await this.#rewriteTree(id, path);
    this.#done.set(key, outcome);
    return outcome;
  }

  async #rewriteTree(id: Buffer, path: readonly string[]): Promise<RewrittenTree> {
    this.#ports.signal?.throwIfAborted();
    let nodes: TextNode[];
    try {
      nodes = readTextNodes(await this.#reader.readBlob(id));
    } catch (error) {
      this.#ports.signal?.throwIfAborted();
      if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
      if (this.#rule.unreadableTree(path, error) === undefined) return { id: undefined, isEmpty: true, ...nothing };
      return { id: await this.#store(emptyTree), isEmpty: true, ...nothing };
    }
    this.#ports.onTree?.();
    this.#reader.prefetch(foldersIn(nodes));
    const kept: Child[] = [];
    for (const entry of nodes) {
      const child = await this.#child(entry, path);
      if (child !== undefined) kept.push(child);
    }
    const isEmpty = kept.length === 0;
    if (isEmpty && path.length > 0 && !this.#rule.keepsEmptyFolder(path)) return { id: undefined, isEmpty, ...nothing };
    const isSame = kept.length === nodes.length && kept.every(({ text }, i) => text === nodes[i]?.text);
    return {
      id: isSame ? id : await this.#store(treeOfTexts(kept.map(({ text }) => text))),
      isEmpty,
      files: kept.reduce((sum, { files }) => sum + files, 0),
      bytes: kept.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  async #child(entry: TextNode, path: readonly string[]): Promise<Child | undefined> {
    if ('refused' in entry) {
      const name = Buffer.from(entry.refused.nameText).toString('latin1');
      return this.#rule.refusedNode(entry.refused, [...path, name]) === 'keep' ? { text: entry.text, ...nothing } : undefined;
    }
    const { node } = entry;
    const place = [...path, node.name.toString('latin1')];
    const verdict = this.#rule.node(node, place);
    if (verdict === 'drop') return undefined;
    if (node.type === 'dir') return await this.#folder(entry, place);
    const now = verdict === 'keep' ? node : verdict;
    const text = verdict === 'keep' ? entry.text : encodedLike(entry.text, verdict);
    return node.type === 'file' ? { text, files: 1, bytes: Number(now.size) } : { text, ...nothing };
  }

  async #folder(entry: { readonly text: string; readonly node: TreeNode }, path: readonly string[]): Promise<Child | undefined> {
    const { subtree } = entry.node;
    const { id, files, bytes } = await this.rewrite(subtree ?? noTree, path);
    if (id === undefined) return undefined;
    return { text: subtree?.equals(id) === true ? entry.text : withSubtree(entry, id), files, bytes };
  }

  async #store(tree: Buffer): Promise<Buffer> {
    const { repository, store } = this.#ports;
    const id = repository.addon.sha256(tree);
    const key = id.toString('latin1');
    if (this.#stored.has(key)) return id;
    // What only an index has would be in no snapshot's way to be restored; the engine would not store it again either.
    if (repository.index.has('tree', id)) await this.#requireReadable(id);
    else await store(tree);
    this.#stored.add(key);
    return id;
  }

  async #requireReadable(id: Buffer): Promise<void> {
    try {
      await this.#reader.readBlob(id);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
      throw new Failure(
        'DAMAGED',
        { what: `An index lists the folder ${id.toString('hex')}, which is needed and cannot be read`, safe: 'No snapshot was changed or removed', next: 'Run `cyberbackup repair index`, then the same command again' },
        { cause: error },
      );
    }
  }
}

function* foldersIn(nodes: readonly TextNode[]): Generator<Buffer> {
  for (const entry of nodes) if (!('refused' in entry) && entry.node.subtree !== null) yield entry.node.subtree;
}

/** Of a folder without a subtree: no blob has it. */
const noTree = Buffer.alloc(32);
