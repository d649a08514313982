/** Starts what the dialog asked for: a backup once, or with a plan that was changed or made for it. */
import type { Client } from '../../../shared/contract/client.ts';
import type { Excludes, NewPlan, Plan, Schedule } from '../../../shared/contract/schemas/plan.ts';
import { exactPattern } from '../paths/exact-pattern.ts';
import { isBelow } from '../paths/path-sum.ts';

export type Wish =
  /** `repositoryId` undefined: the embedded repository, made now where there is none. */
  | { readonly way: 'once'; readonly repositoryId: string | undefined }
  | { readonly way: 'plan'; readonly plan: Plan }
  | { readonly way: 'new'; readonly repositoryId: string | undefined; readonly name: string; readonly schedule: Schedule };

export interface Chosen {
  readonly paths: readonly string[];
  /** Folders of the copies within them. */
  readonly leaveOut: readonly string[];
}

/** The job's id. Failures as the operations have them. */
export async function startBackUp(client: Client, wish: Wish, { paths, leaveOut }: Chosen): Promise<string> {
  const patterns = leaveOut.map(exactPattern);
  if (wish.way === 'once') {
    const { job_id: id } = await client.start_backup({ paths: [...paths], ...(wish.repositoryId === undefined ? {} : { repository_id: wish.repositoryId }), ...(patterns.length === 0 ? {} : { excludes: patterns }) });
    return id;
  }
  if (wish.way === 'plan') {
    const { plan } = wish;
    const fresh = notIn(plan, paths);
    if (fresh.length > 0) await client.update_plan({ plan_id: plan.plan_id, ...contentOf(plan), paths: [...plan.paths, ...fresh], excludes: leavingOut(plan.excludes, patterns) });
    return (await client.run_plan({ plan_id: plan.plan_id })).job_id;
  }
  const repositoryId = wish.repositoryId ?? (await client.set_up_default_repository({})).repository_id;
  const made = await client.add_plan({ name: wish.name, repository_id: repositoryId, paths: [...paths], excludes: { presets: ['caches', 'build-output', 'trash'], patterns }, schedule: wish.schedule });
  return (await client.run_plan({ plan_id: made.plan_id })).job_id;
}

/** Takes back what was added. */
export async function takeOutOf(client: Client, plan: Plan): Promise<void> {
  await client.update_plan({ plan_id: plan.plan_id, ...contentOf(plan) });
}

/** Paths that the plan does not hold yet. */
export function notIn(plan: Plan, paths: readonly string[]): readonly string[] {
  return paths.filter((path) => !plan.paths.some((one) => one === path || isBelow(path, one)));
}

function leavingOut(excludes: Excludes, patterns: readonly string[]): Excludes {
  return { ...excludes, patterns: [...new Set([...excludes.patterns, ...patterns])] };
}

/** What of a plan a person decides. */
function contentOf({ name, repository_id, paths, excludes, tags, schedule, time_zone, catch_up, retention, conditions, enabled, priority }: Plan): NewPlan {
  return { name, repository_id, paths, excludes, tags, schedule, ...(time_zone === undefined ? {} : { time_zone }), catch_up, retention, conditions, enabled, priority };
}
