/** What any long command tells about its progress, and how that reads: as two lines drawn in place, or as one plain line. */
import { formatBytes, formatBytesOf, formatCount, formatCounted, formatSpeed, formatTimeLeft } from '../output/format.ts';
import { stringWidth } from '../output/text-width.ts';
import { shortenEnd, shortenMiddle, visibleText } from '../output/visible-text.ts';
import type { Style } from '../terminal.ts';

export interface ProgressView {
  /** What goes on, for plain lines: `Backing up`. */
  readonly activity: string;
  /** The totals still grow, so there is no percentage yet. */
  readonly counting: boolean;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly itemsDone: number;
  readonly itemsTotal: number;
  /** `file`, `pack`. */
  readonly item: string;
  /** As it comes from outside; made visible here. */
  readonly current?: string | undefined;
  /** `upload`: the stage that limits the speed. */
  readonly bottleneck?: string | undefined;
  readonly errors: number;
}

export interface Pace {
  readonly speed: number | undefined;
  readonly left: { readonly fastest: number; readonly slowest: number } | undefined;
}

/** Whole percent, 99 at most: 100 is only said by the summary. */
export function percentOf({ bytesDone, bytesTotal, itemsDone, itemsTotal }: ProgressView): number {
  const share = bytesTotal > 0 ? bytesDone / bytesTotal : itemsTotal > 0 ? itemsDone / itemsTotal : 0;
  return Math.max(0, Math.min(99, Math.floor(share * 100)));
}

function facts(view: ProgressView, pace: Pace): string[] {
  const amount = view.counting
    ? `${formatBytes(view.bytesTotal)} in ${formatCounted(view.itemsTotal, view.item)} so far`
    : view.bytesTotal > 0
      ? formatBytesOf(view.bytesDone, view.bytesTotal)
      : '';
  const speed = pace.speed !== undefined && pace.speed > 0 ? formatSpeed(pace.speed) : '';
  const left = !view.counting && pace.left !== undefined ? formatTimeLeft(pace.left.fastest, pace.left.slowest) : '';
  return [amount, speed, left].filter((text) => text !== '');
}

function details(view: ProgressView): string[] {
  const items = view.counting
    ? `${formatCounted(view.itemsDone, view.item)} done`
    : `${formatCount(Math.min(view.itemsDone, view.itemsTotal))} of ${formatCounted(view.itemsTotal, view.item)}`;
  const limit = view.bottleneck === undefined ? '' : `limited by ${view.bottleneck}`;
  return [items, limit].filter((text) => text !== '');
}

function errorText(view: ProgressView): string {
  return view.errors > 0 ? `${formatCounted(view.errors, view.item)} could not be read` : '';
}

/** One line for a log: `Backing up: 58 %, 54.1 of 93.2 GB, …`. */
export function plainLine(view: ProgressView, pace: Pace): string {
  const percent = view.counting ? [] : [`${percentOf(view)} %`];
  return `${view.activity}: ${[...percent, ...facts(view, pace), ...details(view), errorText(view)].filter((text) => text !== '').join(', ')}`;
}

/** Two lines for a terminal of a width; `tick` moves the stripe while the totals still grow. */
export function liveLines(view: ProgressView, pace: Pace, columns: number, tick: number, percent: number, style: Style): string[] {
  // One column stays free: a full line would wrap on some terminals.
  const room = Math.max(20, columns - 1);
  const texts = facts(view, pace);
  const label = view.counting ? view.activity : `${String(percent).padStart(2)} %`;
  const used = [label, ...texts].reduce((sum, text) => sum + stringWidth(text) + 3, 0);
  const width = Math.min(32, room - used);
  const bar = width < 6 ? '' : `${view.counting ? stripe(width, tick, style) : filledBar(width, percent, style)}  `;
  const first = fit([style.bold(label), ...texts].join(style.dim(' · ')), [label, ...texts].join(' · '), room - (bar === '' ? 0 : width + 2));
  const errors = errorText(view);
  const plain = [...details(view), errors].filter((text) => text !== '').join(' · ');
  const second = [...details(view).map((text) => style.dim(text)), ...(errors === '' ? [] : [style.yellow(errors)])].join(style.dim(' · '));
  const left = room - stringWidth(plain) - 2;
  const current = view.current === undefined || left < 12 ? '' : `  ${shortenMiddle(visibleText(view.current), left)}`;
  return [bar + first, fit(second, plain, room) + current];
}

/** The styled text where the plain one fits, else the plain one, cut. */
function fit(styled: string, plain: string, room: number): string {
  return stringWidth(plain) <= room ? styled : shortenEnd(plain, room);
}

function filledBar(width: number, percent: number, style: Style): string {
  const full = Math.round((width * percent) / 100);
  return style.blue('━'.repeat(full)) + style.dim('─'.repeat(width - full));
}

function stripe(width: number, tick: number, style: Style): string {
  const length = Math.max(3, Math.floor(width / 5));
  const span = 2 * (width - length);
  const step = span === 0 ? 0 : tick % span;
  const begin = step <= width - length ? step : span - step;
  return style.dim('─'.repeat(begin)) + style.blue('━'.repeat(length)) + style.dim('─'.repeat(width - length - begin));
}
