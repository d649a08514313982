/** Handlers: plans and their schedules. */
import { invalidInput } from '../../shared/contract/check-input.ts';
import type { planOperations } from '../../shared/contract/operations/plans.ts';
import type { NewPlan, Plan } from '../../shared/contract/schemas/plan.ts';
import { requireAbsolute, requireFuture, requirePatterns, requireRepository, requireTags } from './checks.ts';
import { keepsNothing, twinOf } from '../retention/plan-retention.ts';
import type { Services, SomeHandlers } from './services.ts';

export function planHandlers(services: Services): SomeHandlers<typeof planOperations> {
  const { clock, emit, plans, repositories } = services;
  /** Sources need not be there now: a drive may be unplugged when its plan is made. */
  const requireSound = (plan: NewPlan, id?: string): void => {
    requireRepository(repositories, plan.repository_id);
    for (const [at, path] of plan.paths.entries()) requireAbsolute(path, `paths.${at}`);
    requirePatterns(plan.excludes, 'excludes');
    requireTags(plan.tags, 'tags');
    const problem = retentionProblem(plan, id, plans.list());
    if (problem !== undefined) throw invalidInput(problem);
  };
  const changed = <Result>(result: Result): Result => {
    emit('plans_changed', {});
    return result;
  };
  return {
    async list_plans() {
      return { plans: plans.list() };
    },

    async add_plan(plan) {
      requireSound(plan);
      return changed(plans.add(plan));
    },

    async get_plan({ plan_id: id }) {
      return plans.get(id);
    },

    async update_plan({ plan_id: id, ...plan }) {
      plans.get(id);
      requireSound(plan, id);
      return changed(plans.update(id, plan));
    },

    async remove_plan({ plan_id: id }) {
      plans.remove(id);
      return changed({ success: true });
    },

    async restore_plan({ plan_id: id }) {
      // Another may have been made since, whose snapshots look the same.
      const problem = retentionProblem(plans.removed(id), id, plans.list());
      if (problem !== undefined) throw invalidInput({ path: 'plan_id', message: problem.message });
      return changed(plans.restore(id));
    },

    async run_plan({ plan_id: id }) {
      requireRepository(repositories, plans.get(id).repository_id);
      return { success: true, job_id: await services.runPlan(id) };
    },

    async pause_plan({ plan_id: id, until }) {
      plans.get(id);
      return changed(plans.pause(id, requireFuture(until, clock.now(), 'until')));
    },

    async resume_plan({ plan_id: id }) {
      return changed(plans.resume(id));
    },

    async preview_schedule({ schedule, time_zone: timeZone }) {
      return { next_runs: plans.preview(schedule, timeZone).map((time) => new Date(time).toISOString()) };
    },
  };
}

/** A plan may forget only what is certainly its own. Undefined where it does; the path is that of a field of the plan. */
function retentionProblem(plan: NewPlan, id: string | undefined, plans: readonly Plan[]): { readonly path: string; readonly message: string } | undefined {
  if (keepsNothing(plan.retention)) return { path: 'retention', message: 'Without a rule nothing would be kept: say what is, as in {"keep_daily": 7}' };
  const twin = twinOf({ ...plan, ...(id === undefined ? {} : { plan_id: id }) }, plans);
  if (twin === undefined || (plan.retention.enabled !== true && twin.retention.enabled !== true)) return undefined;
  return { path: 'tags', message: `The plan "${twin.name}" saves the same paths with the same tags to the same place, so that their snapshots cannot be told apart: give one of them a tag of its own` };
}
