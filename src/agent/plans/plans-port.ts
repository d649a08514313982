/** What the rest of the agent sees of the plans. */
import type { NewPlan, Plan, Schedule } from '../../shared/contract/schemas/plan.ts';

export interface Plans {
  list(): Plan[];
  /** Throws `PLAN_NOT_FOUND`. */
  get(id: string): Plan;
  add(plan: NewPlan): Plan;
  update(id: string, plan: NewPlan): Plan;
  remove(id: string): void;
  /** One that was removed since the agent started. Throws `PLAN_NOT_FOUND`. */
  removed(id: string): NewPlan;
  /** Brings it back. Throws `PLAN_NOT_FOUND`, `REPOSITORY_NOT_FOUND`. */
  restore(id: string): Plan;
  pause(id: string, until: number | null): Plan;
  resume(id: string): Plan;
  pauseAll(until: number | null): void;
  resumeAll(): void;
  /** Milliseconds since the epoch of the next five runs. */
  preview(schedule: Schedule, timeZone: string | undefined): number[];
}
