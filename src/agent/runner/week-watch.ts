/**
 * Follows the hours of the week: other limits at the full hour, and pauses for paused stretches.
 *
 * A paused stretch is what a person's "pause until" is: jobs and plans go on by themselves after it, and whoever resumes them
 * before, or starts something new meanwhile, is right. A pause of a person that lasts longer stays.
 */
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import type { WeekLimits } from '../../shared/contract/schemas/settings.ts';
import { Failure } from '../../shared/errors.ts';
import { hourAfter, limitsAt, pausedStretchEnd } from './week-limits.ts';

export interface WeekPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly week: () => WeekLimits;
  /** Milliseconds since the epoch, `resumed` for until resumed; null while plans run. */
  readonly plansPausedUntil: () => number | 'resumed' | null;
  readonly onLimits: () => void;
  readonly pauseAll: (until: number) => Promise<void>;
  readonly resumeAll: () => Promise<void>;
}

/** So that a jump of the clock is noticed. */
const longestSleep = 60_000;

export class WeekWatch {
  readonly #ports: WeekPorts;
  #limit: number | undefined;
  /** End of the stretch that was paused for; undefined outside of one. */
  #pausedFor: number | undefined;

  constructor(ports: WeekPorts) {
    this.#ports = ports;
  }

  /** Until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    try {
      while (!signal.aborted) {
        await this.look();
        const now = clock.now();
        await clock.sleep(Math.min(longestSleep, hourAfter(new Date(now)).getTime() - now), signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Also to be called when settings changed. A disk that is too full for a pause costs the pause and nothing else. */
  async look(): Promise<void> {
    const { clock, week, onLimits, logger } = this.#ports;
    const now = new Date(clock.now());
    const { uploadLimit } = limitsAt({ upload_limit: 0, download_limit: 0, week_limits: week() }, now);
    const end = pausedStretchEnd(week(), now);
    const changed = uploadLimit !== (this.#limit ?? 0) || (end === undefined) !== (this.#pausedFor === undefined);
    this.#limit = uploadLimit;
    if (changed) onLimits();
    try {
      await this.#pauseOrResume(end);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      logger.warn({ component: 'limits', error: error.message }, 'the paused hours could not be kept');
    }
  }

  async #pauseOrResume(end: number | undefined): Promise<void> {
    const { plansPausedUntil, pauseAll, resumeAll } = this.#ports;
    const before = this.#pausedFor;
    if (end === before) return;
    this.#pausedFor = end;
    const held = plansPausedUntil();
    if (end === undefined) {
      // At the end of the stretch everything goes on by itself; before it, the hours were changed.
      if (before !== undefined && held === before) await resumeAll();
    } else if (held === null || (held !== 'resumed' && held < end)) {
      await pauseAll(end);
    }
  }
}
