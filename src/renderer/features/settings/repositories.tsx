/** The places that copies go to: how each does, its recovery sheet, a check, and forgetting it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Archive, FileKey, KeyRound, Monitor, Plus, Server, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Repository } from '../../../shared/contract/schemas/repository.ts';
import { Button } from '../../components/button.tsx';
import { AlertDialog, DialogGap } from '../../components/dialog.tsx';
import { EmptyState, NameText, PathText, Skeleton, StatusDot } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { repositoriesQuery } from '../../lib/queries.ts';
import { keys } from '../../lib/query-keys.ts';
import { navigate } from '../../lib/router.tsx';
import { useShell } from '../../lib/shell-state.ts';
import { AddRepository } from './add-repository.tsx';
import { messages } from './messages.ts';
import { TestPassword } from './test-password.tsx';
import styles from './settings.module.css';

export function Repositories(): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const repositories = useQuery(repositoriesQuery(client));
  const [chosen, setChosen] = useState<string>();
  const [adding, setAdding] = useState(false);
  if (repositories.data === undefined) return repositories.error === null ? <Skeleton rows={4} /> : <ErrorPanel error={repositories.error} />;
  const shown = repositories.data.find((one) => one.repository_id === chosen) ?? repositories.data[0];
  return (
    <>
      <h2>
        <span className="grow">{t.pages.repositories}</span>
        <Button size="small" icon={Plus} onClick={() => setAdding(true)}>
          {t.add}
        </Button>
      </h2>
      {shown === undefined ? (
        <EmptyState icon={Archive} title={t.noRepository} text={t.noRepositoryText}>
          <Button variant="primary" onClick={() => navigate({ place: 'first-run' })}>
            {t.begin}
          </Button>
        </EmptyState>
      ) : (
        <>
          <div className={styles['repositories']}>
            {repositories.data.map((repository) => (
              <button key={repository.repository_id} type="button" className={styles['repository']} aria-pressed={repository === shown} onClick={() => setChosen(repository.repository_id)}>
                <b>
                  {repository.kind === 'embedded' ? <Monitor size={16} strokeWidth={1.75} aria-hidden /> : <Server size={16} strokeWidth={1.75} aria-hidden />}
                  <span className="cut grow">
                    <NameText>{repository.name}</NameText>
                  </span>
                  <StatusDot tone={repository.last_error === null ? 'ok' : 'warn'} />
                </b>
                <p>{t.kinds[repository.kind]}</p>
              </button>
            ))}
          </div>
          <Details key={shown.repository_id} repository={shown} />
        </>
      )}
      {adding ? <AddRepository onClose={() => setAdding(false)} /> : null}
    </>
  );
}

function Details({ repository }: { readonly repository: Repository }): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const now = useNow(30_000);
  const { client, capabilities } = useHost();
  const notify = useShell((shell) => shell.notify);
  const [dialog, setDialog] = useState<'forget' | 'test'>();
  const { repository_id: id } = repository;
  const check = useMutation({
    mutationFn: () => client.start_check({ repository_id: id }),
    onSuccess: ({ job_id: jobId }) => notify({ id: `check-${id}`, tone: 'ok', title: t.checkStarted, action: { label: t.showJob, run: () => navigate({ place: 'jobs', jobId }) } }),
  });
  const sheet = useMutation({
    mutationFn: async () => {
      const { file_name: name, text } = await client.get_recovery_sheet({ repository_id: id });
      await capabilities.saveText(name, text);
    },
  });
  const error = check.error ?? sheet.error;
  return (
    <>
      <section className={`card ${styles['group']}`} aria-label={visibleText(repository.name)}>
        <dl className={styles['facts']}>
          <div className={styles['whole']}>
            <dt>{t.addressOf}</dt>
            <dd className="mono">
              <PathText path={repository.url} />
            </dd>
          </div>
          <div>
            <dt>{t.kind}</dt>
            <dd>{t.kinds[repository.kind]}</dd>
          </div>
          <div>
            <dt>{t.lastUsed}</dt>
            <dd>{repository.last_used_at === null ? t.never : format.ago(new Date(repository.last_used_at), now)}</dd>
          </div>
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
        <div className={styles['actions']}>
          <Button size="small" icon={ShieldCheck} disabled={check.isPending} onClick={() => check.mutate()}>
            {t.check}
          </Button>
          <Button size="small" icon={FileKey} disabled={sheet.isPending} onClick={() => sheet.mutate()}>
            {t.sheet}
          </Button>
          <Button size="small" icon={KeyRound} onClick={() => setDialog('test')}>
            {t.testPassword}
          </Button>
          {repository.kind === 'embedded' ? null : (
            <Button size="small" variant="quiet" onClick={() => setDialog('forget')}>
              {t.forget}
            </Button>
          )}
        </div>
      </section>
      {error === null ? null : <ErrorPanel error={error} />}
      {dialog === 'forget' ? <Forget repository={repository} onClose={() => setDialog(undefined)} /> : null}
      {dialog === 'test' ? <TestPassword repositoryId={id} onClose={() => setDialog(undefined)} /> : null}
    </>
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
