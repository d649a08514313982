/** Tables of snapshots as restic prints them: `forget` is read by people and scripts that know those. */
import type { StoredSnapshot } from '../../core/repository/snapshots.ts';
import { formatTime, shortId } from '../output/format.ts';
import { padEnd, stringWidth } from '../output/text-width.ts';
import { visibleText } from '../output/visible-text.ts';

export interface TableSnapshot {
  readonly stored: StoredSnapshot;
  readonly reasons?: readonly string[];
}

interface Column {
  readonly title: string;
  /** Lines of the cell. */
  readonly cell: (row: TableSnapshot) => readonly string[];
}

const gap = '  ';

export interface TableStyle {
  readonly compact: boolean;
  /** As `zoneName` gives it. */
  readonly zone: string;
}

/** Lines, without line ends, in the order given. */
export function snapshotTable(rows: readonly TableSnapshot[], { compact, zone }: TableStyle): string[] {
  const columns = columnsFor(rows, compact);
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
  const widths = columns.map(({ title }, at) => Math.max(stringWidth(title), ...cells.flatMap((row) => (row[at] ?? []).map(stringWidth))));
  const line = (texts: readonly string[]): string => texts.map((text, at) => padEnd(text, widths[at] ?? 0)).join(gap).trimEnd();
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1)));
  // Rows of several paths are told apart by a free line.
  const spaced = !compact && rows.some(({ stored }) => stored.snapshot.paths.length > 1);
  const body = cells.flatMap((row, index) => {
    const height = Math.max(1, ...row.map((lines) => lines.length));
    const lines = Array.from({ length: height }, (_, at) => line(row.map((cell) => cell[at] ?? '')));
    return spaced && index > 0 ? ['', ...lines] : lines;
  });
  return [line(columns.map(({ title }) => title)), rule, ...body, rule, `Timestamps shown in ${zone}`, `${rows.length} snapshots`];
}

function columnsFor(rows: readonly TableSnapshot[], compact: boolean): Column[] {
  const visible = (texts: readonly string[]): string[] => texts.map((text) => visibleText(text));
  const tagsOf = ({ stored }: TableSnapshot): string[] => visible(stored.snapshot.tags ?? []);
  const columns: Column[] = [
    { title: 'ID', cell: ({ stored }) => [shortId(stored.id)] },
    { title: 'Time', cell: ({ stored }) => [formatTime(stored.snapshot.time)] },
    { title: compact ? 'Host' : 'Host      ', cell: ({ stored }) => visible([stored.snapshot.hostname ?? '']) },
    { title: compact ? 'Tags  ' : 'Tags      ', cell: (row) => (compact ? tagsOf(row) : [tagsOf(row).join(',')]) },
  ];
  if (!compact) {
    if (rows.some(({ reasons }) => reasons !== undefined)) columns.push({ title: 'Reasons', cell: ({ reasons = [] }) => visible(reasons) });
    columns.push({ title: 'Paths', cell: ({ stored }) => visible(stored.snapshot.paths) });
  }
  if (rows.some(({ stored }) => stored.snapshot.summary !== undefined)) {
    columns.push({ title: 'Size', cell: ({ stored: { snapshot } }) => [snapshot.summary === undefined ? '' : binarySize(snapshot.summary.total_bytes_processed)] });
  }
  return columns;
}

/** The zone in which times are shown, as restic calls it: the one that `TZ` names, which is UTC where it names none. */
export function zoneName(env: NodeJS.ProcessEnv): string {
  const name = env['TZ']?.replace(/^:/, '');
  if (name === undefined) return 'local time';
  try {
    // Throws for a zone that there is not; its own name for one may be another.
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone === '' ? 'UTC' : name;
  } catch (error) {
    if (error instanceof RangeError) return 'UTC';
    throw error;
  }
}

const units = ['TiB', 'GiB', 'MiB', 'KiB'] as const;

function binarySize(bytes: number): string {
  const at = units.findIndex((_, index) => bytes >= 1024 ** (units.length - index));
  return at < 0 ? `${bytes} B` : `${(bytes / 1024 ** (units.length - at)).toFixed(3)} ${units[at] ?? ''}`;
}
