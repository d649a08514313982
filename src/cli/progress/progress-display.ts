/**
 * Shows progress while a command runs: on a terminal two lines redrawn in place ten times a second, elsewhere a plain
 * line every five seconds, nothing with `--quiet` or `--json`.
 *
 * Nothing is drawn in the first fifth of a second, the percentage never goes back, and the lines are gone at the end.
 */
import type { Clock } from '../../core/platform/clock.ts';
import type { Terminal } from '../terminal.ts';
import { stringWidth } from '../output/text-width.ts';
import { liveLines, percentOf, plainLine, type ProgressView } from './progress-view.ts';
import { RateEstimator } from './rate-estimator.ts';

const redrawEvery = 100;
const plainEvery = 5000;
const firstAfter = 200;
/** A stage is named only after it has been the slowest for this long. */
const bottleneckAfter = 5000;

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';

export class ProgressDisplay {
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  readonly #rate: RateEstimator;
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  #view: ProgressView | undefined;
  #percent = 0;
  #tick = 0;
  #drawn: number[] = [];
  #stage: { readonly name: string; readonly since: number } | undefined;

  constructor(terminal: Terminal, clock: Clock, options: { readonly quiet: boolean }) {
    this.#terminal = terminal;
    this.#clock = clock;
    this.#rate = new RateEstimator(clock.monotonic());
    this.#loop = options.quiet ? Promise.resolve() : this.#run(terminal.live);
  }

  update(view: ProgressView): void {
    const now = this.#clock.monotonic();
    this.#rate.note(now, view.bytesDone);
    if (view.bottleneck === undefined) this.#stage = undefined;
    else if (this.#stage?.name !== view.bottleneck) this.#stage = { name: view.bottleneck, since: now };
    const settled = this.#stage !== undefined && now - this.#stage.since >= bottleneckAfter;
    this.#view = settled ? view : { ...view, bottleneck: undefined };
    // A percentage counts only once the totals stand; before, it would have to go back.
    if (!view.counting) this.#percent = Math.max(this.#percent, percentOf(view));
  }

  /** Takes the display away; messages written afterwards stay where they are. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(live: boolean): Promise<void> {
    if (!(await this.#pause(live ? firstAfter : plainEvery))) return;
    if (live) {
      this.#terminal.errorStream.write(hideCursor);
      this.#terminal.setOverlay({ hide: () => this.#erase(), show: () => this.#draw() });
    }
    try {
      do {
        if (live) this.#redraw();
        else if (this.#view !== undefined) this.#terminal.message(plainLine(this.#view, this.#pace(this.#view)));
      } while (await this.#pause(live ? redrawEvery : plainEvery));
    } finally {
      if (live) {
        this.#erase();
        this.#terminal.setOverlay(undefined);
        this.#terminal.errorStream.write(showCursor);
      }
    }
  }

  /** False when the display has ended. */
  async #pause(milliseconds: number): Promise<boolean> {
    if (this.#stop.signal.aborted) return false;
    try {
      await this.#clock.sleep(milliseconds, this.#stop.signal);
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
    return !this.#stop.signal.aborted;
  }

  #pace(view: ProgressView): Parameters<typeof plainLine>[1] {
    return { speed: this.#rate.speed(), left: this.#rate.timeLeft(Math.max(0, view.bytesTotal - view.bytesDone)) };
  }

  #redraw(): void {
    this.#tick += 1;
    // One write, so that no half-drawn state is ever shown.
    this.#terminal.errorStream.write(this.#erasing() + this.#drawing());
  }

  #draw(): void {
    this.#terminal.errorStream.write(this.#drawing());
  }

  #erase(): void {
    this.#terminal.errorStream.write(this.#erasing());
  }

  #drawing(): string {
    const view = this.#view;
    if (view === undefined) return '';
    const lines = liveLines(view, this.#pace(view), this.#terminal.errorColumns, this.#tick, this.#percent, this.#terminal.errorStyle);
    this.#drawn = lines.map(stringWidth);
    return `${lines.join('\n')}\n`;
  }

  /**
   * Goes back over the drawn lines row by row; a window made narrower has wrapped them into more rows. Clearing to the
   * end of the screen would be shorter, but from its top some terminals take it for a new screen and keep the old one.
   */
  #erasing(): string {
    const columns = Math.max(1, this.#terminal.errorColumns);
    const rows = this.#drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    this.#drawn = [];
    return rows === 0 ? '' : `\r${'\u001b[1A\u001b[2K'.repeat(rows)}`;
  }
}
