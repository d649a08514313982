/**
 * Starts the runs of plans when they are due.
 *
 * Vocabulary: a run is *on time* up to a minute after its occurrence; whatever is noticed later (the machine slept, the
 * agent was not there, the clock was set forward) is *missed*. A *catch-up* is the one run that makes up for all that a
 * plan missed; any other run does so, too. A job of the plan that is not over stands for a run that becomes due.
 *
 * Invariants:
 * - what an occurrence comes to is on disk before its job is started (as missed) and after (as run): a crash between loses
 *   no run and repeats none;
 * - what is settled never runs again, also when the clock is set back. A clock that was wrong by more than a day is the
 *   exception, since its plans would otherwise be silent for as long;
 * - it never sleeps for more than a minute, so that every jump of the clock is noticed.
 *
 * The wall clock says what is due; the monotonic clock measures the delay of a catch-up, so that no jump shortens it.
 */
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import type { StoredPlan } from '../settings/settings-port.ts';
import { DrivePresence } from './drive-presence.ts';
import type { PlanBook } from './plan-book.ts';

export type StartReason = 'schedule' | 'catch-up' | 'manual';

export interface SchedulerPorts {
  readonly plans: PlanBook;
  readonly clock: Clock;
  readonly logger: Logger;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Puts the plan's backup into the queue; resolves with the job's id. The run makes up for all from `missed_since` to `settled_until`. */
  readonly startPlan: (plan: StoredPlan, why: StartReason) => Promise<string>;
  /** Whether a job of the plan is not over. */
  readonly isActive: (planId: string) => boolean;
}

const longestSleep = 60_000;
const grace = 60_000;
const longestDelay = 5 * 60_000;
const day = 24 * 60 * 60_000;
/** A difference of both clocks that is worth a line in the log. */
const noticeableJump = 5000;

export class Scheduler {
  readonly #ports: SchedulerPorts;
  readonly #drives: DrivePresence;
  readonly #stop = new AbortController();
  #wake = new AbortController();
  #running: Promise<void> | undefined;
  /** When a plan is caught up, on the monotonic clock. */
  readonly #catchUps = new Map<string, number>();
  /** Jobs that were started but not noted, since the disk was full. */
  readonly #unnoted = new Map<string, { readonly last_run_at: string; readonly last_job_id: string }>();
  readonly #nextDue = new WeakMap<StoredPlan, { readonly due: number | undefined }>();
  #seen: { readonly wall: number; readonly monotonic: number } | undefined;

  constructor(ports: SchedulerPorts) {
    this.#ports = ports;
    this.#drives = new DrivePresence(ports.clock);
  }

  /** What was missed until now is caught up soon. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Looks at the plans again: one of them changed. */
  wake(): void {
    this.#wake.abort();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake.abort();
    await this.#running;
  }

  /** Starts a plan because a person asks for it, whatever its schedule and pauses say; resolves with the job's id. */
  async runNow(id: string): Promise<string> {
    return await this.#started(this.#ports.plans.storedPlan(id), 'manual');
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#wake = new AbortController();
      const { signal } = this.#wake;
      await this.#tick();
      if (this.#stop.signal.aborted) return;
      try {
        await this.#ports.clock.sleep(this.#untilNext(), signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }

  async #tick(): Promise<void> {
    const { plans, clock } = this.#ports;
    this.#noticeJumps();
    await this.#guarded({}, () => plans.endPauses(clock.now()));
    for (const id of [...this.#catchUps.keys(), ...this.#unnoted.keys()]) if (!plans.stored.some(({ plan_id }) => plan_id === id)) this.#forget(id);
    for (const { plan_id } of plans.stored) {
      if (this.#stop.signal.aborted) return;
      // Whatever goes wrong with one plan must not keep the others from running.
      await this.#guarded({ plan: plan_id }, () => this.#look(plan_id));
    }
  }

  async #guarded(fields: Record<string, unknown>, body: () => void | Promise<void>): Promise<void> {
    try {
      await body();
    } catch (error) {
      this.#ports.logger.error({ ...fields, error: error instanceof Error ? error.message : String(error) }, 'the scheduler could not do what was due; it tries again');
    }
  }

  async #look(id: string): Promise<void> {
    this.#noteLate(id);
    const plan = this.#ports.plans.stored.find(({ plan_id }) => plan_id === id);
    if (plan === undefined) return;
    if (!plan.enabled || this.#ports.plans.pausedUntil(plan) !== undefined) {
      this.#catchUps.delete(id);
      return;
    }
    await this.#settle(this.#withinClock(plan));
    await this.#catchUp(id);
  }

  /** A plan that is settled until far in the future was run under a wrong clock. */
  #withinClock(plan: StoredPlan): StoredPlan {
    const { plans, clock, logger } = this.#ports;
    if (Date.parse(plan.settled_until) <= clock.now() + day) return plan;
    logger.warn({ plan: plan.plan_id, settled_until: plan.settled_until }, 'the clock was set back by more than a day: the plan goes on from now');
    plans.note(plan.plan_id, { settled_until: iso(clock.now()) });
    return plans.storedPlan(plan.plan_id);
  }

  /** Decides what is due: started, skipped, or missed. */
  async #settle(plan: StoredPlan): Promise<void> {
    const { plans, clock, isActive } = this.#ports;
    const now = clock.now();
    const due = this.#dueOf(plan);
    if (due === undefined || due > now) return;
    const missed = { settled_until: iso(now), missed_since: plan.missed_since ?? iso(due) };
    const latest = plans.occurrences(plan).after(Math.max(Date.parse(plan.settled_until), now - grace - 1));
    if (latest === undefined || latest > now) {
      this.#log(plan, { missed_since: missed.missed_since }, 'a run was missed');
      plans.note(plan.plan_id, missed);
    } else if (isActive(plan.plan_id)) {
      this.#log(plan, { due: iso(latest) }, 'a run was skipped: a job of the plan is not over');
      plans.note(plan.plan_id, { ...missed, missed_since: null });
    } else {
      plans.note(plan.plan_id, missed);
      if (await this.#conditionsHold(plan)) await this.#started(plans.storedPlan(plan.plan_id), 'schedule');
    }
  }

  async #catchUp(id: string): Promise<void> {
    const { plans, clock, isActive } = this.#ports;
    const plan = plans.stored.find(({ plan_id }) => plan_id === id);
    if (plan === undefined || plan.missed_since === null || !plan.catch_up || this.#unnoted.has(id)) {
      this.#catchUps.delete(id);
      return;
    }
    const at = this.#catchUps.get(id) ?? this.#planCatchUp(plan);
    if (clock.monotonic() < at) return;
    if (isActive(id)) plans.note(id, { missed_since: null });
    else if (await this.#conditionsHold(plan)) await this.#started(plan, 'catch-up');
  }

  /** A small random delay, so that machines that wake together do not ask one server together. */
  #planCatchUp(plan: StoredPlan): number {
    const { plans, clock, random } = this.#ports;
    const occurrences = plans.occurrences(plan);
    const next = occurrences.after(clock.now());
    const second = next === undefined ? undefined : occurrences.after(next);
    const interval = next === undefined || second === undefined ? Number.POSITIVE_INFINITY : second - next;
    const at = clock.monotonic() + random() * Math.min(longestDelay, interval / 10);
    this.#catchUps.set(plan.plan_id, at);
    return at;
  }

  async #started(plan: StoredPlan, why: StartReason): Promise<string> {
    const { clock, startPlan } = this.#ports;
    // Where it fails, the run stays missed, and the next attempt has a delay of its own.
    this.#catchUps.delete(plan.plan_id);
    const last_job_id = await startPlan(plan, why);
    this.#log(plan, { why, job_id: last_job_id }, 'a plan was started');
    this.#unnoted.set(plan.plan_id, { last_run_at: iso(clock.now()), last_job_id });
    this.#noteLate(plan.plan_id);
    return last_job_id;
  }

  #noteLate(id: string): void {
    const notes = this.#unnoted.get(id);
    if (notes === undefined) return;
    this.#ports.plans.note(id, { ...notes, missed_since: null });
    this.#unnoted.delete(id);
  }

  async #conditionsHold(plan: StoredPlan): Promise<boolean> {
    const drive = plan.conditions.drive_present;
    if (drive === undefined || (await this.#drives.isPresent(drive))) return true;
    this.#log(plan, { drive }, 'a run was skipped: the drive is not there');
    return false;
  }

  #dueOf(plan: StoredPlan): number | undefined {
    let known = this.#nextDue.get(plan);
    if (known === undefined) {
      known = { due: this.#ports.plans.occurrences(plan).after(Date.parse(plan.settled_until)) };
      this.#nextDue.set(plan, known);
    }
    return known.due;
  }

  /** Milliseconds until there may be something to do. */
  #untilNext(): number {
    const { plans, clock } = this.#ports;
    const now = clock.now();
    const waits = plans.stored.flatMap((plan) => {
      const paused = plans.pausedUntil(plan);
      const at = paused ?? this.#dueOf(plan);
      return at === undefined || at <= now ? [] : [at - now];
    });
    for (const at of this.#catchUps.values()) if (at > clock.monotonic()) waits.push(at - clock.monotonic());
    return Math.max(1, Math.min(longestSleep, ...waits));
  }

  #noticeJumps(): void {
    const { clock, logger } = this.#ports;
    const seen = { wall: clock.now(), monotonic: clock.monotonic() };
    const jump = this.#seen === undefined ? 0 : seen.wall - this.#seen.wall - (seen.monotonic - this.#seen.monotonic);
    if (Math.abs(jump) > noticeableJump) logger.info({ component: 'scheduler', jump_ms: Math.round(jump) }, 'the clock jumped, or the machine slept');
    this.#seen = seen;
  }

  #forget(id: string): void {
    this.#catchUps.delete(id);
    this.#unnoted.delete(id);
  }

  #log(plan: StoredPlan, fields: Record<string, unknown>, message: string): void {
    this.#ports.logger.info({ component: 'scheduler', plan: plan.plan_id, ...fields }, message);
  }
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
