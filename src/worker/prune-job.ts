/** A prune as a job: what the pruner tells, in the terms of the protocol. A prune that was killed is ended by the next. */
import { outcomeOf, type PruneOptions, type PruneReport } from '../core/pruner/options.ts';
import { prune } from '../core/pruner/prune.ts';
import type { Repository } from '../core/repository/repository.ts';
import { defaultGroupBy, describeGroup } from '../core/retention/groups.ts';
import { odditySentence } from '../core/retention/guard/oddity-sentence.ts';
import { lookBeforePrune } from '../core/retention/look-before-prune.ts';
import type { JobSummary } from '../shared/contract/schemas/job.ts';
import type { PruneOptionFields } from '../shared/contract/schemas/retention.ts';
import { Failure } from '../shared/errors.ts';
import type { JobPayload } from '../shared/job-payload.ts';
import type { Completed, JobPorts } from './attempt.ts';
import { withExclusiveLock, type ExclusiveWork } from './exclusive-work.ts';
import { counted } from './progress-fields.ts';
import { retentionProgress } from './retention-progress.ts';

type PrunePayload = Extract<JobPayload, { readonly kind: 'prune' }>;

/** `memory`: the folder that holds what was seen of snapshots. Failure RETENTION_FROZEN, after each odd group was told. */
export async function runPrune({ options, dry_run: dryRun }: PrunePayload, memory: string, ports: JobPorts): Promise<Completed> {
  return await withExclusiveLock(ports, 'prune', async (work) => {
    const frozen = dryRun ? [] : await groupsThatFreezePrune(memory, ports.repository, work.signal);
    for (const { name, why } of frozen) ports.channel.send({ type: 'item-error', item: name, during: 'prune', message: why });
    if (frozen.length > 0) throw frozenFailure(frozen.length, 'pruned');
    const summary = await pruneUnder(work, options, dryRun, ports);
    const packs = Number(dryRun ? summary['packs_to_remove'] : summary['packs_removed']);
    return { outcome: 'completed', partial: false, snapshotId: null, summary, message: dryRun ? `${counted(packs, 'pack')} would be removed or written anew` : `${counted(packs, 'pack')} removed` };
  });
}

/** As they are named to a person. */
export async function groupsThatFreezePrune(memory: string, repository: Repository, signal: AbortSignal): Promise<{ readonly name: string; readonly why: string }[]> {
  const { groups } = await lookBeforePrune(memory, repository, signal);
  return groups.map(({ frozen: { key, oddities } }) => ({ name: describeGroup(key, defaultGroupBy), why: oddities.map(odditySentence).join('; ') }));
}

export async function pruneUnder({ signal }: ExclusiveWork, options: PruneOptionFields, dryRun: boolean, { repository, progress }: JobPorts): Promise<JobSummary> {
  return summaryOf(await prune(repository, { ...optionsOf(options), dryRun }, { locked: Promise.resolve(), signal, onProgress: retentionProgress(progress) }));
}

/** `what`: what did not happen to these groups. */
export function frozenFailure(groups: number, what: 'forgotten' | 'pruned'): Failure {
  return new Failure('RETENTION_FROZEN', {
    what: `${groups === 1 ? 'A group of snapshots has' : `${groups} groups of snapshots have`} odd snapshots: somebody may have forged them or spoilt your files`,
    safe: what === 'forgotten' ? 'No snapshot was removed, and nothing was pruned' : 'Nothing was pruned',
    next: 'Look at the snapshots that the alert names; remove what is not yours, or confirm that all is yours, then start this again',
  });
}

function optionsOf(fields: PruneOptionFields): PruneOptions {
  const { max_unused: maxUnused, max_repack_size: maxRepackSize, repack_smaller_than: repackSmallerThan } = fields;
  return {
    ...(maxUnused === undefined ? {} : { maxUnused }),
    ...(maxRepackSize === undefined ? {} : { maxRepackSize }),
    ...(repackSmallerThan === undefined ? {} : { repackSmallerThan }),
    repackCacheableOnly: fields.repack_cacheable_only === true,
    repackUncompressed: fields.repack_uncompressed === true,
  };
}

function summaryOf({ figures, dryRun, packsWritten, packsRemoved, packsLeft, indexesWritten, indexesRemoved }: PruneReport): JobSummary {
  const { pruned, remaining, unusedAfter } = outcomeOf(figures);
  return {
    dry_run: dryRun,
    pruned: !dryRun,
    bytes_freed: pruned.bytes,
    blobs_removed: pruned.blobs,
    bytes_repacked: figures.repack.bytes,
    bytes_remaining: remaining.bytes,
    bytes_unused_after: unusedAfter,
    packs_to_remove: figures.packs.remove + figures.packs.repack + figures.unreferenced.packs,
    packs_written: packsWritten,
    packs_removed: packsRemoved,
    packs_left: packsLeft.length,
    indexes_written: indexesWritten,
    indexes_removed: indexesRemoved,
  };
}
