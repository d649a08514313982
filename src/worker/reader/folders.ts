/** Folders and files of a snapshot, for one who looks. */
import { nameOfEntry } from '../../core/history/browse/folder-browser.ts';
import { preview } from '../../core/history/browse/preview.ts';
import { damaged } from '../../core/repository/damage.ts';
import { formatTime } from '../../core/repository/times.ts';
import { TreeReader } from '../../core/repository/tree-reader.ts';
import { isRefused } from '../../core/repository/tree-outline.ts';
import type { Tree, TreeNode } from '../../core/repository/tree.ts';
import type { Found } from '../../core/restorer/find-path.ts';
import type { CheckedInput, OperationOutput } from '../../shared/contract/operations.ts';
import type { RestorePreview, TreeEntry } from '../../shared/contract/schemas/repository.ts';
import { Failure } from '../../shared/errors.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { previewRestore } from './restore-preview.ts';
import { checkedComponents, findShown, shownPath } from './snapshot-paths.ts';

interface Place {
  readonly found: Found;
  readonly shown: string;
}

export class Folders {
  readonly #opened: OpenedRepository;
  readonly #trees: TreeReader;
  /** Of the folder that was read last, since its pages are asked for one after the other. */
  #last: { readonly id: string; readonly tree: Tree; sorted?: readonly TreeNode[] } | undefined;

  constructor(opened: OpenedRepository) {
    this.#opened = opened;
    this.#trees = new TreeReader(opened.repository);
  }

  /** A folder, or a file alone. Failures SNAPSHOT_NOT_FOUND, PATH_NOT_FOUND, INVALID_INPUT (`path`), DAMAGED. */
  async list({ snapshot, path, offset, limit, order }: CheckedInput<'list_tree'>, signal: AbortSignal): Promise<OperationOutput<'list_tree'>> {
    const { found, shown } = await this.#find(snapshot, path, signal);
    if (found.kind === 'node' && found.node.type !== 'dir') return { path: shown, total: 1, entries: offset === 0 ? [entryOf(found.node, shown)] : [] };
    const id = treeOf(found);
    const nodes = id === null ? [] : order === 'stored' ? (await this.#read(id)).nodes : await this.#readSorted(id);
    const start = shown === '/' ? '' : shown;
    return { path: shown, total: nodes.length, entries: nodes.slice(offset, offset + limit).map((node) => entryOf(node, `${start}/${node.name.toString('utf8')}`)) };
  }

  /** A page of a folder, which may be large. Failures as of `list`. */
  async page({ snapshot, path, folders_first: foldersFirst, cursor, order, descending, limit }: CheckedInput<'browse_folder'>, signal: AbortSignal): Promise<OperationOutput<'browse_folder'>> {
    const { found, shown } = await this.#find(snapshot, path, signal);
    const id = treeOf(found);
    if (found.kind === 'node' && found.node.type !== 'dir') throw new Failure('PATH_NOT_FOUND', { what: `"${shown}" is no folder in this snapshot`, next: 'Open the folder that it is in' }, { path: 'path' });
    if (id === null) return { path: shown, total: 0, entries: [], cursor: null, damaged: [] };
    const question = { order, descending, foldersFirst, limit, ...(cursor === undefined ? {} : { cursor }) };
    const page = await this.#opened.browser.page(id, question, signal).catch(named(`The folder "${shown}" cannot be read`));
    const start = shown === '/' ? '' : shown;
    const entries: TreeEntry[] = [];
    const refused: { path: string; reason: string }[] = [];
    for (const entry of page.entries) {
      const place = `${start}/${nameOfEntry(entry).toString('utf8')}`;
      if (isRefused(entry)) refused.push({ path: place, reason: entry.fault });
      else entries.push(entryOf(entry, place));
    }
    return { path: shown, total: page.total, entries, cursor: page.cursor ?? null, damaged: refused };
  }

  /** Some bytes of a file. Failures as of `list`. */
  async file({ snapshot, path, offset, length }: CheckedInput<'preview_file'>, signal: AbortSignal): Promise<OperationOutput<'preview_file'>> {
    const { found, shown } = await this.#find(snapshot, path, signal);
    if (found.kind === 'root' || found.node.type !== 'file') throw new Failure('PATH_NOT_FOUND', { what: `"${shown}" is no regular file, and has no content to show`, next: 'Choose a file' }, { path: 'path' });
    const read = await preview(this.#opened.repository, found.node, { offset, length }, signal).catch(named(`The content of "${shown}" cannot be read`));
    const { bytes, size, mimeType, kind, encoding } = read;
    return {
      path: shown, size, modified_at: formatTime(found.node.mtime), offset, length: bytes.length, mime_type: mimeType ?? null, kind, encoding: encoding ?? null,
      text: encoding === undefined ? null : new TextDecoder(encoding).decode(bytes, { stream: true }),
      base64: encoding === undefined ? bytes.toString('base64') : null,
    };
  }

  /** What restoring entries of a folder would do. Failures as of `list`. */
  async previewRestore({ snapshot, path, names, except, target }: CheckedInput<'preview_restore'>, signal: AbortSignal): Promise<RestorePreview> {
    const { found } = await this.#find(snapshot, path, signal);
    const id = treeOf(found);
    const all = found.kind === 'node' && found.node.type !== 'dir' ? [found.node] : id === null ? [] : (await this.#read(id)).nodes;
    const [wanted, left] = [new Set(names), new Set(except)];
    const chosen = all.filter((node) => {
      const name = node.name.toString('utf8');
      return (wanted.size === 0 || wanted.has(name)) && !left.has(name);
    });
    return await previewRestore(chosen, target, { read: (tree) => this.#trees.read(tree) });
  }

  async #find(selector: string, path: string, signal: AbortSignal): Promise<Place> {
    const components = checkedComponents(path);
    const stored = await this.#opened.snapshot(selector, signal);
    const shown = shownPath(components);
    return { found: await findShown(stored, components, (id) => this.#read(id)).catch(named(`"${shown}" cannot be looked for`)), shown };
  }

  async #read(id: Buffer): Promise<Tree> {
    const key = id.toString('hex');
    if (this.#last?.id !== key) this.#last = { id: key, tree: await this.#trees.read(id) };
    return this.#last.tree;
  }

  async #readSorted(id: Buffer): Promise<readonly TreeNode[]> {
    const { nodes } = await this.#read(id);
    if (this.#last?.tree.nodes === nodes) return (this.#last.sorted ??= foldersFirstByName(nodes));
    return foldersFirstByName(nodes);
  }
}

/** Null for what is no folder, and for a folder without one. */
function treeOf(found: Found): Buffer | null {
  return found.kind === 'root' ? found.tree : found.node.type === 'dir' ? found.node.subtree : null;
}

/** Says of what is damaged which path it is. */
function named(what: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof Failure && error.code === 'DAMAGED') throw damaged(`${what}: ${error.text.what}`, { cause: error });
    throw error;
  };
}

const byName = new Intl.Collator(undefined, { numeric: true });

function foldersFirstByName(nodes: readonly TreeNode[]): readonly TreeNode[] {
  const named = nodes.map((node) => ({ node, folder: node.type === 'dir' ? 0 : 1, name: node.name.toString('utf8') }));
  return named.sort((a, b) => a.folder - b.folder || byName.compare(a.name, b.name)).map(({ node }) => node);
}

function entryOf(node: TreeNode, path: string): TreeEntry {
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
