/** The connection that was chosen: when a byte moved last, what went wrong, what it has on its way; beside it a job that waits for this server. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { OperationOutput } from '../../../shared/contract/operations.ts';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import { Button } from '../../components/button.tsx';
import { classes } from '../../components/class-names.ts';
import { AlertDialog, DialogGap } from '../../components/dialog.tsx';
import { NameText } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { triesOf } from '../../lib/attempts.ts';
import { visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { activeJobsQuery, repositoriesQuery } from '../../lib/queries.ts';
import { keys } from '../../lib/query-keys.ts';
import { Link } from '../../lib/router.tsx';
import { useJobActions } from '../jobs/use-job-actions.ts';
import { useJobNames } from '../jobs/use-job-names.ts';
import { RetryTrack } from '../offline/retry-track.tsx';
import { messages } from './messages.ts';
import styles from './health.module.css';
import type { LiveConnection } from './use-connections.ts';

export type PartialUpload = OperationOutput<'list_partials'>[number];

const pollMs = 5000;

export function usePartials(): readonly PartialUpload[] {
  const { client } = useHost();
  return useQuery({ queryKey: keys.partials, queryFn: () => client.list_partials(), refetchInterval: pollMs, retry: false }).data ?? [];
}

export function ConnectionDetails({ connection, onClose }: { readonly connection: LiveConnection; readonly onClose: () => void }): ReactNode {
  const waiting = useWaitingJob();
  return (
    <div className={classes(styles['chosen'], waiting !== undefined && styles['beside'])}>
      <Details connection={connection} onClose={onClose} />
      {waiting === undefined ? null : <Retry job={waiting} />}
    </div>
  );
}

function Details({ connection, onClose }: { readonly connection: LiveConnection; readonly onClose: () => void }): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const partials = usePartials().filter(({ client_id: id }) => id !== null && id === connection.client_id);
  const [clearing, setClearing] = useState<PartialUpload>();
  const name = connection.name ?? t.unknownClient;
  const isStalled = connection.state === 'stalled';
  const descriptor = connection.fd < 0 ? '' : `fd ${connection.fd}, `;
  const sum = partials.reduce((bytes, partial) => bytes + partial.bytes, 0);
  const facts: readonly (readonly [string, string])[] = [
    [t.connection, `${descriptor}${connection.connection_id}`],
    [t.sinceRead, format.duration(connection.idle_read_ms / 1000)],
    [t.partialUpload, partials.length === 0 ? t.nonePartial : t.partialBytes(partials.length, format.bytes(sum))],
    [t.sinceWrite, format.duration(connection.idle_write_ms / 1000)],
    [t.lastError, connection.last_error === null ? t.noError : visibleText(connection.last_error)],
    [t.readWriteErrors, `${format.number(connection.read_errors)}, ${format.number(connection.write_errors)}`],
    [t.keepAlive, connection.keep_alive ? t.yes : t.no],
    [t.cleared, format.number(connection.partial_clears)],
  ];
  const [first] = partials;
  return (
    <section className={classes('card', styles['details'])} aria-label={t.details(visibleText(name))}>
      <header>
        <span className="strong cut">
          <NameText>{name}</NameText>
        </span>
        <span className="small t2 grow">{isStalled ? t.stalledFor(format.duration(Math.min(connection.idle_read_ms, connection.idle_write_ms) / 1000)) : t.states[connection.state]}</span>
        {connection.job === undefined ? null : <Link to={{ place: 'jobs', jobId: connection.job.job_id }}>{t.showJob}</Link>}
        <Button variant="quiet" size="small" onClick={onClose}>
          {t.close}
        </Button>
      </header>
      <dl>
        {facts.map(([term, value]) => (
          <FactPair key={term} term={term} value={value} />
        ))}
      </dl>
      {isStalled || first !== undefined ? (
        <p className={styles['stalledtext']}>
          {isStalled ? (first === undefined ? t.stalledIdle : t.stalledText) : t.partialText}
          {first === undefined ? null : (
            <>
              {' '}
              <button type="button" className={styles['textbutton']} onClick={() => setClearing(first)}>
                {t.clearUpload}
              </button>
            </>
          )}
        </p>
      ) : null}
      {clearing === undefined ? null : <ClearPartial partial={clearing} onClose={() => setClearing(undefined)} />}
    </section>
  );
}

function FactPair({ term, value }: { readonly term: string; readonly value: string }): ReactNode {
  return (
    <>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </>
  );
}

/** Asks before an upload is ended, and says what stays. */
export function ClearPartial({ partial: { id, bytes, client_id: client }, onClose }: { readonly partial: PartialUpload; readonly onClose: () => void }): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const { client: agent } = useHost();
  const cache = useQueryClient();
  const abort = useMutation({
    mutationFn: () => agent.abort_partial({ partial_id: id }),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.partials }),
    onSuccess: onClose,
  });
  return (
    <AlertDialog
      onClose={onClose}
      title={t.clearTitle(visibleText(client ?? t.unknownClient))}
      description={t.clearText(format.bytes(bytes))}
      foot={
        <>
          <DialogGap />
          <Button onClick={onClose}>{t.keepUpload}</Button>
          <Button variant="danger" disabled={abort.isPending} onClick={() => abort.mutate()}>
            {t.clearGo}
          </Button>
        </>
      }
    >
      {abort.error === null ? null : <ErrorPanel error={abort.error} />}
    </AlertDialog>
  );
}

/** The first job that waits for another try at a place on this server. */
function useWaitingJob(): Job | undefined {
  const { client } = useHost();
  const active = useQuery(activeJobsQuery(client)).data;
  const repositories = useQuery(repositoriesQuery(client)).data;
  const server = useQuery({ queryKey: ['server'], queryFn: () => client.get_server(), refetchInterval: pollMs }).data;
  const address = server === undefined ? undefined : new URL(server.url).host;
  const here = new Set(repositories?.filter(({ kind, url }) => kind === 'embedded' || (kind === 'rest' && address !== undefined && url.includes(`//${address}/`))).map(({ repository_id: id }) => id));
  return active?.find(({ phase, repository_id: id }) => phase === 'WAITING_RETRY' && here.has(id));
}

function Retry({ job }: { readonly job: Job }): ReactNode {
  const t = useMessages(messages);
  const { nameOf, placeOf } = useJobNames();
  const { retry } = useJobActions();
  const now = useNow(1000).getTime();
  return (
    <section className={classes('card', styles['details'])} aria-label={t.retryOf(visibleText(nameOf(job)))}>
      <header>
        <span className="strong">{t.retry}</span>
        <span className="small t2 grow cut">{t.jobTo(visibleText(nameOf(job)), visibleText(placeOf(job)))}</span>
        <Button variant="quiet" size="small" icon={Play} onClick={() => retry(job.job_id)}>
          {t.tryNow}
        </Button>
      </header>
      <div className={styles['retry']}>
        <RetryTrack {...triesOf([job], now)} />
        <p className="small t2">{t.retryText}</p>
        {job.error === null ? null : <p className="small t2">{t.lastAnswer(visibleText(job.error.parts?.what ?? job.error.message))}</p>}
      </div>
    </section>
  );
}
