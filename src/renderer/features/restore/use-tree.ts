/** A folder of a snapshot by its pages: those in view are asked for, and kept, since a snapshot never changes. */
import { useQueries, useQuery } from '@tanstack/react-query';
import type { TreeEntry } from '../../../shared/contract/schemas/repository.ts';
import { useHost } from '../../lib/host/host.ts';

export const pageSize = 500;

export interface FolderView {
  /** Undefined while nothing is known of it. */
  readonly total: number | undefined;
  readonly error: Error | null;
  /** Undefined while its page is on its way. */
  readonly entryAt: (index: number) => TreeEntry | undefined;
  readonly again: () => void;
}

/** `first` and `last`: rows in view. */
export function useTree(repositoryId: string, snapshot: string, path: string, first: number, last: number): FolderView {
  const { client } = useHost();
  const options = (page: number) => ({
    queryKey: ['tree', repositoryId, snapshot, path, page],
    queryFn: () => client.list_tree({ repository_id: repositoryId, snapshot, path, offset: page * pageSize, limit: pageSize, order: 'folders' }),
    staleTime: Infinity,
    retry: false,
  });
  // The first page says how many there are.
  const start = useQuery(options(0));
  const from = Math.floor(Math.max(0, first) / pageSize);
  const to = Math.floor(Math.max(0, last) / pageSize);
  const pages = useQueries({ queries: Array.from({ length: to - from + 1 }, (_, index) => ({ ...options(from + index), enabled: start.data !== undefined })) });
  return {
    total: start.data?.total,
    error: start.error ?? pages.find((page) => page.error !== null)?.error ?? null,
    entryAt: (index) => {
      const page = Math.floor(index / pageSize);
      const data = page === 0 ? start.data : pages[page - from]?.data;
      return data?.entries[index % pageSize];
    },
    again: () => void Promise.all([start.refetch(), ...pages.map((page) => page.refetch())]),
  };
}
