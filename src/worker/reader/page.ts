/** Pages of a list that does not change: the cursor is the number of entries before it. */
import { Failure } from '../../shared/errors.ts';

/** Failure INVALID_INPUT (`cursor`). */
export function pageAt<Item>(all: readonly Item[], cursor: string | undefined, limit: number): { readonly items: Item[]; readonly next: string | null } {
  const start = cursor === undefined ? 0 : startOf(cursor);
  const end = start + limit;
  return { items: all.slice(start, end), next: end < all.length ? String(end) : null };
}

function startOf(cursor: string): number {
  if (!/^\d{1,9}$/.test(cursor)) throw new Failure('INVALID_INPUT', { what: 'The cursor is of no page of this list', next: 'Ask for the first page again' }, { path: 'cursor' });
  return Number(cursor);
}
