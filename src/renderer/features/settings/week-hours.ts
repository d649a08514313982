/** The hours of a week as the settings keep them: 168 digits, Monday 00:00 first, each what holds in that hour. */
export type HourKind = '0' | '1' | '2' | '3';

export const hourKinds = ['0', '1', '2', '3'] as const satisfies readonly HourKind[];
export const hoursOfDay = 24;
export const daysOfWeek = 7;

/** A cell of the grid. `day` 0 is Monday. */
export interface Cell {
  readonly day: number;
  readonly hour: number;
}

/** From `from` on, before `to` (at most 24), on one day. */
export interface Stretch {
  readonly day: number;
  readonly from: number;
  readonly to: number;
  readonly kind: HourKind;
}

export function kindOf(hours: string, { day, hour }: Cell): HourKind {
  const found = hours[day * hoursOfDay + hour];
  return hourKinds.find((kind) => kind === found) ?? '0';
}

/** The rectangle between two cells, painted. */
export function painted(hours: string, one: Cell, other: Cell, kind: HourKind): string {
  const [firstDay, lastDay] = [Math.min(one.day, other.day), Math.max(one.day, other.day)];
  const [firstHour, lastHour] = [Math.min(one.hour, other.hour), Math.max(one.hour, other.hour)];
  return Array.from(hours, (digit, at) => {
    const [day, hour] = [Math.floor(at / hoursOfDay), at % hoursOfDay];
    return day >= firstDay && day <= lastDay && hour >= firstHour && hour <= lastHour ? kind : digit;
  }).join('');
}

/** All but those without a limit, day by day. */
export function stretchesOf(hours: string): readonly Stretch[] {
  const found: Stretch[] = [];
  for (let day = 0; day < daysOfWeek; day += 1) {
    for (let from = 0; from < hoursOfDay; ) {
      const kind = kindOf(hours, { day, hour: from });
      let to = from + 1;
      while (to < hoursOfDay && kindOf(hours, { day, hour: to }) === kind) to += 1;
      if (kind !== '0') found.push({ day, from, to, kind });
      from = to;
    }
  }
  return found;
}

/** Later ones go over earlier ones. */
export function hoursOf(stretches: readonly Stretch[]): string {
  return stretches.reduce((hours, { day, from, to, kind }) => painted(hours, { day, hour: from }, { day, hour: to - 1 }, kind), '0'.repeat(daysOfWeek * hoursOfDay));
}

/** What holds now, and until when; without an end where nothing else comes within the week. */
export function holdingNow(hours: string, now: Date): { readonly kind: HourKind; readonly until: Date | undefined } {
  const at = ((now.getDay() + 6) % 7) * hoursOfDay + now.getHours();
  const kind = kindOf(hours, { day: Math.floor(at / hoursOfDay), hour: at % hoursOfDay });
  for (let ahead = 1; ahead < hours.length; ahead += 1) {
    if (hours[(at + ahead) % hours.length] !== kind) return { kind, until: new Date(now.getFullYear(), now.getMonth(), now.getDate(), now.getHours() + ahead) };
  }
  return { kind, until: undefined };
}
