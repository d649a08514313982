/**
 * A forget as a job: what the rules of a policy do not keep, or chosen snapshots; and a prune after it, where that is asked for.
 *
 * Invariants: groups that the guard froze lose nothing and are named one by one; the others are done, and the job is done in
 * part. Where every group is frozen the job fails. Nothing is pruned after it where it left a group alone, nor while a prune
 * itself would be frozen (look-before-prune.ts). What a killed or paused forget did not come to, the prune too, is done by its
 * next attempt.
 */
import type { StoredSnapshot } from '../core/repository/snapshots.ts';
import { planForget, refusePinned, type PlannedGroup } from '../core/retention/forget.ts';
import { describeGroup } from '../core/retention/groups.ts';
import type { Guard } from '../core/retention/guard/guard.ts';
import { odditySentence } from '../core/retention/guard/oddity-sentence.ts';
import { openGuard, withGuard, type Remember } from '../core/retention/guard/open-guard.ts';
import { loadAllSnapshots } from '../core/retention/load-snapshots.ts';
import { removeSnapshots } from '../core/retention/remove-snapshots.ts';
import { rulesOf, selectSnapshots } from '../core/retention/scope.ts';
import { seenGroups } from '../core/retention/seen-groups.ts';
import { failureOf } from '../core/storage/failure-of.ts';
import { withoutCredentials } from '../core/storage/store-url.ts';
import type { JobSummary } from '../shared/contract/schemas/job.ts';
import type { RetentionScope } from '../shared/contract/schemas/retention.ts';
import { Failure } from '../shared/errors.ts';
import type { JobPayload } from '../shared/job-payload.ts';
import type { WorkerTask } from '../shared/worker-protocol.ts';
import type { Completed, JobPorts } from './attempt.ts';
import { withExclusiveLock, type ExclusiveWork } from './exclusive-work.ts';
import { counted } from './progress-fields.ts';
import { frozenFailure, groupsThatFreezePrune, pruneUnder } from './prune-job.ts';
import { retentionProgress } from './retention-progress.ts';

type ForgetPayload = Extract<JobPayload, { readonly kind: 'forget' }>;

/** Of the lists in a summary. */
const linesKept = 100;

/** What goes, and what is said of it. */
interface Plan {
  readonly ids: readonly string[];
  readonly kept: number;
  readonly frozen: readonly PlannedGroup[];
  readonly summary: JobSummary;
}

/** `attempt`: 1 for the first. */
export async function runForget(payload: ForgetPayload, { memoryFolder: memory, attempt }: Pick<WorkerTask, 'memoryFolder' | 'attempt'>, ports: JobPorts): Promise<Completed> {
  if (payload.dry_run) return completed(payload, await plan(payload, memory, ports), { removed: 0, failed: 0, prune: {} });
  return await withExclusiveLock(ports, 'forget', async (work) => {
    const planned = await plan(payload, memory, { ...ports, signal: work.signal });
    const { removed, failed } = await remove(planned.ids, ports, work);
    // An earlier attempt may have removed what this one does not find any more.
    const mayFree = removed > 0 || attempt > 1;
    const prune = payload.prune !== null && mayFree && planned.frozen.length === 0 ? await pruneAfter(payload.prune, memory, ports, work) : {};
    return completed(payload, planned, { removed, failed, prune });
  });
}

async function plan({ what, dry_run: dryRun }: ForgetPayload, memory: string, ports: JobPorts): Promise<Plan> {
  const { repository, signal } = ports;
  const all = await loadAllSnapshots(repository, signal);
  if (what.by === 'ids') {
    const chosen = all.snapshots.filter(({ id }) => what.snapshots.includes(id));
    refusePinned(chosen);
    return { ids: chosen.map(({ id }) => id), kept: all.snapshots.length - chosen.length, frozen: [], summary: {} };
  }
  if (dryRun) return planByScope(what, all.snapshots, openGuard(memory, repository, all), ports);
  return await withGuard(memory, repository, all, async (guard, remember) => planByScope(what, all.snapshots, guard, ports, remember), signal);
}

/** `snapshots`: all of the repository. `remember`: undefined in a dry run, which tells what would go after confirmations, too. */
function planByScope(scope: RetentionScope, snapshots: readonly StoredSnapshot[], guard: Guard, { channel, clock }: JobPorts, remember?: Remember): Plan {
  const dryRun = remember === undefined;
  const rules = rulesOf(scope);
  const groups = planForget(selectSnapshots(snapshots, scope.selection), rules, guard, clock.now());
  const frozen = groups.filter((group) => group.frozen !== undefined);
  const free = groups.filter((group) => group.frozen === undefined);
  for (const group of frozen) channel.send({ type: 'item-error', item: describeGroup(group.group.key, rules.groupBy), during: 'forget', message: (group.frozen?.oddities ?? []).map(odditySentence).join('; ') });
  if (!dryRun && frozen.length > 0 && free.length === 0) throw frozenFailure(frozen.length, 'forgotten');
  if (free.length > 0) remember?.(seenGroups(snapshots, { free: free.map(({ group }) => group), frozen: frozen.map(({ group }) => group) }, guard, rules.policy).map((group) => ({ group })));
  const going = dryRun ? groups : free;
  const kept = going.flatMap(({ keep }) => keep);
  return {
    ids: going.flatMap(({ remove: gone }) => gone.map(({ id }) => id)),
    kept: kept.length + (dryRun ? 0 : frozen.reduce((sum, { group }) => sum + group.snapshots.length, 0)),
    frozen,
    summary: {
      groups: groups.length,
      kept_reasons: kept.slice(0, linesKept).map(({ item: { id, snapshot }, reasons }) => `${id.slice(0, 8)} ${snapshot.time}: ${reasons.join(', ')}`).join('\n'),
    },
  };
}

async function remove(ids: readonly string[], { repository, channel, progress }: JobPorts, { signal }: ExclusiveWork): Promise<{ readonly removed: number; readonly failed: number }> {
  const tell = retentionProgress(progress);
  tell({ phase: 'forget', done: 0, total: ids.length, bytes_done: 0, bytes_total: 0 });
  const { removed, failed } = await removeSnapshots(repository, ids, { signal, onProgress: ({ done, total }) => tell({ phase: 'forget', done, total, bytes_done: 0, bytes_total: 0 }) });
  for (const { id, error } of failed) channel.send({ type: 'item-error', item: id.slice(0, 8), during: 'forget', message: withoutCredentials((failureOf(error) ?? new Failure('INTERNAL', { what: String(error) })).message) });
  return { removed: removed.length, failed: failed.length };
}

/** What was forgotten stays forgotten where nothing may be pruned now. */
async function pruneAfter(options: NonNullable<ForgetPayload['prune']>, memory: string, ports: JobPorts, work: ExclusiveWork): Promise<JobSummary> {
  const frozen = await groupsThatFreezePrune(memory, ports.repository, work.signal);
  for (const { name, why } of frozen) ports.channel.send({ type: 'item-error', item: name, during: 'prune', message: why });
  if (frozen.length > 0) return { prune_frozen: true };
  return await pruneUnder(work, options, false, ports);
}

interface Outcome {
  readonly removed: number;
  readonly failed: number;
  readonly prune: JobSummary;
}

function completed({ dry_run: dryRun }: ForgetPayload, { ids, kept, frozen, summary }: Plan, { removed, failed, prune }: Outcome): Completed {
  const partial = !dryRun && (failed > 0 || frozen.length > 0 || prune['prune_frozen'] === true);
  const gone = dryRun ? ids.length : removed;
  const message = dryRun ? `${counted(gone, 'snapshot')} would be removed, ${kept} kept` : `${counted(gone, 'snapshot')} removed, ${kept} kept`;
  return {
    outcome: 'completed',
    partial,
    snapshotId: null,
    message: frozen.length > 0 && !dryRun ? `${message}; ${counted(frozen.length, 'group')} of odd snapshots left alone until you have looked` : message,
    summary: { ...summary, dry_run: dryRun, snapshots_removed: gone, snapshots_kept: kept + failed, groups_frozen: frozen.length, removed: ids.slice(0, linesKept).map((id) => id.slice(0, 8)).join('\n'), ...prune },
  };
}
