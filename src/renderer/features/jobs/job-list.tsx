/** The virtual list of jobs: one tab stop, arrows move, Enter opens, letters act on the chosen job. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import { Button } from '../../components/button.tsx';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { usePreferences } from '../../lib/preferences.ts';
import { JobRow } from './job-row.tsx';
import { neighbour } from './job-rows.ts';
import type { JobListRow } from './job-rows.ts';
import styles from './jobs.module.css';
import { messages } from './messages.ts';
import type { JobActions } from './use-job-actions.ts';
import type { JobNames } from './use-job-names.ts';

interface JobListProps {
  readonly rows: readonly JobListRow[];
  readonly chosen: string | undefined;
  readonly names: JobNames;
  readonly actions: JobActions;
  readonly onChoose: (jobId: string | undefined) => void;
  /** Undefined: there are no older jobs. */
  readonly onOlder: (() => void) | undefined;
}

const rowHeight = 54;
const groupHeight = 30;

export function JobList({ rows, chosen, names, actions, onChoose, onOlder }: JobListProps): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const list = useRef<HTMLDivElement>(null);
  const letterKeys = usePreferences((preferences) => preferences.letterKeys);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => list.current,
    estimateSize: (index) => (rows[index]?.kind === 'group' ? groupHeight : rowHeight),
    getItemKey: (index) => keyOf(rows[index], index),
    overscan: 6,
    useFlushSync: false,
  });
  const at = chosen === undefined ? -1 : rows.findIndex((row) => row.kind === 'job' && row.job.job_id === chosen);
  useEffect(() => {
    if (at !== -1) virtual.scrollToIndex(at);
    // Only when another job is chosen, not whenever the list moves.
  }, [chosen]);

  const titles = { running: t.groupRunning, waiting: t.groupWaiting, today: t.groupToday, earlier: t.groupEarlier };
  const onKey = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[at];
    const act = keyAct(event.key, row?.kind === 'job' ? row.job : undefined, letterKeys);
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  const keyAct = (key: string, job: Job | undefined, letters: boolean): (() => void) | undefined => {
    switch (key) {
      case 'ArrowDown':
        return () => onChoose(neighbour(rows, chosen, 1));
      case 'ArrowUp':
        return () => onChoose(neighbour(rows, chosen, -1));
      case 'Home':
        return () => onChoose(neighbour(rows, undefined, 1));
      case 'End':
        return () => onChoose(rows.findLast((row) => row.kind === 'job')?.job.job_id);
      case 'Enter':
        return () => document.querySelector<HTMLElement>('aside')?.focus();
      case 'Escape':
        return () => onChoose(undefined);
      case 'Delete':
        return job === undefined || job.state === 'done' ? undefined : () => actions.cancel(job);
      case 'p':
        return !letters || job === undefined || job.state === 'done' ? undefined : () => (job.state === 'paused' ? actions.resume(job) : actions.pause(job));
      case 'r':
        return !letters || job === undefined ? undefined : () => actions.retry(job.job_id);
      default:
        return undefined;
    }
  };
  return (
    <div ref={list} className={styles['list']} role="grid" aria-label={t.list} aria-rowcount={rows.length} tabIndex={0} onKeyDown={onKey} {...(at === -1 ? {} : { 'aria-activedescendant': `job-${chosen ?? ''}` })}>
      <div className={styles['space']} role="presentation" style={{ blockSize: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          return (
            <div key={item.key} role="presentation" className={styles['place']} style={{ insetBlockStart: item.start }}>
              {row.kind === 'group' ? (
                <div className={styles['group']} role="row" aria-rowindex={item.index + 1}>
                  <span role="gridcell">
                    {titles[row.group]} <em>{f.number(row.count)}</em>
                  </span>
                </div>
              ) : (
                <JobRow id={`job-${row.job.job_id}`} index={item.index + 1} job={row.job} name={names.nameOf(row.job)} kind={names.kindOf(row.job)} selected={row.job.job_id === chosen} actions={actions} onSelect={onChoose} />
              )}
            </div>
          );
        })}
      </div>
      {onOlder === undefined ? null : (
        <div className={styles['older']} role="presentation">
          <Button variant="quiet" size="small" onClick={onOlder}>
            {t.loadOlder}
          </Button>
        </div>
      )}
    </div>
  );
}

function keyOf(row: JobListRow | undefined, index: number): string {
  if (row === undefined) return String(index);
  return row.kind === 'group' ? row.group : row.job.job_id;
}
