/** The fields of a schedule, as its kind has them. */
import { useId } from 'react';
import type { ReactNode } from 'react';
import { weekday } from '../../../shared/contract/schemas/plan.ts';
import type { Schedule } from '../../../shared/contract/schemas/plan.ts';
import { Switch, TextInput } from '../../components/controls.tsx';
import { useMessages } from '../../lib/messages/messages.ts';
import { messages } from './plan-messages.ts';
import styles from './plan.module.css';

interface ScheduleFieldsProps<Kind extends Schedule = Schedule> {
  readonly schedule: Kind;
  readonly onChange: (schedule: Schedule) => void;
}

export function ScheduleFields({ schedule, onChange }: ScheduleFieldsProps): ReactNode {
  const t = useMessages(messages);
  switch (schedule.kind) {
    case 'manual':
      return <p className={`${styles['line'] ?? ''} t2`}>{t.manualHint}</p>;
    case 'minutes':
    case 'hours':
      return (
        <>
          <div className={styles['line']}>
            <span className="strong">{t.every}</span>
            <CountField label={t.every} value={schedule.every} min={schedule.kind === 'minutes' ? 5 : 1} max={schedule.kind === 'minutes' ? 1440 : 168} onChange={(every) => onChange({ ...schedule, every })} />
            <span className="t2">{schedule.kind === 'minutes' ? t.minutes : t.hours}</span>
          </div>
          <WindowFields schedule={schedule} onChange={onChange} />
        </>
      );
    case 'daily':
      return <AtField schedule={schedule} onChange={onChange} />;
    case 'weekly':
      return (
        <>
          <div className={styles['line']}>
            <span className="strong">{t.on}</span>
            <Weekdays schedule={schedule} onChange={onChange} />
          </div>
          <AtField schedule={schedule} onChange={onChange} />
        </>
      );
    case 'monthly':
      return (
        <>
          <div className={styles['line']}>
            <span className="strong">{t.dayOfMonth}</span>
            <CountField label={t.dayOfMonth} value={schedule.day} min={1} max={31} onChange={(day) => onChange({ ...schedule, day })} />
            <span className="small t2">{t.dayOfMonthHint}</span>
          </div>
          <AtField schedule={schedule} onChange={onChange} />
        </>
      );
    default:
      return (
        <div className={styles['line']}>
          <span className="strong">{t.cron}</span>
          <TextInput aria-label={t.cron} className="mono" dir="ltr" spellCheck={false} value={schedule.expression} maxLength={128} onChange={(event) => onChange({ kind: 'cron', expression: event.target.value })} />
          <span className="small t2">{t.cronHint}</span>
        </div>
      );
  }
}

interface CountFieldProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly onChange: (value: number) => void;
}

function CountField({ label, value, min, max, onChange }: CountFieldProps): ReactNode {
  return (
    <TextInput
      type="number"
      aria-label={label}
      className={styles['count']}
      min={min}
      max={max}
      step={1}
      value={value}
      onChange={(event) => {
        const { valueAsNumber: typed } = event.target;
        if (Number.isInteger(typed)) onChange(Math.min(max, Math.max(min, typed)));
      }}
    />
  );
}

function TimeField({ label, value, onChange }: { readonly label: string; readonly value: string; readonly onChange: (value: string) => void }): ReactNode {
  return (
    <TextInput
      type="time"
      aria-label={label}
      className={styles['time']}
      required
      value={value}
      onChange={(event) => {
        if (event.target.value !== '') onChange(event.target.value);
      }}
    />
  );
}

function AtField({ schedule, onChange }: ScheduleFieldsProps<Extract<Schedule, { readonly at: string }>>): ReactNode {
  const t = useMessages(messages);
  return (
    <div className={styles['line']}>
      <span className="strong">{t.at}</span>
      <TimeField label={t.at} value={schedule.at} onChange={(at) => onChange({ ...schedule, at })} />
    </div>
  );
}

function WindowFields({ schedule, onChange }: ScheduleFieldsProps<Extract<Schedule, { readonly kind: 'minutes' | 'hours' }>>): ReactNode {
  const t = useMessages(messages);
  const id = useId();
  const { window, ...always } = schedule;
  return (
    <div className={styles['line']}>
      <label htmlFor={id} className="strong">
        {t.wholeDay}
      </label>
      <Switch id={id} checked={window !== undefined} onChange={(on) => onChange(on ? { ...schedule, window: { from: '08:00', to: '20:00' } } : always)} />
      {window === undefined ? null : (
        <>
          <TimeField label={t.from} value={window.from} onChange={(from) => onChange({ ...schedule, window: { ...window, from } })} />
          <span className="t2">{t.and}</span>
          <TimeField label={t.to} value={window.to} onChange={(to) => onChange({ ...schedule, window: { ...window, to } })} />
        </>
      )}
      <span className="small t2">{window === undefined ? '' : t.wholeDayHint}</span>
    </div>
  );
}

function Weekdays({ schedule, onChange }: ScheduleFieldsProps<Extract<Schedule, { readonly kind: 'weekly' }>>): ReactNode {
  const t = useMessages(messages);
  return (
    <span className={styles['days']} role="group" aria-label={t.on}>
      {weekday.options.map((day) => {
        const on = schedule.on.includes(day);
        return (
          <button key={day} type="button" aria-pressed={on} aria-label={t.wholeDays[day]} onClick={() => onChange({ ...schedule, on: weekday.options.filter((other) => (other === day ? !on : schedule.on.includes(other))) })}>
            {t.days[day]}
          </button>
        );
      })}
    </span>
  );
}
