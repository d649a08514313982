/** Restore: walk through time, find a file, bring it back. */
import { useQuery } from '@tanstack/react-query';
import { ChevronRight, History } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { Repository, Snapshot, TreeEntry } from '../../../shared/contract/schemas/repository.ts';
import { Button } from '../../components/button.tsx';
import { Select } from '../../components/controls.tsx';
import { EmptyState, NameText, Skeleton } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { repositoriesQuery, snapshotsQuery } from '../../lib/queries.ts';
import { navigate } from '../../lib/router.tsx';
import { FileList } from './file-list.tsx';
import { messages } from './messages.ts';
import { RestoreDialog } from './restore-dialog.tsx';
import { commonParent, crumbsOf } from './restore-target.ts';
import styles from './restore.module.css';
import { Timeline } from './timeline.tsx';

export function RestoreScreen(): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const repositories = useQuery(repositoriesQuery(client));
  const [chosen, setChosen] = useState<string>();
  const known = repositories.data ?? [];
  const repository = known.find((one) => one.repository_id === chosen) ?? known[0];
  return (
    <>
      <div className="toolbar">
        <h1>{t.title}</h1>
        <span className="grow" />
        {repository === undefined ? null : (
          <Select label={t.repository} value={repository.repository_id} choices={known.map((one) => ({ value: one.repository_id, label: visibleText(one.name) }))} onChange={setChosen} />
        )}
      </div>
      {repositories.data === undefined ? (
        <Skeleton rows={6} />
      ) : repository === undefined ? (
        <EmptyState icon={History} title={t.noRepository} text={t.noRepositoryText}>
          <Button variant="primary" onClick={() => navigate({ place: 'first-run' })}>
            {t.begin}
          </Button>
        </EmptyState>
      ) : (
        <Snapshots key={repository.repository_id} repository={repository} />
      )}
    </>
  );
}

function Snapshots({ repository: { repository_id: id } }: { readonly repository: Repository }): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const snapshots = useQuery(snapshotsQuery(client, id));
  const ordered = useMemo(() => snapshots.data?.toReversed() ?? [], [snapshots.data]);
  const [chosen, setChosen] = useState<string>();
  const current = ordered.find((snapshot) => snapshot.id === chosen) ?? ordered.at(-1);
  if (snapshots.error !== null) {
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
  if (current === undefined) return <EmptyState icon={History} title={t.noSnapshot} text={t.noSnapshotText} />;
  return (
    <>
      <Timeline snapshots={ordered} current={current} onChoose={(snapshot) => setChosen(snapshot.id)} />
      <Browser repositoryId={id} snapshot={current} />
    </>
  );
}

function Browser({ repositoryId, snapshot }: { readonly repositoryId: string; readonly snapshot: Snapshot }): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const [asked, setAsked] = useState<string>();
  const [selected, setSelected] = useState<ReadonlyMap<string, TreeEntry>>(new Map());
  const [restoring, setRestoring] = useState(false);
  // The folder stays while the person walks through time; at first it is the one that was backed up.
  const path = asked ?? commonParent(snapshot.paths);
  const open = (to: string): void => {
    setAsked(to);
    setSelected(new Map());
  };
  const crumbs = [{ name: snapshot.hostname, path: '/' }, ...crumbsOf(path)];
  const entries = [...selected.values()];
  const bytes = entries.reduce((sum, { size }) => sum + (size ?? 0), 0);
  return (
    <>
      <nav className={styles['crumbs']} aria-label={t.path}>
        <ol>
          {crumbs.map((crumb, index) => (
            <li key={crumb.path}>
              {index === 0 ? null : <ChevronRight size={13} strokeWidth={1.75} aria-hidden />}
              <button type="button" aria-current={index === crumbs.length - 1 ? 'location' : undefined} onClick={() => open(crumb.path)}>
                <NameText>{crumb.name === '' ? '/' : crumb.name}</NameText>
              </button>
            </li>
          ))}
        </ol>
      </nav>
      <FileList repositoryId={repositoryId} snapshot={snapshot.id} path={path} selected={selected} onSelect={setSelected} onOpen={open} />
      <div className={styles['selection']}>
        {entries.length === 0 ? (
          <span className="t2 grow">{t.wholeFolder}</span>
        ) : (
          <>
            <span className="strong">{t.selected(entries.length)}</span>
            <span className="small t2 grow">{bytes === 0 ? '' : format.bytes(bytes)}</span>
            <Button variant="quiet" onClick={() => setSelected(new Map())}>
              {t.clear}
            </Button>
          </>
        )}
        <Button variant="primary" icon={History} onClick={() => setRestoring(true)}>
          {entries.length === 0 ? t.restoreFolder : t.restore}
        </Button>
      </div>
      {restoring ? <RestoreDialog repositoryId={repositoryId} snapshot={snapshot} folder={path} entries={entries} onClose={() => setRestoring(false)} /> : null}
    </>
  );
}
