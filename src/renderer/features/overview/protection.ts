/**
 * Whether the data is safe, as one answer: made from plans, jobs and what each place last said.
 *
 * Vocabulary: a plan's *limit* is how old its newest copy may be: twice the longest time between its runs, a day at least. Beyond it
 * the plan is *overdue*; where another plan has a good copy of the same folders it only *lags*.
 *
 * A drive that is not there is no trouble while its plan may wait: it is named, and that is all.
 *
 * The first that holds counts: nothing protected, a place out of reach that a job waits for, plans that failed twice or are overdue, the
 * first backup under way, no copy yet, copies that nothing will bring up to date, everything backed up. Never more is claimed
 * than plans and their copies say.
 */
import type { DestinationHealth } from '../../../shared/contract/schemas/connection-health.ts';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import type { Plan } from '../../../shared/contract/schemas/plan.ts';

export interface PlanState {
  readonly plan: Plan;
  readonly running: Job | undefined;
  /** The newest run that made a snapshot. */
  readonly newest: Job | undefined;
  /** How the last runs went, newest first. */
  readonly failures: number;
  /** Milliseconds; undefined where nothing runs by itself. */
  readonly limit: number | undefined;
  readonly overdue: boolean;
  readonly days: readonly DayMark[];
}

/** The best of a day: `none` where nothing ran. */
export type DayMark = 'complete' | 'partial' | 'failed' | 'running' | 'none';

export type Protection =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unreachable'; readonly repositoryId: string; readonly jobs: readonly Job[] }
  | { readonly kind: 'attention'; readonly failing: readonly Plan[]; readonly overdue: readonly Plan[] }
  | { readonly kind: 'first' }
  | { readonly kind: 'ready' }
  /** There are copies, and no plan that makes further ones. */
  | { readonly kind: 'unplanned'; readonly newest: Date }
  | { readonly kind: 'protected'; readonly newest: Date; readonly lagging: readonly Plan[]; readonly away: readonly Plan[] };

const dayMs = 86_400_000;
export const stripDays = 30;

export function planStates(plans: readonly Plan[], active: readonly Job[], finished: readonly Job[], now: Date): readonly PlanState[] {
  const ended = finished.filter((job) => job.kind === 'backup').toSorted((one, other) => (other.finished_at ?? '').localeCompare(one.finished_at ?? ''));
  return plans.map((plan) => {
    const own = ended.filter((job) => job.plan_id === plan.plan_id);
    const current = active.filter((job) => job.kind === 'backup' && job.plan_id === plan.plan_id);
    const running = current.find((job) => job.state === 'running') ?? current[0];
    const firstGood = own.findIndex((job) => madeCopy(job));
    const counted = own.filter((job) => job.phase !== 'CANCELLED');
    const failures = counted.findIndex((job) => job.phase !== 'FAILED');
    const newest = own[firstGood];
    const limit = limitOf(plan, now);
    return { plan, running, newest, failures: failures === -1 ? counted.length : failures, limit, overdue: limit !== undefined && ageOf(plan, newest, now) > limit, days: daysOf(own, running, now) };
  });
}

/** `drives`: the places that are folders of this computer or of a drive. */
export function protectionOf(states: readonly PlanState[], active: readonly Job[], finished: readonly Job[], destinations: readonly DestinationHealth[], drives: ReadonlySet<string>): Protection {
  const newest = finished.filter(madeCopy).reduce<string>((latest, job) => ((job.finished_at ?? '') > latest ? (job.finished_at ?? '') : latest), '');
  if (states.length === 0 && newest === '' && active.length === 0) return { kind: 'nothing' };
  const away: Plan[] = [];
  for (const { repository_id: id, last_error: error, last_success_at: success } of destinations) {
    if (error === null || (success !== null && success > error.at)) continue;
    const waiting = active.filter((job) => job.repository_id === id && job.state !== 'paused');
    const mayWait = states.filter((state) => waiting.some((job) => job.plan_id === state.plan.plan_id) && (!state.overdue || isCovered(state, states)));
    if (drives.has(id) && waiting.every((job) => mayWait.some(({ plan }) => plan.plan_id === job.plan_id))) away.push(...mayWait.map(({ plan }) => plan));
    else if (waiting.length > 0) return { kind: 'unreachable', repositoryId: id, jobs: waiting };
  }
  const failing = states.filter((state) => state.failures >= 2).map((state) => state.plan);
  const late = states.filter((state) => state.overdue && state.failures < 2 && state.running === undefined);
  const overdue = late.filter((state) => !isCovered(state, states)).map((state) => state.plan);
  if (failing.length > 0 || overdue.length > 0) return { kind: 'attention', failing, overdue };
  const enabled = states.filter(({ plan }) => plan.enabled);
  if (newest !== '' && enabled.length === 0) return { kind: 'unplanned', newest: new Date(newest) };
  if (newest !== '' && enabled.every(hasCopy)) return { kind: 'protected', newest: new Date(newest), lagging: late.map((state) => state.plan), away };
  return active.some((job) => job.kind === 'backup') ? { kind: 'first' } : { kind: 'ready' };
}

function limitOf({ enabled, paused_until: paused, next_runs: runs }: Plan, now: Date): number | undefined {
  if (!enabled || runs.length < 2 || (paused !== null && paused > now.toISOString())) return undefined;
  const times = runs.map((run) => Date.parse(run));
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return Math.max(dayMs, 2 * Math.max(...gaps));
}

/** Since its newest copy; without one, since what it says now was decided. */
function ageOf(plan: Plan, newest: Job | undefined, now: Date): number {
  const since = newest?.finished_at ?? plan.last_run_at ?? plan.updated_at;
  return now.getTime() - Date.parse(since);
}

/** Whether other plans have good copies of all its folders. */
function isCovered({ plan }: PlanState, states: readonly PlanState[]): boolean {
  const good = states.filter((state) => state.plan !== plan && !state.overdue && state.failures < 2 && hasCopy(state)).flatMap((state) => state.plan.paths);
  return plan.paths.every((path) => good.some((other) => path === other || isWithin(path, other)));
}

/** A path in a folder, as either kind of system writes them. */
function isWithin(path: string, folder: string): boolean {
  const start = /[/\\]$/.test(folder) ? folder : undefined;
  return start === undefined ? path.startsWith(`${folder}/`) || path.startsWith(`${folder}\\`) : path.startsWith(start);
}

/** The list of jobs may not go back far enough; then what the plan remembers counts. */
function hasCopy({ plan, newest, failures }: PlanState): boolean {
  return newest !== undefined || (plan.last_run_at !== null && failures === 0);
}

function madeCopy(job: Job): boolean {
  return job.kind === 'backup' && (job.phase === 'COMPLETED' || job.phase === 'PARTIAL');
}

/** Oldest first; the last is today. */
function daysOf(own: readonly Job[], running: Job | undefined, now: Date): readonly DayMark[] {
  const marks = Array.from({ length: stripDays }, (): DayMark => 'none');
  const today = Math.floor((now.getTime() - now.getTimezoneOffset() * 60_000) / dayMs);
  const rank: Readonly<Record<DayMark, number>> = { none: 0, failed: 1, partial: 2, complete: 3, running: 4 };
  for (const job of own) {
    if (job.finished_at === null) continue;
    const end = Date.parse(job.finished_at);
    const index = stripDays - 1 - (today - Math.floor((end - new Date(end).getTimezoneOffset() * 60_000) / dayMs));
    const mark: DayMark = job.phase === 'COMPLETED' ? 'complete' : job.phase === 'PARTIAL' ? 'partial' : job.phase === 'FAILED' ? 'failed' : 'none';
    const before = marks[index];
    if (before !== undefined && rank[mark] > rank[before]) marks[index] = mark;
  }
  if (running?.state === 'running') marks[stripDays - 1] = 'running';
  return marks;
}
