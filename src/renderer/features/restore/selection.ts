/** What is chosen in a folder of a snapshot: some entries, or all but some. */
import type { TreeEntry } from '../../../shared/contract/schemas/repository.ts';

export type Selection = { readonly kind: 'some' | 'all-but'; readonly entries: ReadonlyMap<string, TreeEntry> };

export const nothing: Selection = { kind: 'some', entries: new Map() };
export const everything: Selection = { kind: 'all-but', entries: new Map() };

export function isChosen({ kind, entries }: Selection, path: string): boolean {
  return entries.has(path) === (kind === 'some');
}

export function chosen(selection: Selection, entry: TreeEntry, on: boolean): Selection {
  if (isChosen(selection, entry.path) === on) return selection;
  const entries = new Map(selection.entries);
  if (on === (selection.kind === 'some')) entries.set(entry.path, entry);
  else entries.delete(entry.path);
  return { ...selection, entries };
}

/** How many of a folder's entries. */
export function countOf({ kind, entries }: Selection, total: number): number {
  return kind === 'some' ? entries.size : Math.max(0, total - entries.size);
}

/** For a restore: names of entries that are taken, or that stay out. Neither: the whole folder. */
export function namesOf({ kind, entries }: Selection): { readonly names: string[]; readonly except: string[] } {
  const names = [...entries.values()].map(({ name }) => name);
  return kind === 'some' ? { names, except: [] } : { names: [], except: names };
}
