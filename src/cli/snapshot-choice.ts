/** Which snapshots a command looks at that takes several: all, those named, or those of a host, a path, a tag. */
import type { Command } from 'commander';
import type { DamagedObject } from '../core/repository/load-options.ts';
import type { Repository } from '../core/repository/repository.ts';
import { findSnapshot, listSnapshots, matchesFilter, type StoredSnapshot } from '../core/repository/snapshots.ts';
import { Failure } from '../shared/errors.ts';
import type { CliContext } from './context.ts';
import { failureLine } from './explain-error.ts';
import { addFilterOptions, collect, snapshotFilter, type FilterFlags } from './snapshot-selector.ts';

export interface SnapshotChoiceFlags extends FilterFlags {
  readonly snapshot?: string[];
}

export function addSnapshotChoice(command: Command): Command {
  return addFilterOptions(command.option('-s, --snapshot <id>', 'only this snapshot: the begin of an id, or "latest" (several: all of them)', collect));
}

/** By time ascending. A snapshot that is named but not there, and one that is damaged, is named on standard error. */
export async function chosenSnapshots(context: CliContext, repository: Repository, flags: SnapshotChoiceFlags, signal: AbortSignal): Promise<{ readonly snapshots: readonly StoredSnapshot[]; readonly damaged: number }> {
  const filter = snapshotFilter(flags);
  const damaged: DamagedObject[] = [];
  const all = await listSnapshots(repository, signal, { tolerateDamage: true, damaged });
  const matching = all.filter(({ snapshot }) => matchesFilter(snapshot, filter));
  if (flags.snapshot === undefined) {
    for (const { failure } of damaged) context.terminal.message(failureLine(failure));
    return { snapshots: matching, damaged: damaged.length };
  }
  const named = new Set<string>();
  for (const selector of flags.snapshot) {
    try {
      const stored = selector === 'latest' ? matching.at(-1) : await findSnapshot(repository, selector.toLowerCase(), {}, signal);
      if (stored === undefined) throw new Failure('SNAPSHOT_NOT_FOUND', { what: 'No snapshot matches the host, paths and tags asked for' });
      named.add(stored.id);
    } catch (error) {
      if (!(error instanceof Failure) || (error.code !== 'SNAPSHOT_NOT_FOUND' && error.code !== 'DAMAGED')) throw error;
      context.terminal.message(`Ignoring "${selector}": ${error.text.what}.`);
    }
  }
  return { snapshots: all.filter(({ id }) => named.has(id)), damaged: 0 };
}
