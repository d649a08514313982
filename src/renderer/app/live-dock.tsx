/** The live dock: what runs, how long, how fast, and how each place is. On the rail a ring. */
import { useQuery } from '@tanstack/react-query';
import { ArrowUp, Check, Play } from 'lucide-react';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import type { Job } from '../../shared/contract/schemas/job.ts';
import type { DestinationHealth } from '../../shared/contract/schemas/connection-health.ts';
import { IconButton } from '../components/button.tsx';
import { NameText, StatusDot } from '../components/display.tsx';
import { Pause } from '../components/pause-icon.ts';
import { Progress, ProgressRing } from '../components/progress.tsx';
import type { Tone } from '../components/progress.tsx';
import { useJobActions } from '../features/jobs/use-job-actions.ts';
import { rememberTries } from '../lib/attempts.ts';
import { rememberSpeeds } from '../lib/speeds.ts';
import { useHost } from '../lib/host/host.ts';
import { totalsOf } from '../lib/job-totals.ts';
import { useFormat, useMessages } from '../lib/messages/messages.ts';
import { useNow } from '../lib/now.ts';
import { activeJobsQuery, destinationsQuery, repositoriesQuery } from '../lib/queries.ts';
import styles from './frame.module.css';
import { messages } from './messages.ts';

const none: readonly Job[] = [];

export function LiveDock({ rail }: { readonly rail: boolean }): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const active = useQuery(activeJobsQuery(client)).data ?? none;
  const totals = totalsOf(active);
  useEffect(() => {
    rememberTries(active);
    rememberSpeeds(active, Date.now());
  }, [active]);
  return (
    <section className={styles['dock']} aria-label={t.liveStatus}>
      <div className={styles['live']}>
        <LiveLines active={active} />
      </div>
      <Places />
      {rail ? (
        <div className={styles['ringdock']}>
          {totals.running > 0 ? <ProgressRing label={t.allJobs} value={totals.progress} /> : null}
          <WorstPlace />
        </div>
      ) : null}
    </section>
  );
}

function LiveLines({ active }: { readonly active: readonly Job[] }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const actions = useJobActions();
  const totals = totalsOf(active);
  const now = useNow(totals.nextAttempt === undefined ? 60_000 : 1000);
  if (active.length === 0) {
    return (
      <div className={styles['line']}>
        <Check size={14} strokeWidth={2} color="var(--ok)" aria-hidden />
        <span className="strong grow">{t.noJobs}</span>
      </div>
    );
  }
  const allPaused = totals.paused === active.length;
  const head = totals.running > 0 ? t.running(totals.running) : allPaused ? t.paused(totals.paused) : t.waiting(totals.waiting + totals.paused);
  const range = totals.eta === undefined ? undefined : f.range(totals.eta.low, totals.eta.high);
  return (
    <>
      <div className={styles['line']}>
        <span className="strong grow">{head}</span>
        <IconButton size="small" icon={allPaused ? Play : Pause} label={allPaused ? t.resumeAll : t.pauseAll} onClick={() => (allPaused ? actions.resumeAll() : actions.pauseAll())} />
      </div>
      {totals.running > 0 ? <Progress thin label={t.allJobs} value={totals.counting ? undefined : totals.progress} /> : null}
      {totals.running > 0 ? (
        <div className={`${styles['line']} small t2`}>
          <span className="grow cut">{totals.eta === undefined ? '' : range === undefined ? t.underMinute : t.left(range)}</span>
          <span className={styles['speed']}>
            <ArrowUp size={12} strokeWidth={1.75} aria-hidden />
            {f.speed(totals.speed)}
          </span>
        </div>
      ) : totals.nextAttempt === undefined ? null : (
        <div className={`${styles['line']} small t2`}>{t.nextTry(f.countdown((totals.nextAttempt - now.getTime()) / 1000))}</div>
      )}
    </>
  );
}

interface PlaceState {
  readonly id: string;
  readonly name: string;
  readonly tone: Tone;
  readonly word: string;
}

function usePlaces(): readonly PlaceState[] {
  const t = useMessages(messages);
  const { client } = useHost();
  const repositories = useQuery(repositoriesQuery(client)).data ?? [];
  const destinations = new Map(useQuery(destinationsQuery(client)).data?.map((destination) => [destination.repository_id, destination]));
  return repositories.map(({ repository_id: id, name, kind }) => {
    const destination = destinations.get(id);
    // A drive may be elsewhere; a server may not.
    if (destination !== undefined && isUnreachable(destination)) return kind === 'local' ? { id, name, tone: 'idle', word: t.away } : { id, name, tone: 'danger', word: t.noAnswer };
    return { id, name, tone: 'ok', word: destination !== undefined && destination.active > 0 ? t.busy(destination.active) : t.idle };
  });
}

/** The last thing that happened there went wrong. */
function isUnreachable({ last_error: error, last_success_at: success }: DestinationHealth): boolean {
  return error !== null && (success === null || error.at > success);
}

function Places(): ReactNode {
  const t = useMessages(messages);
  const places = usePlaces();
  return (
    <ul className={styles['places']}>
      {places.length === 0 ? (
        <li>
          <StatusDot tone="idle" />
          {t.noPlace}
        </li>
      ) : (
        places.map((place) => (
          <li key={place.id}>
            <StatusDot tone={place.tone} />
            <span className="cut">
              <NameText>{place.name}</NameText>
            </span>
            <em>{place.word}</em>
          </li>
        ))
      )}
    </ul>
  );
}

function WorstPlace(): ReactNode {
  const places = usePlaces();
  const worst = places.find((place) => place.tone === 'danger') ?? places[0];
  if (worst === undefined) return <StatusDot tone="idle" />;
  return (
    <span role="img" aria-label={`${worst.name}: ${worst.word}`}>
      <StatusDot tone={worst.tone} />
    </span>
  );
}
