/** Snapshots from the oldest to the newest: a bar each, its height what it added (logarithmic). Arrows and buttons walk through them. */
import { ChevronLeft, ChevronRight, Link as LinkIcon } from 'lucide-react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { Snapshot } from '../../../shared/contract/schemas/repository.ts';
import { IconButton } from '../../components/button.tsx';
import { NameText } from '../../components/display.tsx';
import type { Format } from '../../lib/format.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { useShell } from '../../lib/shell-state.ts';
import { messages } from './messages.ts';
import styles from './restore.module.css';

type Texts = ReturnType<typeof messages.in>;

/** Bars that fit into the narrowest window. */
const mostBars = 120;

interface TimelineProps {
  /** Oldest first. */
  readonly snapshots: readonly Snapshot[];
  readonly current: Snapshot;
  readonly onChoose: (snapshot: Snapshot) => void;
}

export function Timeline({ snapshots, current, onChoose }: TimelineProps): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const now = useNow(60_000);
  const at = snapshots.indexOf(current);
  const start = Math.max(0, Math.min(snapshots.length - mostBars, at - mostBars / 2));
  const shown = snapshots.slice(start, start + mostBars);
  const step = (by: number): void => {
    const next = snapshots[at + by];
    if (next !== undefined) onChoose(next);
  };
  const keys: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -at, End: snapshots.length - 1 - at };
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = keys[event.key];
    if (by === undefined) return;
    event.preventDefault();
    step(Math.max(-at, Math.min(snapshots.length - 1 - at, by)));
  };
  const link = `cyberbackup://snapshot/${current.id}`;
  const copyLink = (): void => void navigator.clipboard.writeText(link).then(() => useShell.getState().notify({ id: 'copied', tone: 'ok', title: t.linkCopied, text: link }));
  const moment = (snapshot: Snapshot): string => format.moment(new Date(snapshot.time), now);
  return (
    <section className={styles['timeline']} aria-label={t.timeline}>
      <div className={styles['top']}>
        <IconButton icon={ChevronLeft} label={t.older} variant="plain" disabled={at <= 0} onClick={() => step(-1)} />
        <IconButton icon={ChevronRight} label={t.newer} variant="plain" disabled={at >= snapshots.length - 1} onClick={() => step(1)} />
        <b className="strong">{moment(current)}</b>
        <span className="small t2">{contentsOf(current, t, format)}</span>
        <span className="small t3 grow cut">
          {t.host(current.hostname)}, <NameText>{format.list(current.paths)}</NameText>
        </span>
        <span className="small t3">{t.position(at + 1, snapshots.length)}</span>
        <IconButton size="small" icon={LinkIcon} label={t.copyLink} onClick={copyLink} />
      </div>
      <div className={styles['lane']} role="slider" tabIndex={0} aria-label={t.timeline} aria-valuemin={1} aria-valuemax={snapshots.length} aria-valuenow={at + 1} aria-valuetext={moment(current)} onKeyDown={onKeyDown}>
        {shown.map((snapshot) => (
          <span key={snapshot.id} className={styles['bar']} data-current={snapshot === current ? '' : undefined} title={moment(snapshot)} aria-hidden onClick={() => onChoose(snapshot)}>
            <i style={{ blockSize: `${heightOf(snapshot)}%` }} />
          </span>
        ))}
      </div>
      <div className={styles['ends']} aria-hidden>
        <span>{shown[0] === undefined ? '' : moment(shown[0])}</span>
        <span>{shown.length < 2 ? '' : moment(shown.at(-1) ?? current)}</span>
      </div>
    </section>
  );
}

/** How much it holds, and how much of it is new; nothing where the program that made it kept no numbers. */
function contentsOf(snapshot: Snapshot, t: Texts, format: Format): string {
  const files = summaryOf(snapshot, 'total_files_processed');
  if (files === undefined) return '';
  const changed = (summaryOf(snapshot, 'files_new') ?? 0) + (summaryOf(snapshot, 'files_changed') ?? 0);
  return `${t.contents(files, format.bytes(summaryOf(snapshot, 'total_bytes_processed') ?? 0))}. ${t.changedFiles(changed)}.`;
}

function summaryOf(snapshot: Snapshot, field: string): number | undefined {
  const { summary } = snapshot as { readonly summary?: Readonly<Record<string, unknown>> };
  const value = typeof summary === 'object' && summary !== null ? summary[field] : undefined;
  return typeof value === 'number' ? value : undefined;
}

/** From 18 to 100 percent, for a kilobyte to a terabyte that was added. */
function heightOf(snapshot: Snapshot): number {
  const added = summaryOf(snapshot, 'data_added') ?? 0;
  return 18 + Math.min(82, Math.max(0, Math.log10(Math.max(1, added) / 1000) * 9));
}
