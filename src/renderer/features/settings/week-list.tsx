/** The same hours as a list, for those who would rather not paint. */
import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '../../components/button.tsx';
import { Select } from '../../components/controls.tsx';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { messages } from './network-messages.ts';
import { daysOfWeek, hoursOf, hoursOfDay, stretchesOf } from './week-hours.ts';
import type { HourKind, Stretch } from './week-hours.ts';
import styles from './week.module.css';

interface WeekListProps {
  readonly hours: string;
  readonly names: Readonly<Record<HourKind, string>>;
  readonly onChange: (hours: string) => void;
}

export function WeekList({ hours, names, onChange }: WeekListProps): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const stretches = stretchesOf(hours);
  const time = (hour: number): string => (hour === hoursOfDay ? '24:00' : f.time(new Date(2024, 0, 1, hour)));
  const change = (at: number, to: Partial<Stretch>): void => {
    const before = stretches[at];
    if (before === undefined) return;
    const next = { ...before, ...to };
    // An end before the beginning moves the other one along.
    if (next.to <= next.from) Object.assign(next, to.from === undefined ? { from: next.to - 1 } : { to: next.from + 1 });
    onChange(hoursOf([...stretches.filter((_, index) => index !== at), next]));
  };
  const add = (): void => {
    const day = Array.from({ length: daysOfWeek }, (_, index) => index).find((one) => !stretches.some((stretch) => stretch.day === one)) ?? 0;
    onChange(hoursOf([...stretches, { day, from: 8, to: 18, kind: '1' }]));
  };
  const number = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => ({ value: String(from + index), label: time(from + index) }));
  return (
    <div className={styles['list']}>
      {stretches.length === 0 ? <p className="t2">{t.listEmpty}</p> : null}
      <ul>
        {stretches.map((stretch, at) => {
          const day = t.wholeDays[stretch.day] ?? '';
          return (
            <li key={`${stretch.day} ${stretch.from}`}>
              <Select label={t.day} value={String(stretch.day)} choices={t.wholeDays.map((label, index) => ({ value: String(index), label }))} onChange={(value) => change(at, { day: Number(value) })} />
              <Select label={t.from} value={String(stretch.from)} choices={number(0, hoursOfDay)} onChange={(value) => change(at, { from: Number(value) })} />
              <Select label={t.to} value={String(stretch.to)} choices={number(1, hoursOfDay + 1)} onChange={(value) => change(at, { to: Number(value) })} />
              <Select label={t.limit} value={stretch.kind} choices={(['1', '2', '3'] as const).map((value) => ({ value, label: names[value] }))} onChange={(kind) => change(at, { kind })} />
              <IconButton icon={X} size="small" label={t.remove(day, time(stretch.from))} onClick={() => onChange(hoursOf(stretches.filter((other) => other !== stretch)))} />
            </li>
          );
        })}
      </ul>
      <Button size="small" icon={Plus} onClick={add}>
        {t.add}
      </Button>
    </div>
  );
}
