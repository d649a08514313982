/**
 * The plans, kept in the settings document.
 *
 * Vocabulary: a plan is *settled* until an instant: what was due until then has been started, skipped or recorded as
 * missed, and is never looked at again. What is due while a plan is paused or switched off is nobody's loss: it counts as
 * settled when the plan goes on.
 */
import { randomUUID } from 'node:crypto';
import { isAbsolute } from 'node:path';
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import { checkExcludePatterns } from '../../core/archiver/expand-excludes.ts';
import type { NewPlan, Plan, Schedule } from '../../shared/contract/schemas/plan.ts';
import { Failure } from '../../shared/errors.ts';
import type { SettingsFile, StoredPlan } from '../settings/settings-port.ts';
import { nextOccurrences, occurrencesOf, type Occurrences } from './occurrences.ts';
import type { Plans } from './plans-port.ts';

export interface PlanBookPorts {
  readonly settings: SettingsFile;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether a plan may back up there; the embedded default counts before it is made. */
  readonly hasRepository: (id: string) => boolean;
  /** After every change: the scheduler looks again, and everyone is told. */
  readonly onChange: () => void;
  /** The machine's, for plans without one. */
  readonly timeZone?: () => string;
}

/** What the scheduler notes in a plan. */
export type PlanNotes = Partial<Pick<StoredPlan, 'settled_until' | 'missed_since' | 'last_run_at' | 'last_job_id' | 'paused_until'>>;

/** How a pause until resumed is stored. */
export const untilResumed = '9999-12-31T23:59:59.999Z';
const runsTold = 5;
const keptRemoved = 20;

export class PlanBook implements Plans {
  readonly #ports: PlanBookPorts;
  readonly #occurrences = new WeakMap<StoredPlan, Occurrences>();
  /** The latest that were removed, newest last: a person may want one back. */
  #removed: StoredPlan[] = [];

  constructor(ports: PlanBookPorts) {
    this.#ports = ports;
  }

  list(): Plan[] {
    return this.stored.map((plan) => this.#shown(plan));
  }

  get(id: string): Plan {
    return this.#shown(this.storedPlan(id));
  }

  add(input: NewPlan): Plan {
    this.#check(input);
    const now = this.#now();
    const plan: StoredPlan = { ...input, plan_id: randomUUID(), created_at: now, updated_at: now, settled_until: now, paused_until: null, last_run_at: null, last_job_id: null, missed_since: null };
    this.#change((plans) => [...plans, plan]);
    return this.get(plan.plan_id);
  }

  update(id: string, input: NewPlan): Plan {
    const { plan_id, created_at, paused_until, last_run_at, last_job_id, missed_since, settled_until } = this.storedPlan(id);
    this.#check(input);
    const updated_at = this.#now();
    const kept = { plan_id, created_at, paused_until, last_run_at, last_job_id, missed_since: input.schedule.kind === 'manual' ? null : missed_since };
    return this.#replace({ ...input, ...kept, updated_at, settled_until: later(settled_until, updated_at) });
  }

  remove(id: string): void {
    const plan = this.storedPlan(id);
    this.#change((plans) => plans.filter(({ plan_id }) => plan_id !== id));
    this.#removed = [...this.#removed, plan].slice(-keptRemoved);
  }

  removed(id: string): StoredPlan {
    const plan = this.#removed.find(({ plan_id }) => plan_id === id);
    if (plan === undefined) throw new Failure('PLAN_NOT_FOUND', { what: `There is no plan ${id} that was removed lately`, safe: 'Nothing was changed', next: 'Make a new plan' });
    return plan;
  }

  /** As it was; what was due meanwhile is nobody's loss. */
  restore(id: string): Plan {
    const plan = this.removed(id);
    this.#check(plan);
    this.#change((plans) => [...plans, { ...plan, settled_until: later(plan.settled_until, this.#now()) }]);
    this.#removed = this.#removed.filter((other) => other !== plan);
    return this.get(id);
  }

  pause(id: string, until: number | null): Plan {
    return this.#replace({ ...this.storedPlan(id), paused_until: pauseText(until) });
  }

  resume(id: string): Plan {
    const plan = this.storedPlan(id);
    return plan.paused_until === null ? this.#shown(plan) : this.#replace(this.#resumed(plan));
  }

  pauseAll(until: number | null): void {
    this.#ports.settings.update((document) => ({ ...document, plansPausedUntil: until ?? 'resumed' }));
    this.#ports.onChange();
  }

  resumeAll(): void {
    this.#ports.settings.update((document) => {
      const paused = document.plansPausedUntil !== null;
      return { ...document, plansPausedUntil: null, plans: document.plans.map((plan) => (paused || plan.paused_until !== null ? this.#resumed(plan) : plan)) };
    });
    this.#ports.onChange();
  }

  preview(schedule: Schedule, timeZone: string | undefined): number[] {
    return nextOccurrences(occurrencesOf(schedule, timeZone ?? this.#timeZone()), this.#ports.clock.now(), runsTold);
  }

  get stored(): readonly StoredPlan[] {
    return this.#ports.settings.document.plans;
  }

  /** Throws `PLAN_NOT_FOUND`. */
  storedPlan(id: string): StoredPlan {
    const plan = this.stored.find(({ plan_id }) => plan_id === id);
    if (plan === undefined) throw new Failure('PLAN_NOT_FOUND', { what: `There is no plan ${id}`, next: 'List the plans: it may have been removed' });
    return plan;
  }

  /** A stored schedule that this machine cannot read (a zone that its tables lack) is never due. */
  occurrences(plan: StoredPlan): Occurrences {
    const known = this.#occurrences.get(plan);
    if (known !== undefined) return known;
    let occurrences: Occurrences;
    try {
      occurrences = occurrencesOf(plan.enabled ? plan.schedule : { kind: 'manual' }, plan.time_zone ?? this.#timeZone());
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#ports.logger.error({ plan: plan.plan_id, reason: error.text.what }, 'the schedule of a plan cannot be used: it does not run');
      occurrences = { after: () => undefined };
    }
    this.#occurrences.set(plan, occurrences);
    return occurrences;
  }

  /** Milliseconds since the epoch until which the plan does not run, by its own pause or that of all; undefined where neither is. */
  pausedUntil({ paused_until }: StoredPlan): number | undefined {
    const { plansPausedUntil } = this.#ports.settings.document;
    if (paused_until === null && plansPausedUntil === null) return undefined;
    const all = plansPausedUntil === 'resumed' ? Date.parse(untilResumed) : (plansPausedUntil ?? 0);
    return Math.max(all, paused_until === null ? 0 : Date.parse(paused_until));
  }

  /** Ends the pauses whose time has come. */
  endPauses(now: number): void {
    const { plans, plansPausedUntil } = this.#ports.settings.document;
    const isOver = (plan: StoredPlan): boolean => plan.paused_until !== null && Date.parse(plan.paused_until) <= now;
    const allOver = typeof plansPausedUntil === 'number' && plansPausedUntil <= now;
    if (!allOver && !plans.some(isOver)) return;
    this.#ports.settings.update((document) => ({
      ...document,
      plansPausedUntil: allOver ? null : document.plansPausedUntil,
      plans: document.plans.map((plan) => {
        const own = isOver(plan) ? { ...plan, paused_until: null, settled_until: later(plan.settled_until, plan.paused_until ?? '') } : plan;
        return allOver ? { ...own, settled_until: later(own.settled_until, new Date(plansPausedUntil).toISOString()) } : own;
      }),
    }));
    this.#ports.onChange();
  }

  /** Notes what became of a plan's runs; a plan that was removed meanwhile is left alone. */
  note(id: string, notes: PlanNotes): void {
    if (!this.stored.some(({ plan_id }) => plan_id === id)) return;
    this.#change((plans) => plans.map((plan) => (plan.plan_id === id ? { ...plan, ...notes } : plan)));
  }

  #resumed(plan: StoredPlan): StoredPlan {
    return { ...plan, paused_until: null, settled_until: later(plan.settled_until, this.#now()) };
  }

  #replace(plan: StoredPlan): Plan {
    this.#change((plans) => plans.map((other) => (other.plan_id === plan.plan_id ? plan : other)));
    return this.get(plan.plan_id);
  }

  #change(change: (plans: readonly StoredPlan[]) => readonly StoredPlan[]): void {
    this.#ports.settings.update((document) => ({ ...document, plans: change(document.plans) }));
    this.#ports.onChange();
  }

  #shown(stored: StoredPlan): Plan {
    const { settled_until: _settled, ...plan } = stored;
    const from = Math.max(this.#ports.clock.now(), this.pausedUntil(stored) ?? 0);
    const isPaused = from >= Date.parse(untilResumed);
    const next = isPaused ? [] : nextOccurrences(this.occurrences(stored), from, runsTold);
    return { ...plan, next_runs: next.map((instant) => new Date(instant).toISOString()) };
  }

  /** What the schemas cannot see. */
  #check(input: NewPlan): void {
    const refuse = (what: string, path: string): never => {
      throw new Failure('INVALID_INPUT', { what, safe: 'Nothing was changed', next: 'Give it from the root, as in "/home/anna/Documents"' }, { path });
    };
    for (const [index, path] of input.paths.entries()) if (!isUsablePath(path)) refuse(`The path ${JSON.stringify(path)} is not absolute`, `paths.${index}`);
    const drive = input.conditions.drive_present;
    if (drive !== undefined && !isUsablePath(drive)) refuse(`The path ${JSON.stringify(drive)} is not absolute`, 'conditions.drive_present');
    checkExcludePatterns(input.excludes);
    occurrencesOf(input.schedule, input.time_zone ?? this.#timeZone());
    if (!this.#ports.hasRepository(input.repository_id)) {
      throw new Failure('REPOSITORY_NOT_FOUND', { what: `There is no repository ${input.repository_id}`, safe: 'Nothing was changed', next: 'Add the repository first, or take "default"' }, { path: 'repository_id' });
    }
  }

  #timeZone(): string {
    return this.#ports.timeZone?.() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  }

  #now(): string {
    return new Date(this.#ports.clock.now()).toISOString();
  }
}

function isUsablePath(path: string): boolean {
  return isAbsolute(path) && !path.includes('\0');
}

/** Both as `toISOString` writes them, which sorts by time. */
function later(first: string, second: string): string {
  return first > second ? first : second;
}

function pauseText(until: number | null): string {
  return until === null || until >= Date.parse(untilResumed) ? untilResumed : new Date(until).toISOString();
}
