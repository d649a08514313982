/**
 * What becomes of the snapshots of a plan: after a backup of the plan that went well a forget, and after a forget that went
 * well a prune, where the last one is long enough ago (decision 20).
 *
 * Invariants: nothing follows a backup that failed, was cancelled, is done in part, or saved other paths or with other tags
 * than the plan's; a forget of a plan touches only snapshots like the one that its backup made, and is *withdrawn* when the
 * plan does not want it any more; no more than one forget of a plan and one prune of a repository wait.
 */
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import { pinTag } from '../../core/retention/pins.ts';
import { isEmptyPolicy } from '../../core/retention/policy.ts';
import { policyOf } from '../../core/retention/scope.ts';
import type { Plan } from '../../shared/contract/schemas/plan.ts';
import type { PlanRetention as PlanRules, RetentionScope } from '../../shared/contract/schemas/retention.ts';
import { Failure } from '../../shared/errors.ts';
import type { JobRecord, NewJob } from '../queue/job-record.ts';
import type { JobQueue } from '../queue/queue-port.ts';

type RuledPlan = Pick<Plan, 'plan_id' | 'name' | 'repository_id' | 'paths' | 'tags' | 'retention' | 'priority'>;

export interface PlanRetentionPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly queue: Pick<JobQueue, 'exclusiveOf'>;
  readonly enqueue: (job: NewJob) => void;
  readonly plans: () => readonly RuledPlan[];
  /** ISO 8601; undefined: never. */
  readonly lastPruned: (repositoryId: string) => string | undefined;
  readonly notePruned: (repositoryId: string, at: string) => void;
  readonly maxAttempts: () => number;
}

const day = 86_400_000;
const intervals = { daily: day, weekly: 7 * day, monthly: 30 * day } as const;
/** The backup of today may end a little earlier than that of a week ago did. */
const slack = day / 12;

export class PlanRetention {
  readonly #ports: PlanRetentionPorts;
  /** When a prune was asked for last, by repository: one that fails is tried once a day. */
  readonly #asked = new Map<string, number>();

  constructor(ports: PlanRetentionPorts) {
    this.#ports = ports;
  }

  jobEnded(job: JobRecord): void {
    if (job.summary?.['pruned'] === true) this.#ports.notePruned(job.repositoryId, new Date(this.#ports.clock.now()).toISOString());
    if (job.phase !== 'COMPLETED' || job.planId === null) return;
    const plan = this.#ports.plans().find(({ plan_id }) => plan_id === job.planId);
    if (plan === undefined || plan.repository_id !== job.repositoryId) return;
    if (job.payload.kind === 'backup') this.#forget(plan, job);
    else if (job.payload.kind === 'forget') this.#prune(plan, job);
  }

  /** What a backup's forget will be applied to; undefined where none follows. */
  scopeAfter(job: JobRecord): RetentionScope | undefined {
    const plan = job.planId === null ? undefined : this.#ports.plans().find(({ plan_id }) => plan_id === job.planId);
    return plan === undefined || job.payload.kind !== 'backup' ? undefined : scopeOf(plan, job.snapshotId, job.payload);
  }

  /** A forget under rules that its plan has no more, or for what is not the plan's any more: it must not run. */
  isWithdrawn({ planId, repositoryId, payload }: JobRecord): boolean {
    if (planId === null || payload.kind !== 'forget' || payload.what.by !== 'policy') return false;
    const plans = this.#ports.plans();
    const plan = plans.find(({ plan_id }) => plan_id === planId);
    if (plan === undefined || plan.repository_id !== repositoryId || payload.of === undefined || twinOf(plan, plans) !== undefined) return true;
    const { selection, policy, group_by } = payload.what;
    const wanted = selection.by === 'like' ? scopeOf(plan, selection.snapshot_id, payload.of) : undefined;
    return !isDeepStrictEqual(wanted, { selection, policy, group_by });
  }

  #forget(plan: RuledPlan, job: JobRecord): void {
    const scope = this.scopeAfter(job);
    if (scope === undefined) return;
    const { paths, tags } = plan;
    const twin = twinOf(plan, this.#ports.plans());
    if (twin !== undefined) {
      this.#ports.logger.warn({ plan: plan.plan_id, like: twin.plan_id }, 'nothing is forgotten for a plan: the snapshots of another look the same');
      return;
    }
    // One that waits finds the snapshot of this backup, too.
    if (this.#waits(plan, (other) => other.kind === 'forget' && other.planId === plan.plan_id && !this.isWithdrawn(other))) return;
    this.#enqueue(plan, job, { kind: 'forget', what: { by: 'policy', ...scope }, prune: null, dry_run: false, of: { paths: [...paths], tags: [...tags] } });
  }

  #prune(plan: RuledPlan, job: JobRecord): void {
    const { enabled, prune = 'weekly' } = plan.retention;
    if (enabled !== true || prune === 'never') return;
    const { repository_id: id } = plan;
    const now = this.#ports.clock.now();
    // A time to come is of a clock that was ahead once: believed, it would put off every prune until then.
    const isRecent = (at: number | undefined, interval: number): boolean => at !== undefined && at <= now && now - at < interval - slack;
    const last = this.#ports.lastPruned(id);
    if (isRecent(last === undefined ? undefined : Date.parse(last), intervals[prune]) || isRecent(this.#asked.get(id), day)) return;
    if (this.#waits(plan, ({ kind }) => kind === 'prune')) return;
    this.#asked.set(id, now);
    this.#enqueue(plan, job, { kind: 'prune', options: {}, dry_run: false });
  }

  #waits({ repository_id: id }: RuledPlan, fits: (job: JobRecord) => boolean): boolean {
    return this.#ports.queue.exclusiveOf(id).some((job) => job.state !== 'running' && fits(job));
  }

  #enqueue({ plan_id: planId, repository_id: repositoryId, priority }: RuledPlan, { traceId }: JobRecord, payload: NewJob['payload']): void {
    try {
      this.#ports.enqueue({ payload, planId, repositoryId, priority, traceId, maxAttempts: this.#ports.maxAttempts() });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#ports.logger.error({ plan: planId, kind: payload.kind, error: error.message }, 'a job that follows a backup could not be made; the next backup tries again');
    }
  }
}

/** What tells the snapshots of one plan from those of another in the same repository. */
type Marks = Pick<RuledPlan, 'paths' | 'tags'>;

/**
 * Undefined where the plan keeps everything, and for a backup of other paths or with other tags than the plan's: what is like
 * its snapshot may be another plan's.
 */
function scopeOf(plan: RuledPlan, snapshotId: string | null, saved: Marks): RetentionScope | undefined {
  const { enabled, prune: _prune, ...policy } = plan.retention;
  if (enabled !== true || snapshotId === null || isEmptyPolicy(policyOf(policy)) || !sameMarks(plan, saved)) return undefined;
  return { selection: { by: 'like', snapshot_id: snapshotId }, policy, group_by: ['host', 'paths'] };
}

/** Another plan whose snapshots nobody could tell from this one's. */
export function twinOf(plan: Omit<RuledPlan, 'plan_id' | 'name' | 'priority'> & { readonly plan_id?: string }, plans: readonly RuledPlan[]): RuledPlan | undefined {
  return plans.find((other) => other.plan_id !== plan.plan_id && other.repository_id === plan.repository_id && sameMarks(other, plan));
}

/** Whether the rules of a plan that wants them keep nothing, so that everything would go. */
export function keepsNothing({ enabled, prune: _prune, ...policy }: PlanRules): boolean {
  return enabled === true && isEmptyPolicy(policyOf(policy));
}

/** However they are written. A pin tells nothing apart, as in `selectSnapshots`. */
function sameMarks(some: Marks, others: Marks): boolean {
  const paths = (of: Marks): string => asSet(of.paths.map((path) => resolve(path)));
  const tags = (of: Marks): string => asSet(of.tags.filter((tag) => tag !== pinTag));
  return paths(some) === paths(others) && tags(some) === tags(others);
}

function asSet(texts: readonly string[]): string {
  return JSON.stringify([...new Set(texts)].toSorted());
}
