/** When a plan runs, and under what conditions. */
import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '../../components/button.tsx';
import { Segments, Switch, TextInput } from '../../components/controls.tsx';
import { PathText } from '../../components/display.tsx';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { useChoosePaths } from '../paths/use-choose-paths.tsx';
import { scheduleOfKind } from './plan-draft.ts';
import type { PlanDraft } from './plan-draft.ts';
import { messages } from './plan-messages.ts';
import styles from './plan.module.css';
import { ScheduleFields } from './schedule-fields.tsx';
import { Setting } from './setting.tsx';

interface PlanWhenProps {
  readonly draft: PlanDraft;
  readonly onChange: (change: Partial<PlanDraft>) => void;
}

const kinds = ['hours', 'daily', 'weekly', 'monthly', 'minutes', 'cron', 'manual'] as const;

export function PlanWhen({ draft, onChange }: PlanWhenProps): ReactNode {
  const t = useMessages(messages);
  const { schedule } = draft;
  return (
    <>
      <section className={`card ${styles['group']}`} aria-label={t.when}>
        <div className={styles['line']}>
          <span className="strong">{t.repeat}</span>
          <Segments label={t.repeat} value={schedule.kind} choices={kinds.map((value) => ({ value, label: t.kinds[value] }))} onChange={(kind) => (kind === schedule.kind ? undefined : onChange({ schedule: scheduleOfKind(kind, schedule) }))} />
        </div>
        <ScheduleFields schedule={schedule} onChange={(changed) => onChange({ schedule: changed })} />
        <NextDay draft={draft} />
      </section>
      <Conditions draft={draft} onChange={onChange} />
    </>
  );
}

/** The next runs of a schedule; undefined while it is asked, or while it is none. */
export function useNextRuns({ schedule, time_zone: zone }: Pick<PlanDraft, 'schedule' | 'time_zone'>): readonly Date[] | undefined {
  const { client } = useHost();
  const asked = useQuery({ queryKey: ['schedule', schedule, zone], queryFn: () => client.preview_schedule({ schedule, ...(zone === undefined ? {} : { time_zone: zone }) }), staleTime: 30_000, retry: false });
  return asked.data?.next_runs.map((run) => new Date(run));
}

const dayMs = 86_400_000;
const marks = [0, 0.25, 0.5, 0.75, 1];

/** The runs of the coming 24 hours on a line. */
function NextDay({ draft }: { readonly draft: PlanDraft }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const now = useNow(60_000);
  const runs = useNextRuns(draft)?.filter((run) => run.getTime() - now.getTime() < dayMs) ?? [];
  if (draft.schedule.kind === 'manual') return null;
  const at = (share: number): Date => new Date(now.getTime() + share * dayMs);
  return (
    <div className={styles['day']} role="img" aria-label={`${t.today}: ${runs.length === 0 ? t.noRun : f.list(runs.map(f.time))}`}>
      <div className={styles['track']}>
        {runs.map((run) => (
          <i key={run.getTime()} style={{ insetInlineStart: `${((run.getTime() - now.getTime()) / dayMs) * 100}%` }} />
        ))}
      </div>
      <div className={styles['scale']}>
        {marks.map((share) => (
          <span key={share}>{f.time(at(share))}</span>
        ))}
      </div>
    </div>
  );
}

const priorities = { low: -10, normal: 0, high: 10 } as const;

function Conditions({ draft, onChange }: PlanWhenProps): ReactNode {
  const t = useMessages(messages);
  const id = useId();
  const { conditions } = draft;
  const choosing = useChoosePaths(([path]) => {
    if (path !== undefined) onChange({ conditions: { ...conditions, drive_present: path } });
  });
  const { drive_present: drive, ...withoutDrive } = conditions;
  const priority = draft.priority < 0 ? 'low' : draft.priority > 0 ? 'high' : 'normal';
  return (
    <div className={`card ${styles['group']}`}>
      <Setting name={t.enabled} hint={t.enabledHint} control={`${id}-enabled`}>
        <Switch id={`${id}-enabled`} checked={draft.enabled} onChange={(enabled) => onChange({ enabled })} />
      </Setting>
      <Setting name={t.catchUp} hint={t.catchUpHint} control={`${id}-catch`}>
        <Switch id={`${id}-catch`} checked={draft.catch_up} onChange={(catchUp) => onChange({ catch_up: catchUp })} />
      </Setting>
      <Setting name={t.drive} hint={t.driveHint}>
        <span className={styles['drive']}>
          {drive === undefined ? (
            <span className="small t2">{t.driveNone}</span>
          ) : (
            <>
              <PathText path={drive} />
              <IconButton icon={X} size="small" label={t.clearDrive} onClick={() => onChange({ conditions: withoutDrive })} />
            </>
          )}
          <Button size="small" onClick={() => choosing.choose('folder')}>
            {t.chooseDrive}
          </Button>
        </span>
      </Setting>
      <Setting name={t.priority} hint={t.priorityHint}>
        <Segments label={t.priority} value={priority} choices={(['low', 'normal', 'high'] as const).map((value) => ({ value, label: t.priorities[value] }))} onChange={(chosen) => (chosen === priority ? undefined : onChange({ priority: priorities[chosen] }))} />
      </Setting>
      <Tags tags={draft.tags} onChange={(tags) => onChange({ tags })} />
      {choosing.dialog}
    </div>
  );
}

function Tags({ tags, onChange }: { readonly tags: readonly string[]; readonly onChange: (tags: string[]) => void }): ReactNode {
  const t = useMessages(messages);
  const id = useId();
  const [typed, setTyped] = useState<string>();
  return (
    <Setting name={t.tags} hint={t.tagsHint} control={id}>
      <TextInput
        id={id}
        aria-label={t.tags}
        value={typed ?? tags.join(', ')}
        onChange={(event) => {
          setTyped(event.target.value);
          onChange([...new Set(event.target.value.split(',').map((tag) => tag.trim()).filter((tag) => tag !== ''))]);
        }}
        onBlur={() => setTyped(undefined)}
      />
    </Setting>
  );
}
