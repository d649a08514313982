/**
 * What an open repository holds, for one who looks: its snapshots, and the folders in them page by page.
 *
 * Names are shown as text: bytes that are no UTF-8 become U+FFFD, and a folder can be opened by the name as it is shown.
 */
import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import type { DamagedObject } from '../../core/repository/load-options.ts';
import type { Repository } from '../../core/repository/repository.ts';
import { snapshotJson } from '../../core/repository/snapshot-json.ts';
import { findSnapshot, listSnapshots } from '../../core/repository/snapshots.ts';
import { formatTime } from '../../core/repository/times.ts';
import { TreeReader } from '../../core/repository/tree-reader.ts';
import type { Tree, TreeNode } from '../../core/repository/tree.ts';
import { findPath, splitSnapshotPath } from '../../core/restorer/find-path.ts';
import type { snapshot as snapshotSchema, TreeEntry } from '../../shared/contract/schemas/repository.ts';
import { Failure } from '../../shared/errors.ts';
import { previewRestore } from './restore-preview.ts';
import type { RestorePreview } from './restore-preview.ts';

export type ShownSnapshot = z.output<typeof snapshotSchema>;

export interface TreeQuestion {
  /** `latest`, or the start of an id. */
  readonly snapshot: string;
  /** Absolute in the snapshot. */
  readonly path: string;
  readonly offset: number;
  readonly limit: number;
  readonly order?: 'stored' | 'folders';
}

export interface PreviewQuestion extends Pick<TreeQuestion, 'snapshot' | 'path'> {
  /** Entries of the folder; none: all. */
  readonly names: readonly string[];
  readonly except: readonly string[];
  /** Absolute, on this machine. */
  readonly target: string;
}

export interface TreePage {
  readonly path: string;
  /** Entries of the whole folder. */
  readonly total: number;
  readonly entries: TreeEntry[];
}

export class OpenedSnapshots {
  readonly repository: Repository;
  readonly #trees: TreeReader;
  /** Started by the first look into a folder. */
  #index: Promise<unknown> | undefined;
  /** Of the folder that was read last, since its pages are asked for one after the other. */
  #last: { readonly id: string; readonly tree: Tree; sorted?: readonly TreeNode[] } | undefined;

  constructor(repository: Repository) {
    this.repository = repository;
    this.#trees = new TreeReader(repository);
  }

  /** Newest first, as stored, with `id` and `short_id`. Damaged ones are left out and logged; DAMAGED where nothing else is there. */
  async list(): Promise<ShownSnapshot[]> {
    const damaged: DamagedObject[] = [];
    const stored = await listSnapshots(this.repository, undefined, { tolerateDamage: true, damaged });
    if (stored.length === 0 && damaged[0] !== undefined) throw damaged[0].failure;
    return stored.reverse().map((one) => ({ hostname: '', ...snapshotJson(one) }));
  }

  /** A folder, or a file alone. Failures SNAPSHOT_NOT_FOUND, PATH_NOT_FOUND, INVALID_INPUT (`path`), DAMAGED. */
  async tree({ snapshot: selector, path, offset, limit, order = 'stored' }: TreeQuestion): Promise<TreePage> {
    const { found, shownPath } = await this.#find(selector, path);
    if (found.kind === 'node' && found.node.type !== 'dir') return { path: shownPath, total: 1, entries: offset === 0 ? [shown(found.node, shownPath)] : [] };
    const id = found.kind === 'root' ? found.tree : found.node.subtree;
    const nodes = id === null ? [] : order === 'stored' ? (await this.#read(id)).nodes : await this.#readSorted(id);
    const start = shownPath === '/' ? '' : shownPath;
    return { path: shownPath, total: nodes.length, entries: nodes.slice(offset, offset + limit).map((node) => shown(node, `${start}/${node.name.toString('utf8')}`)) };
  }

  /** What restoring entries of a folder would do. Failures as of `tree`. */
  async preview({ snapshot: selector, path, names, except, target }: PreviewQuestion): Promise<RestorePreview> {
    const { found } = await this.#find(selector, path);
    const id = found.kind === 'root' ? found.tree : found.node.type === 'dir' ? found.node.subtree : null;
    const all = found.kind === 'node' && found.node.type !== 'dir' ? [found.node] : id === null ? [] : (await this.#read(id)).nodes;
    const [wanted, left] = [new Set(names), new Set(except)];
    const chosen = all.filter((node) => {
      const name = node.name.toString('utf8');
      return (wanted.size === 0 || wanted.has(name)) && !left.has(name);
    });
    return await previewRestore(chosen, target, { read: (tree) => this.#trees.read(tree) });
  }

  async #find(selector: string, path: string) {
    const components = checkedComponents(path);
    this.#index ??= this.repository.loadIndex(undefined, { tolerateDamage: true });
    const [stored] = await Promise.all([findSnapshot(this.repository, selector), this.#index]);
    const found = await findPath(Buffer.from(stored.snapshot.tree, 'hex'), joined(components), (id) => this.#readForPath(id, components));
    return { found, shownPath: `/${components.map((component) => component.toString('utf8')).join('/')}` };
  }

  async #read(id: Buffer): Promise<Tree> {
    const key = id.toString('hex');
    if (this.#last?.id !== key) this.#last = { id: key, tree: await this.#trees.read(id) };
    return this.#last.tree;
  }

  async #readSorted(id: Buffer): Promise<readonly TreeNode[]> {
    const { nodes } = await this.#read(id);
    if (this.#last?.tree.nodes === nodes) return (this.#last.sorted ??= foldersFirst(nodes));
    return foldersFirst(nodes);
  }

  /** Where a component is the text of a name that is no UTF-8, a node of that name is found by its text. */
  async #readForPath(id: Buffer, components: readonly Buffer[]): Promise<Tree> {
    const tree = await this.#read(id);
    const renamed = tree.nodes.filter((node) => !isUtf8(node.name)).map((node): TreeNode => ({ ...node, name: Buffer.from(node.name.toString('utf8')) }));
    const asked = renamed.filter(({ name }) => components.some((component) => component.equals(name)));
    return asked.length === 0 ? tree : { ...tree, nodes: [...tree.nodes, ...asked] };
  }
}

const byName = new Intl.Collator(undefined, { numeric: true });

function foldersFirst(nodes: readonly TreeNode[]): readonly TreeNode[] {
  const named = nodes.map((node) => ({ node, folder: node.type === 'dir' ? 0 : 1, name: node.name.toString('utf8') }));
  return named.sort((a, b) => a.folder - b.folder || byName.compare(a.name, b.name)).map(({ node }) => node);
}

function checkedComponents(path: string): Buffer[] {
  const components = splitSnapshotPath(Buffer.from(path));
  if (!path.startsWith('/') || path.includes('\0') || components.some((component) => component.toString('latin1') === '..')) {
    throw new Failure('INVALID_INPUT', { what: `The path ${JSON.stringify(path)} is no path in a snapshot`, next: 'Give it from the root, without "..", as in "/home/anna"' }, { path: 'path' });
  }
  return components;
}

function joined(components: readonly Buffer[]): Buffer {
  return Buffer.from(`/${components.map((component) => component.toString('latin1')).join('/')}`, 'latin1');
}

function shown(node: TreeNode, path: string): TreeEntry {
  const size = Number(node.size);
  return {
    name: node.name.toString('utf8'),
    path,
    type: node.type,
    // Whoever holds the key may write any number; one that no file can have says nothing.
    ...(node.type === 'file' && Number.isSafeInteger(size) && size >= 0 ? { size } : {}),
    mode: node.mode,
    mtime: formatTime(node.mtime),
    ...(node.linkTarget === undefined ? {} : { link_target: node.linkTarget.toString('utf8') }),
  };
}
