/** One place for copies: its facts, a check, another name, and forgetting it. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Pencil, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import type { Repository } from '../../../shared/contract/schemas/repository.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/controls.tsx';
import { AlertDialog, Dialog, DialogGap } from '../../components/dialog.tsx';
import { PathText } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { finishedJobsQuery, snapshotsQuery } from '../../lib/queries.ts';
import { keys } from '../../lib/query-keys.ts';
import { CheckDialog } from './check-dialog.tsx';
import { messages } from './messages.ts';
import styles from './settings.module.css';

export function RepositoryDetails({ repository }: { readonly repository: Repository }): ReactNode {
  const t = useMessages(messages);
  const [dialog, setDialog] = useState<'check' | 'rename' | 'forget'>();
  const close = (): void => setDialog(undefined);
  return (
    <section className={`card ${styles['group']}`} aria-label={visibleText(repository.name)}>
      <Facts repository={repository} />
      <div className={styles['actions']}>
        <Button size="small" icon={ShieldCheck} onClick={() => setDialog('check')}>
          {t.check}
        </Button>
        <Button size="small" icon={Pencil} onClick={() => setDialog('rename')}>
          {t.rename}
        </Button>
        <span className="grow" />
        {repository.kind === 'embedded' ? null : (
          <Button size="small" variant="quiet" onClick={() => setDialog('forget')}>
            {t.forget}
          </Button>
        )}
      </div>
      {dialog === 'check' ? <CheckDialog repository={repository} onClose={close} /> : null}
      {dialog === 'rename' ? <Rename repository={repository} onClose={close} /> : null}
      {dialog === 'forget' ? <Forget repository={repository} onClose={close} /> : null}
    </section>
  );
}

function Facts({ repository }: { readonly repository: Repository }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const now = useNow(30_000);
  const { client } = useHost();
  const snapshots = useQuery(snapshotsQuery(client, repository.repository_id));
  const finished = useInfiniteQuery(finishedJobsQuery(client)).data?.pages.flat() ?? [];
  const check = lastCheck(finished, repository.repository_id);
  const newest = snapshots.data?.[0];
  const facts = [
    { name: t.kind, value: t.kinds[repository.kind] },
    { name: t.encryption, value: t.encryptionText },
    { name: t.snapshots, value: snapshots.data === undefined ? (snapshots.error === null ? '…' : t.unreadable) : f.number(snapshots.data.length) },
    { name: t.newest, value: newest === undefined ? t.never : f.ago(new Date(newest.time), now) },
    { name: t.checked, value: check?.finished_at === undefined || check.finished_at === null ? t.never : `${f.ago(new Date(check.finished_at), now)}, ${check.phase === 'COMPLETED' ? t.checkGood : t.checkBad}` },
    { name: t.lastUsed, value: repository.last_used_at === null ? t.never : f.ago(new Date(repository.last_used_at), now) },
  ];
  return (
    <dl className={styles['facts']}>
      <div className={styles['whole']}>
        <dt>{t.addressOf}</dt>
        <dd className="mono">
          <PathText path={repository.url} />
        </dd>
      </div>
      {facts.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      {repository.certificate_fingerprint === null ? null : (
        <div className={styles['whole']}>
          <dt>{t.certificate}</dt>
          <dd className="mono">{repository.certificate_fingerprint}</dd>
        </div>
      )}
      {repository.last_error === null ? null : (
        <div className={styles['whole']}>
          <dt>{t.lastError}</dt>
          <dd>{visibleText(repository.last_error)}</dd>
        </div>
      )}
    </dl>
  );
}

/** The latest check of a repository that came to an end. */
function lastCheck(finished: readonly Job[], repositoryId: string): Job | undefined {
  return finished
    .filter((job) => job.kind === 'check' && job.repository_id === repositoryId && job.phase !== 'CANCELLED')
    .toSorted((a, b) => (b.finished_at ?? '').localeCompare(a.finished_at ?? ''))[0];
}

function Rename({ repository, onClose }: { readonly repository: Repository; readonly onClose: () => void }): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const cache = useQueryClient();
  const [name, setName] = useState(repository.name);
  const rename = useMutation({
    mutationFn: () => client.update_repository({ repository_id: repository.repository_id, name: name.trim() }),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: keys.repositories });
      onClose();
    },
  });
  return (
    <Dialog
      onClose={onClose}
      title={t.renameTitle}
      foot={
        <>
          <DialogGap />
          <Button onClick={onClose}>{t.close}</Button>
          <Button variant="primary" type="submit" form="rename-repository" disabled={name.trim() === '' || rename.isPending}>
            {t.renameGo}
          </Button>
        </>
      }
    >
      <form
        id="rename-repository"
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          rename.mutate();
        }}
      >
        <Field label={t.name} value={name} maxLength={120} onChange={(event) => setName(event.target.value)} />
        {rename.error === null ? null : <ErrorPanel error={rename.error} />}
      </form>
    </Dialog>
  );
}

function Forget({ repository, onClose }: { readonly repository: Repository; readonly onClose: () => void }): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const cache = useQueryClient();
  const forget = useMutation({
    mutationFn: () => client.remove_repository({ repository_id: repository.repository_id }),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: keys.repositories });
      onClose();
    },
  });
  return (
    <AlertDialog
      onClose={onClose}
      title={t.forgetTitle(visibleText(repository.name))}
      description={t.forgetText}
      foot={
        <>
          <DialogGap />
          <Button onClick={onClose}>{t.keep}</Button>
          <Button variant="danger" disabled={forget.isPending} onClick={() => forget.mutate()}>
            {t.forgetGo}
          </Button>
        </>
      }
    >
      {forget.error === null ? null : <ErrorPanel error={forget.error} />}
    </AlertDialog>
  );
}
