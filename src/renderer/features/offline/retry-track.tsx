/** When it was tried and when it will be again, on one line of time. */
import type { ReactNode } from 'react';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { messages } from './messages.ts';
import styles from './offline.module.css';

interface RetryTrackProps {
  /** ms since 1970, oldest first. */
  readonly past: readonly number[];
  readonly next: number | undefined;
}

/** Shortest span that the line stands for, so that its first marks do not run about. */
const leastSpanMs = 20_000;
/** Where the next try stands, in percent of the line. */
const nextAt = 95;
const mostMarks = 40;

export function RetryTrack({ past, next }: RetryTrackProps): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const now = useNow(1000).getTime();
  const shown = past.slice(-mostMarks);
  const [first = now] = shown;
  const end = Math.max(next ?? now, now, first + leastSpanMs);
  const left = (time: number): number => (nextAt * (time - first)) / (end - first);
  const last = shown.at(-1);
  const countdown = next === undefined ? undefined : f.countdown((next - now) / 1000);
  const since = f.time(new Date(first));
  const nowAt = left(now);
  // Two words at one place would hide each other.
  const showsLast = last !== undefined && shown.length > 1 && left(last) > 24 && nowAt - left(last) > 14;
  const showsNow = nowAt > 14 && (next === undefined || nextAt - nowAt > 24);
  return (
    <div className={styles['track']} role="img" aria-label={`${t.tries(past.length, since)}, ${countdown === undefined ? t.triedNow : t.nextTry(countdown)}`}>
      <span className={styles['line']} />
      {shown.map((time) => (
        <i key={time} style={{ insetInlineStart: `${left(time)}%` }} />
      ))}
      <b style={{ insetInlineStart: `${nowAt}%` }} />
      {next === undefined ? null : <u style={{ insetInlineStart: `${left(next)}%` }} />}
      <em>{since}</em>
      {showsLast ? <em className={styles['middle']} style={{ insetInlineStart: `${left(last)}%` }}>{t.try(past.length)}</em> : null}
      {showsNow ? <em className={styles['middle']} style={{ insetInlineStart: `${nowAt}%` }}>{t.now}</em> : null}
      {countdown === undefined ? null : <em className={styles['end']}>{t.nextIn(countdown)}</em>}
    </div>
  );
}
