/** Progress as a bar or a ring. Width and colour are the only things that move. */
import { memo } from 'react';
import type { ReactNode } from 'react';
import { classes } from './class-names.ts';
import styles from './progress.module.css';

export type Tone = 'accent' | 'idle' | 'warn' | 'ok' | 'danger';

interface ProgressProps {
  readonly label: string;
  /** 0 to 100; undefined: the total is not known yet. */
  readonly value: number | undefined;
  /** As in "58 percent, 10 to 13 minutes left". */
  readonly valueText?: string;
  readonly tone?: Tone;
  readonly thin?: boolean;
}

export const Progress = memo(function Progress({ label, value, valueText, tone = 'accent', thin = false }: ProgressProps): ReactNode {
  const whole = value === undefined ? undefined : Math.floor(value);
  // In halves: a bar that is told a little more ten times a second would be laid out in every frame.
  const shown = value === undefined ? undefined : Math.round(value * 2) / 2;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(whole === undefined ? {} : { 'aria-valuenow': whole })}
      {...(valueText === undefined ? {} : { 'aria-valuetext': valueText })}
      className={classes(styles['bar'], thin && styles['thin'], tone !== 'accent' && styles[tone], value === undefined && styles['unknown'])}
    >
      <i style={shown === undefined ? undefined : { inlineSize: `${shown}%` }} />
    </div>
  );
});

/** For the rail: a ring with the number in it. */
export function ProgressRing({ label, value }: { readonly label: string; readonly value: number }): ReactNode {
  const radius = 15.5;
  const round = 2 * Math.PI * radius;
  return (
    <div className={styles['ring']} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.floor(value)}>
      <svg width="34" height="34" viewBox="0 0 34 34" aria-hidden>
        <circle cx="17" cy="17" r={radius} fill="none" stroke="var(--bg-active)" strokeWidth="3" />
        <circle cx="17" cy="17" r={radius} fill="none" stroke="var(--bar)" strokeWidth="3" strokeLinecap="round" strokeDasharray={`${(round * value) / 100} ${round}`} transform="rotate(-90 17 17)" />
      </svg>
      <span>{Math.floor(value)}</span>
    </div>
  );
}
