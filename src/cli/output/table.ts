/** A table for a terminal: a quiet heading, columns as wide as their content, the flexible column cut to the window. */
import type { Terminal } from '../terminal.ts';
import { padEnd, padStart, stringWidth } from './text-width.ts';
import { shortenMiddle } from './visible-text.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Cut in the middle when the window is too narrow; at most one column. */
  readonly flexible?: boolean;
  readonly style?: (text: string) => string;
}

const gap = '  ';

/** Lines of the table, without line ends. Cells hold visible text only; a column without any content is left out. */
export function renderTable(terminal: Terminal, columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const kept = columns.map((column, index) => ({ column, index })).filter(({ index }) => rows.some((row) => (row[index] ?? '') !== ''));
  const widths = kept.map(({ column, index }) =>
    rows.reduce((widest, row) => Math.max(widest, stringWidth(row[index] ?? '')), stringWidth(column.title)),
  );
  const flexible = kept.findIndex(({ column }) => column.flexible === true);
  if (flexible >= 0 && terminal.interactive) {
    const others = widths.reduce((sum, width, at) => (at === flexible ? sum : sum + width), gap.length * (widths.length - 1));
    const room = Math.max(12, terminal.columns - others);
    widths[flexible] = Math.min(widths[flexible] ?? 0, room);
  }
  const line = (cells: readonly string[], styled: boolean): string =>
    kept
      .map(({ column }, at) => {
        const width = widths[at] ?? 0;
        const text = shortenMiddle(cells[at] ?? '', width);
        // The last column is not filled up, so that no line ends in spaces.
        const padded = column.align === 'right' ? padStart(text, width) : at === kept.length - 1 ? text : padEnd(text, width);
        return styled && column.style !== undefined ? column.style(padded) : padded;
      })
      .join(gap)
      .trimEnd();
  return [
    terminal.style.dim(line(kept.map(({ column }) => column.title), false)),
    ...rows.map((row) => line(kept.map(({ index }) => row[index] ?? ''), true)),
  ];
}
