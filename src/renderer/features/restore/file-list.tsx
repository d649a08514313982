/** A folder of a snapshot: a table with boxes, page by page. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { File, Folder, Link2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { TreeEntry } from '../../../shared/contract/schemas/repository.ts';
import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/controls.tsx';
import { NameText, Skeleton } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { messages } from './messages.ts';
import styles from './restore.module.css';

interface FileListProps {
  readonly repositoryId: string;
  readonly snapshot: string;
  readonly path: string;
  readonly selected: ReadonlyMap<string, TreeEntry>;
  readonly onSelect: (selected: ReadonlyMap<string, TreeEntry>) => void;
  readonly onOpen: (path: string) => void;
}

export function FileList({ repositoryId, snapshot, path, selected, onSelect, onOpen }: FileListProps): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const now = useNow(60_000);
  const tree = useInfiniteQuery({
    queryKey: ['tree', repositoryId, snapshot, path],
    queryFn: ({ pageParam }) => client.list_tree({ repository_id: repositoryId, snapshot, path, offset: pageParam, limit: 500 }),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => {
      const seen = pages.reduce((sum, { entries }) => sum + entries.length, 0);
      return last.entries.length === 0 || seen >= last.total ? undefined : seen;
    },
    // What a snapshot holds never changes.
    staleTime: Infinity,
    retry: false,
  });
  if (tree.error !== null) {
    return (
      <div className="pad">
        <ErrorPanel error={tree.error}>
          <Button variant="primary" onClick={() => void tree.refetch()}>
            {t.retry}
          </Button>
        </ErrorPanel>
      </div>
    );
  }
  if (tree.data === undefined) return <Skeleton rows={6} />;
  const total = tree.data.pages[0]?.total ?? 0;
  const entries = foldersFirst(tree.data.pages.flatMap((page) => page.entries));
  const toggle = (entry: TreeEntry, on: boolean): void => {
    const next = new Map(selected);
    if (on) next.set(entry.path, entry);
    else next.delete(entry.path);
    onSelect(next);
  };
  const count = entries.filter((entry) => selected.has(entry.path)).length;
  return (
    <div className={styles['files']}>
      <table>
        <thead>
          <tr>
            <th className={styles['box']} scope="col">
              <Checkbox checked={count === 0 ? false : count === entries.length ? true : 'indeterminate'} label={t.selectAll} onChange={(on) => onSelect(on ? new Map(entries.map((entry) => [entry.path, entry])) : new Map())} />
            </th>
            <th scope="col">{t.name}</th>
            <th scope="col" className={styles['size']}>
              {t.size}
            </th>
            <th scope="col" className={styles['changed']}>
              {t.changed}
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <EntryRow key={entry.path} entry={entry} now={now} selected={selected.has(entry.path)} onToggle={toggle} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
      {total === 0 ? <p className={styles['note']}>{t.empty}</p> : null}
      {tree.hasNextPage ? (
        <p className={styles['note']}>
          <Button onClick={() => void tree.fetchNextPage()}>{t.more(total - entries.length)}</Button>
        </p>
      ) : null}
    </div>
  );
}

function foldersFirst(entries: readonly TreeEntry[]): TreeEntry[] {
  return entries.toSorted((a, b) => Number(b.type === 'dir') - Number(a.type === 'dir') || a.name.localeCompare(b.name, undefined, { numeric: true }));
}

interface EntryRowProps extends Pick<FileListProps, 'onOpen'> {
  readonly entry: TreeEntry;
  readonly now: Date;
  readonly selected: boolean;
  readonly onToggle: (entry: TreeEntry, on: boolean) => void;
}

function EntryRow({ entry, now, selected, onToggle, onOpen }: EntryRowProps): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const Icon = entry.type === 'dir' ? Folder : entry.type === 'symlink' ? Link2 : File;
  return (
    <tr data-selected={selected ? '' : undefined}>
      <td className={styles['box']}>
        <Checkbox checked={selected} label={t.select(entry.name)} onChange={(on) => onToggle(entry, on)} />
      </td>
      <td>
        <span className={styles['name']}>
          <Icon size={16} strokeWidth={1.75} className={entry.type === 'dir' ? styles['folder'] : undefined} aria-hidden />
          {entry.type === 'dir' ? (
            <button type="button" onClick={() => onOpen(entry.path)}>
              <NameText>{entry.name}</NameText>
            </button>
          ) : (
            <span className="cut">
              <NameText>{entry.name}</NameText>
            </span>
          )}
        </span>
      </td>
      <td className={styles['size']}>{entry.size === undefined ? '' : format.bytes(entry.size)}</td>
      <td className={styles['changed']}>{entry.mtime === undefined ? '' : format.moment(new Date(entry.mtime), now)}</td>
    </tr>
  );
}
