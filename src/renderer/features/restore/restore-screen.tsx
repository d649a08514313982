/** Walks through time and folders, and restores from there. Snapshot and folder stand in the address, so that links lead to them. */
import { useQueries, useQuery } from '@tanstack/react-query';
import { ChevronRight, History, SearchX } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { Repository, Snapshot } from '../../../shared/contract/schemas/repository.ts';
import { Button } from '../../components/button.tsx';
import { Select } from '../../components/controls.tsx';
import { EmptyState, NameText, Skeleton } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { repositoriesQuery, snapshotsQuery } from '../../lib/queries.ts';
import { navigate, useSearch } from '../../lib/router.tsx';
import { FileList } from './file-list.tsx';
import { messages } from './messages.ts';
import { RestoreDialog } from './restore-dialog.tsx';
import { commonParent, crumbsOf } from './restore-target.ts';
import styles from './restore.module.css';
import { countOf, nothing } from './selection.ts';
import type { Selection } from './selection.ts';
import { Timeline } from './timeline.tsx';
import { useTree } from './use-tree.ts';

interface Place {
  readonly repository?: string | undefined;
  /** Its id, or the beginning of one. */
  readonly snapshot?: string | undefined;
  readonly path?: string | undefined;
}

function placePath(place: Place): string {
  const search = new URLSearchParams(Object.entries(place).filter((pair): pair is [string, string] => pair[1] !== undefined)).toString();
  return search === '' ? '/restore' : `/restore?${search}`;
}

export function RestoreScreen(): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const search = useSearch();
  const place: Place = { repository: search.get('repository') ?? undefined, snapshot: search.get('snapshot') ?? undefined, path: search.get('path') ?? undefined };
  const repositories = useQuery(repositoriesQuery(client));
  const known = repositories.data ?? [];
  const linked = useLinked(known, place);
  const repository = known.find((one) => one.repository_id === (place.repository ?? linked)) ?? known[0];
  return (
    <>
      <div className="toolbar">
        <h1>{t.title}</h1>
        <span className="grow" />
        {repository === undefined ? null : (
          <Select label={t.repository} value={repository.repository_id} choices={known.map((one) => ({ value: one.repository_id, label: visibleText(one.name) }))} onChange={(chosen) => navigate(placePath({ repository: chosen }))} />
        )}
      </div>
      {repositories.data === undefined ? (
        repositories.error === null ? (
          <Skeleton rows={6} />
        ) : (
          <div className="body pad">
            <ErrorPanel error={repositories.error} />
          </div>
        )
      ) : repository === undefined ? (
        <EmptyState icon={History} title={t.noRepository} text={t.noRepositoryText}>
          <Button variant="primary" onClick={() => navigate({ place: 'first-run' })}>
            {t.begin}
          </Button>
        </EmptyState>
      ) : (
        <Snapshots key={repository.repository_id} repository={repository} place={place} />
      )}
    </>
  );
}

/** The repository that has the snapshot of a link which names none. */
function useLinked(known: readonly Repository[], { repository, snapshot }: Place): string | undefined {
  const { client } = useHost();
  const isAsked = repository === undefined && snapshot !== undefined;
  return useQueries({
    queries: isAsked ? known.map((one) => snapshotsQuery(client, one.repository_id)) : [],
    combine: (all) => known[all.findIndex(({ data }) => data?.some(({ id }) => id.startsWith(snapshot ?? '')) === true)]?.repository_id,
  });
}

function Snapshots({ repository: { repository_id: id }, place }: { readonly repository: Repository; readonly place: Place }): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const snapshots = useQuery(snapshotsQuery(client, id));
  const ordered = useMemo(() => snapshots.data?.toReversed() ?? [], [snapshots.data]);
  if (snapshots.error !== null && snapshots.data === undefined) {
    return (
      <div className="body pad">
        <ErrorPanel error={snapshots.error}>
          <Button variant="primary" onClick={() => void snapshots.refetch()}>
            {t.retry}
          </Button>
        </ErrorPanel>
      </div>
    );
  }
  if (snapshots.data === undefined) return <Skeleton rows={6} />;
  const newest = ordered.at(-1);
  if (newest === undefined) return <EmptyState icon={History} title={t.noSnapshot} text={t.noSnapshotText} />;
  const current = place.snapshot === undefined ? newest : ordered.find((snapshot) => snapshot.id.startsWith(place.snapshot ?? ''));
  if (current === undefined) {
    return (
      <EmptyState icon={SearchX} title={t.gone} text={t.goneText}>
        <Button variant="primary" onClick={() => navigate(placePath({ repository: id }))}>
          {t.showNewest}
        </Button>
      </EmptyState>
    );
  }
  // The folder stays while the person walks through time; at first it is the one that was backed up.
  const path = place.path ?? commonParent(current.paths);
  return (
    <>
      <Timeline snapshots={ordered} current={current} onChoose={(snapshot) => navigate(placePath({ repository: id, snapshot: snapshot.id.slice(0, 16), path: place.path }), { replace: true })} />
      <Browser key={`${current.id} ${path}`} repositoryId={id} snapshot={current} path={path} onOpen={(to) => navigate(placePath({ repository: id, snapshot: current.id.slice(0, 16), path: to }))} />
    </>
  );
}

interface BrowserProps {
  readonly repositoryId: string;
  readonly snapshot: Snapshot;
  readonly path: string;
  readonly onOpen: (path: string) => void;
}

function Browser({ repositoryId, snapshot, path, onOpen }: BrowserProps): ReactNode {
  const t = useMessages(messages);
  const [selection, setSelection] = useState<Selection>(nothing);
  const [restoring, setRestoring] = useState(false);
  const { total } = useTree(repositoryId, snapshot.id, path, 0, 0);
  const crumbs = [{ name: snapshot.hostname, path: '/' }, ...crumbsOf(path)];
  const parent = crumbs.at(-2);
  const restore = (): void => setRestoring(true);
  return (
    <>
      <nav className={styles['crumbs']} aria-label={t.path}>
        <ol>
          {crumbs.map((crumb, index) => (
            <li key={crumb.path}>
              {index === 0 ? null : <ChevronRight size={13} strokeWidth={1.75} aria-hidden />}
              <button type="button" aria-current={index === crumbs.length - 1 ? 'location' : undefined} onClick={() => onOpen(crumb.path)}>
                <NameText>{crumb.name === '' ? '/' : crumb.name}</NameText>
              </button>
            </li>
          ))}
        </ol>
        <span className="small t2">{total === undefined ? '' : t.items(total)}</span>
      </nav>
      <FileList repositoryId={repositoryId} snapshot={snapshot.id} path={path} selection={selection} onSelect={setSelection} onOpen={onOpen} onUp={parent === undefined ? undefined : () => onOpen(parent.path)} onRestore={restore} onHome={() => onOpen(commonParent(snapshot.paths))} />
      <SelectionBar selection={selection} total={total} onClear={() => setSelection(nothing)} onRestore={restore} />
      {restoring ? <RestoreDialog repositoryId={repositoryId} snapshot={snapshot} folder={path} selection={selection} total={total ?? 0} onClose={() => setRestoring(false)} /> : null}
    </>
  );
}

interface SelectionBarProps {
  readonly selection: Selection;
  /** Undefined: there is no such folder, or nothing is known of it yet. */
  readonly total: number | undefined;
  readonly onClear: () => void;
  readonly onRestore: () => void;
}

function SelectionBar({ selection, total, onClear, onRestore }: SelectionBarProps): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const count = countOf(selection, total ?? 0);
  const bytes = selection.kind === 'some' ? [...selection.entries.values()].reduce((sum, { size }) => sum + (size ?? 0), 0) : 0;
  return (
    <div className={styles['selection']}>
      {count === 0 ? (
        <span className="t2 grow">{total === undefined ? '' : t.wholeFolder}</span>
      ) : (
        <>
          <span className="strong" role="status">
            {t.selected(count)}
          </span>
          <span className="small t2 grow">{bytes === 0 ? '' : format.bytes(bytes)}</span>
          <Button variant="quiet" onClick={onClear}>
            {t.clear}
          </Button>
        </>
      )}
      <Button variant="primary" icon={History} disabled={total === undefined} onClick={onRestore}>
        {count === 0 ? t.restoreFolder : t.restore}
      </Button>
    </div>
  );
}
