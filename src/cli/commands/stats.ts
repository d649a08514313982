/** `stats [SNAPSHOT…]`: what the snapshots hold, as restic counts it; and where the space goes. */
import { Option, type Command } from 'commander';
import { count, countingModes, type CountOptions, type CountingMode } from '../../core/history/statistics/counting-modes.ts';
import { listSnapshots, matchesFilter, findSnapshot, type StoredSnapshot } from '../../core/repository/snapshots.ts';
import type { DamagedObject } from '../../core/repository/load-options.ts';
import type { Repository } from '../../core/repository/repository.ts';
import type { Failure } from '../../shared/errors.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { failureLine } from '../explain-error.ts';
import { loadIndexForReading, withSession } from '../session.ts';
import { addFilterOptions, parseSelector, snapshotFilter, type FilterFlags } from '../snapshot-selector.ts';
import { printCount } from '../statistics/print-count.ts';
import { printBreakdown, printGrowth, printOverview, type Breakdown } from '../statistics/print-breakdown.ts';

interface StatsFlags extends FilterFlags {
  readonly mode: CountingMode;
  readonly by?: Breakdown;
  readonly alone?: boolean;
  readonly growth?: boolean;
  readonly overview?: boolean;
}

/** What a report is about. */
export interface StatsSubject {
  readonly repository: Repository;
  readonly all: readonly StoredSnapshot[];
  readonly chosen: readonly StoredSnapshot[];
  /** A folder in them; the root without it. */
  readonly path: Buffer | undefined;
  readonly options: CountOptions;
}

export const statsCommand: CommandModule = {
  examples: [
    { does: 'What restoring everything would write', line: 'cyberbackup stats' },
    { does: 'What one snapshot takes in the repository', line: 'cyberbackup stats --mode raw-data latest' },
    { does: 'Everything at a glance, with ratios', line: 'cyberbackup stats --overview' },
    { does: 'Which snapshots are worth forgetting', line: 'cyberbackup stats --by snapshot' },
    { does: 'Where the space went, folder by folder', line: 'cyberbackup stats --by folder latest:/home/anna' },
    { does: 'How a folder grew', line: 'cyberbackup stats --growth latest:/home/anna --host laptop' },
  ],
  configure(command: Command, act: Act) {
    addFilterOptions(command.argument('[snapshot[:path]...]', 'begins of ids, or "latest" (default: all); a folder for --by folder and --growth'))
      .addOption(new Option('--mode <mode>', 'how to count').choices(countingModes).default('restore-size'))
      .option('--overview', 'sizes, numbers and ratios at a glance')
      .addOption(new Option('--by <what>', 'sizes one by one').choices(['snapshot', 'folder', 'type']))
      .option('--alone', 'what each snapshot holds alone: the same as --by snapshot, most first')
      .option('--growth', 'how the entries of a folder grew from snapshot to snapshot')
      .action(act(stats));
  },
};

async function stats(context: CliContext, command: Command): Promise<number> {
  const flags = command.opts<StatsFlags>();
  const { terminal } = context;
  return await withSession(context, { lock: 'shared' }, async ({ repository, signal }) => {
    let unreadable = 0;
    const onUnreadable = (failure: Failure): void => {
      unreadable += 1;
      terminal.message(failureLine(failure));
    };
    const loading = loadIndexForReading(context, repository, signal);
    // Seen below; a snapshot that is not found must not leave it unhandled.
    loading.catch(() => undefined);
    const subject = { repository, ...(await choose(repository, flags, command.args, onUnreadable, signal)), options: { onUnreadable, signal } };
    await loading;
    await report(context, subject, flags);
    return unreadable > 0 ? 1 : 0;
  });
}

async function report(context: CliContext, subject: StatsSubject, flags: StatsFlags): Promise<void> {
  if (flags.overview === true) return await printOverview(context, subject);
  if (flags.growth === true) return await printGrowth(context, subject);
  const breakdown = flags.by ?? (flags.alone === true ? 'snapshot' : undefined);
  if (breakdown !== undefined) return await printBreakdown(context, subject, breakdown, flags.alone === true);
  printCount(context, flags.mode, await count(subject.repository, subject.chosen, flags.mode, subject.options));
}

/** A damaged snapshot is named, and the others are counted. What is asked for by id and not there is, as in restic, passed over with a word. */
async function choose(repository: Repository, flags: StatsFlags, args: readonly string[], onUnreadable: (failure: Failure) => void, signal: AbortSignal): Promise<Pick<StatsSubject, 'all' | 'chosen' | 'path'>> {
  const filter = snapshotFilter(flags);
  const damaged: DamagedObject[] = [];
  const all = await listSnapshots(repository, signal, { tolerateDamage: true, damaged });
  for (const { failure } of damaged) onUnreadable(failure);
  const selectors = args.map(parseSelector);
  const path = selectors.find((selector) => selector.path !== undefined)?.path;
  const matching = all.filter(({ snapshot }) => matchesFilter(snapshot, filter));
  // Growth needs more than one: the snapshot there only says where the folder is.
  if (selectors.length === 0 || flags.growth === true) return { all, chosen: matching, path };
  const chosen: StoredSnapshot[] = [];
  for (const selector of selectors) {
    const found = await findSnapshot(repository, selector.snapshot, filter, signal);
    if (!chosen.some(({ id }) => id === found.id)) chosen.push(found);
  }
  return { all, chosen, path };
}
