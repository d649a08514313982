/** Plans and their scheduler on a clock that tests move, jump and set back; settings in memory, kept over restarts. */
import { FakeClock } from '../../../core/platform/fake-clock.ts';
import type { Clock } from '../../../core/platform/clock.ts';
import { silentLogger, type Logger } from '../../../core/platform/logger.ts';
import { newPlan, type NewPlan } from '../../../shared/contract/schemas/plan.ts';
import { settings } from '../../../shared/contract/schemas/settings.ts';
import { settingsDocument } from '../../settings/settings-file.ts';
import type { SettingsDocument, SettingsFile } from '../../settings/settings-port.ts';
import { PlanBook } from '../plan-book.ts';
import { Scheduler, type StartReason } from '../scheduler.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

export interface Run {
  readonly plan: string;
  readonly why: StartReason;
  readonly at: number;
  /** The run makes up for what was due from here to there. */
  readonly from: number;
  readonly to: number;
}

/** A wall clock that may jump, over a monotonic one that only `advance` moves. */
class JumpingClock implements Clock {
  readonly steady: FakeClock;
  offset = 0;

  constructor(start: number) {
    this.steady = new FakeClock(start);
  }

  now(): number {
    return this.steady.now() + this.offset;
  }

  monotonic(): number {
    return this.steady.monotonic();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.steady.sleep(ms, signal);
  }
}

export class ScheduleWorld {
  readonly clock: JumpingClock;
  readonly runs: Run[] = [];
  /** Occurrences that were skipped because a job was not over. */
  readonly skipped: { readonly plan: string; readonly from: number; readonly to: number }[] = [];
  readonly lines: string[] = [];
  /** Plans with a job that is not over. */
  readonly active = new Set<string>();
  random: () => number = () => 0.5;
  /** Thrown instead of starting. */
  refusal: Error | undefined;
  /** Thrown instead of writing, from the n-th write on. */
  full: { readonly error: Error; writes: number } | undefined;
  book: PlanBook;
  #document: SettingsDocument = { settings: settings.parse({}), plans: [], repositories: [], plansPausedUntil: null };
  #scheduler: Scheduler | undefined;

  constructor(start: string) {
    this.clock = new JumpingClock(Date.parse(start));
    this.book = this.#makeBook();
  }

  add(input: Partial<NewPlan> & Pick<NewPlan, 'schedule'>): string {
    return this.book.add(newPlan.parse({ name: 'plan', repository_id: 'default', paths: ['/data'], time_zone: 'UTC', ...input })).plan_id;
  }

  get document(): SettingsDocument {
    return this.#document;
  }

  start(): void {
    this.book = this.#makeBook();
    this.#scheduler = new Scheduler({
      plans: this.book,
      clock: this.clock,
      logger: this.#logger(),
      random: () => this.random(),
      isActive: (id) => this.active.has(id),
      startPlan: (plan, why) => {
        if (this.refusal !== undefined) return Promise.reject(this.refusal);
        const to = Date.parse(plan.settled_until);
        this.runs.push({ plan: plan.plan_id, why, at: this.clock.now(), from: plan.missed_since === null ? to : Date.parse(plan.missed_since), to });
        return Promise.resolve(`job-${this.runs.length}`);
      },
    });
    this.#scheduler.start();
  }

  get scheduler(): Scheduler {
    if (this.#scheduler === undefined) throw new Error('not started');
    return this.#scheduler;
  }

  async stop(): Promise<void> {
    await this.#scheduler?.stop();
    this.#scheduler = undefined;
  }

  /** The machine runs, its clock is right. */
  async pass(ms: number): Promise<void> {
    await this.clock.steady.advance(ms);
  }

  /** The machine sleeps, or its clock is set: only the wall clock moves. */
  jump(ms: number): void {
    this.clock.offset += ms;
  }

  /** Times of a plan's runs as text, with the reason. */
  told(plan: string): string[] {
    return this.runs.filter((run) => run.plan === plan).map(({ at, why }) => `${new Date(at).toISOString().slice(5, 16).replace('T', ' ')} ${why}`);
  }

  plan(id: string): SettingsDocument['plans'][number] {
    return this.book.storedPlan(id);
  }

  #makeBook(): PlanBook {
    return new PlanBook({ settings: this.#settings(), clock: this.clock, logger: silentLogger, hasRepository: (id) => id === 'default', timeZone: () => 'UTC', onChange: () => this.#scheduler?.wake() });
  }

  #settings(): SettingsFile {
    const read = (): SettingsDocument => this.#document;
    return {
      get document() {
        return read();
      },
      update: (change) => {
        if (this.full !== undefined && (this.full.writes -= 1) < 0) throw this.full.error;
        // What is not valid would not be written either.
        const next = change(this.#document);
        settingsDocument.shape.plans.element.array().parse(next.plans.filter((plan) => !this.#document.plans.includes(plan)));
        this.#document = next;
        return next;
      },
    };
  }

  #logger(): Logger {
    const info: Logger['info'] = (fields, message) => {
      this.lines.push(message);
      if (!message.startsWith('a run was skipped: a job')) return;
      const plan = this.plan(String(fields['plan']));
      const due = Date.parse(String(fields['due']));
      this.skipped.push({ plan: plan.plan_id, from: Math.min(due, plan.missed_since === null ? due : Date.parse(plan.missed_since)), to: this.clock.now() });
    };
    return { ...silentLogger, info, warn: info, error: info };
  }
}
