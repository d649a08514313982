/**
 * Folders of a repository, page by page.
 *
 * Vocabulary: a *cursor* names the place after a page: the order and the number of entries before it. Trees never change,
 * so that a cursor is good for ever.
 *
 * Invariants: of a folder only its outline is read, and only the nodes of the page are decoded; a few outlines and orders
 * stay in memory, so that the next page, or another order, costs next to nothing. An entry that is refused is shown as
 * such, by the text of its name.
 */
import { Failure } from '../../../shared/errors.ts';
import type { Repository } from '../../repository/repository.ts';
import { isRefused, TreeOutline } from '../../repository/tree-outline.ts';
import type { RefusedNode, TreeNode } from '../../repository/tree.ts';
import { orderedRows, type RowOrder } from './row-order.ts';

export interface PageQuestion extends RowOrder {
  /** 1 to 10,000. */
  readonly limit: number;
  /** Of the page before; the first page without it. */
  readonly cursor?: string;
}

export interface FolderPage {
  readonly entries: readonly (TreeNode | RefusedNode)[];
  /** Entries of the whole folder. */
  readonly total: number;
  /** Undefined after the last page. */
  readonly cursor: string | undefined;
}

interface OpenFolder {
  readonly outline: TreeOutline;
  /** Rows in order, by the text of the order. */
  readonly orders: Map<string, Uint32Array>;
}

const mostOpen = 8;
const largestPage = 10_000;

export class FolderBrowser {
  readonly #repository: Repository;
  /** By tree; the map's order is the order of last use. */
  readonly #open = new Map<string, OpenFolder>();

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** `tree`: the id of a folder's tree, 32 bytes. Needs the index. Throws `DAMAGED`, and `INVALID_INPUT` for a cursor of another order. */
  async page(tree: Buffer, question: PageQuestion, signal?: AbortSignal): Promise<FolderPage> {
    const name = `${question.order}.${question.descending ? 'down' : 'up'}.${question.foldersFirst ? 'folders' : 'mixed'}`;
    const start = startOf(question.cursor, name);
    if (!Number.isInteger(question.limit) || question.limit < 1 || question.limit > largestPage) throw new Failure('INVALID_INPUT', { what: `A page has 1 to ${largestPage} entries` });
    const folder = await this.#folder(tree, signal);
    const rows = folder.orders.get(name) ?? orderedRows(folder.outline, question);
    folder.orders.set(name, rows);
    const end = Math.min(rows.length, start + question.limit);
    const entries = Array.from(rows.subarray(start, end), (row) => folder.outline.node(row));
    return { entries, total: rows.length, cursor: end < rows.length ? `${name}.${end}` : undefined };
  }

  async #folder(tree: Buffer, signal: AbortSignal | undefined): Promise<OpenFolder> {
    const key = tree.toString('latin1');
    const known = this.#open.get(key);
    const folder = known ?? { outline: new TreeOutline(this.#repository.addon, tree, await this.#repository.readBlob('tree', tree, signal)), orders: new Map<string, Uint32Array>() };
    this.#open.delete(key);
    this.#open.set(key, folder);
    const oldest = this.#open.keys().next();
    if (this.#open.size > mostOpen && oldest.done !== true) this.#open.delete(oldest.value);
    return folder;
  }
}

function startOf(cursor: string | undefined, order: string): number {
  if (cursor === undefined) return 0;
  const match = /^(.+)\.(\d{1,9})$/.exec(cursor);
  if (match?.[1] !== order) throw new Failure('INVALID_INPUT', { what: 'The cursor belongs to another order of the folder', next: 'Ask for the first page again' });
  return Number(match[2]);
}

/** For whoever shows a page. */
export function nameOfEntry(entry: TreeNode | RefusedNode): Buffer {
  return isRefused(entry) ? Buffer.from(entry.nameText) : entry.name;
}
