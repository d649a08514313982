/** The hours of the week as a grid that is painted: by dragging, or by keys. */
import { useRef, useState } from 'react';
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { messages } from './network-messages.ts';
import { daysOfWeek, hoursOfDay, hourKinds, kindOf, painted } from './week-hours.ts';
import type { Cell, HourKind } from './week-hours.ts';
import styles from './week.module.css';

interface WeekGridProps {
  readonly hours: string;
  readonly brush: HourKind;
  readonly names: Readonly<Record<HourKind, string>>;
  readonly now: Date;
  readonly onChange: (hours: string) => void;
}

const days = Array.from({ length: daysOfWeek }, (_, day) => day);
const hoursShown = Array.from({ length: hoursOfDay }, (_, hour) => hour);

export function WeekGrid({ hours, brush, names, now, onChange }: WeekGridProps): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const grid = useRef<HTMLDivElement>(null);
  /** Where the focus is, and where Shift began. */
  const [at, setAt] = useState<Cell>({ day: 0, hour: 0 });
  const [anchor, setAnchor] = useState<Cell>();
  const [drag, setDrag] = useState<{ readonly from: Cell; readonly to: Cell }>();
  const shown = drag === undefined ? hours : painted(hours, drag.from, drag.to, brush);
  const time = (hour: number): string => f.time(new Date(2024, 0, 1, hour % hoursOfDay));
  const focus = (cell: Cell): void => {
    setAt(cell);
    grid.current?.querySelector<HTMLElement>(`[data-cell='${cell.day} ${cell.hour}']`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const kind = hourKinds[Number(event.key) - 1];
    if (kind !== undefined || event.key === ' ' || event.key === 'Enter') {
      event.preventDefault();
      onChange(painted(hours, anchor ?? at, at, kind ?? brush));
      return;
    }
    const rightToLeft = getComputedStyle(event.currentTarget).direction === 'rtl' ? -1 : 1;
    const steps: Readonly<Record<string, readonly [day: number, hour: number]>> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -rightToLeft], ArrowRight: [0, rightToLeft], Home: [0, -hoursOfDay], End: [0, hoursOfDay] };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    setAnchor(event.shiftKey ? (anchor ?? at) : undefined);
    focus({ day: within(at.day + step[0], daysOfWeek), hour: within(at.hour + step[1], hoursOfDay) });
  };
  const onPointerDown = (event: PointerEvent): void => {
    const cell = cellAt(event.target);
    if (cell === undefined || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setAnchor(undefined);
    focus(cell);
    setDrag({ from: cell, to: cell });
  };
  const onPointerMove = (event: PointerEvent): void => {
    if (drag === undefined) return;
    const to = cellAt(document.elementFromPoint(event.clientX, event.clientY));
    if (to !== undefined && (to.day !== drag.to.day || to.hour !== drag.to.hour)) setDrag({ ...drag, to });
  };
  const onPointerUp = (): void => {
    if (drag === undefined) return;
    setDrag(undefined);
    onChange(shown);
  };
  const isNow = (day: number, hour: number): boolean => (now.getDay() + 6) % daysOfWeek === day && now.getHours() === hour;
  return (
    <div ref={grid} role="grid" aria-label={t.byTheClock} className={styles['grid']} onKeyDown={onKeyDown} onPointerDown={onPointerDown} onPointerMove={onPointerMove} onPointerUp={onPointerUp} onPointerCancel={() => setDrag(undefined)}>
      <div className={styles['hours']} aria-hidden>
        {[6, 12, 18].map((hour) => (
          <span key={hour} style={{ gridColumn: hour + 2 }}>
            {String(hour).padStart(2, '0')}
          </span>
        ))}
      </div>
      {days.map((day) => (
        <div key={day} role="row" className={styles['row']}>
          <span role="rowheader">{t.days[day]}</span>
          {hoursShown.map((hour) => {
            const kind = kindOf(shown, { day, hour });
            const inside = anchor !== undefined && between(day, anchor.day, at.day) && between(hour, anchor.hour, at.hour);
            return (
              <span
                key={hour}
                role="gridcell"
                data-cell={`${day} ${hour}`}
                data-kind={kind}
                data-now={isNow(day, hour) ? '' : undefined}
                aria-selected={inside}
                aria-label={t.cell(t.wholeDays[day] ?? '', time(hour), time(hour + 1), names[kind])}
                title={t.cell(t.days[day] ?? '', time(hour), time(hour + 1), names[kind])}
                tabIndex={day === at.day && hour === at.hour ? 0 : -1}
                onFocus={() => setAt({ day, hour })}
              />
            );
          })}
        </div>
      ))}
    </div>
  );
}

function within(value: number, count: number): number {
  return Math.min(count - 1, Math.max(0, value));
}

function between(value: number, one: number, other: number): boolean {
  return value >= Math.min(one, other) && value <= Math.max(one, other);
}

function cellAt(target: EventTarget | null): Cell | undefined {
  const text = target instanceof HTMLElement ? target.dataset['cell'] : undefined;
  if (text === undefined) return undefined;
  const [day = 0, hour = 0] = text.split(' ').map(Number);
  return { day, hour };
}
