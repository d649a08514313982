/** `prune`: removes what no snapshot needs any more. */
import { InvalidArgumentError, type Command } from 'commander';
import { outcomeOf, type Amount, type PruneFigures, type PruneOptions, type PrunePhase, type PruneReport, type UnusedLimit } from '../../core/pruner/options.ts';
import { prune } from '../../core/pruner/prune.ts';
import type { PhaseProgress } from '../../core/pruner/progress.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { refuseWhileFrozen } from '../forget/frozen-prune.ts';
import { JsonStatus } from '../json-status.ts';
import { formatBytes, formatCount, formatCounted, formatDuration } from '../output/format.ts';
import { visibleText } from '../output/visible-text.ts';
import { parseSize } from '../parse-size.ts';
import { ProgressDisplay } from '../progress/progress-display.ts';
import type { ProgressView } from '../progress/progress-view.ts';
import { withSession, type Session } from '../session.ts';
import { collect } from '../snapshot-selector.ts';

export interface RepackFlags {
  readonly maxUnused?: UnusedLimit;
  readonly maxRepackSize?: number;
  readonly repackSmallerThan?: number;
  readonly repackSmall?: boolean;
  readonly repackCacheableOnly?: boolean;
  readonly repackUncompressed?: boolean;
}

interface PruneFlags extends RepackFlags {
  readonly dryRun?: boolean;
  readonly unsafeAllowRemoveAll?: boolean;
  readonly confirm?: string[];
}

const MiB = 1024 * 1024;
const packSize = 16 * MiB;

export const pruneCommand: CommandModule = {
  examples: [
    { does: 'Remove what no snapshot needs; up to 5 % may stay', line: 'cyberbackup prune' },
    { does: 'What that would do', line: 'cyberbackup prune --dry-run' },
    { does: 'Remove whole packs only, which is quick', line: 'cyberbackup prune --max-unused unlimited' },
    { does: 'A little each night', line: 'cyberbackup prune --max-repack-size 2G' },
  ],
  configure(command: Command, act: Act) {
    addRepackOptions(command)
      .option('-n, --dry-run', 'only say what would be done')
      .option('--unsafe-allow-remove-all', 'go on where there is no snapshot, which removes everything')
      .option('--confirm <code>', 'the odd snapshots that this code was shown for are all right (may be repeated)', collect)
      .action(act(run));
  },
};

/** What `forget --prune` takes, too. */
export function addRepackOptions(command: Command): Command {
  return command
    .option('--max-unused <limit>', 'how much that is not needed may stay: a size, a percentage or "unlimited" (without it 5%)', parseUnusedLimit)
    .option('--max-repack-size <size>', 'write no more than this anew', parseSize)
    .option('--repack-smaller-than <size>', 'write packs below this size anew, together', parsePackSize)
    .option('--repack-small', 'the same for packs below four fifths of the usual size')
    .option('--repack-cacheable-only', 'write only packs of folders anew')
    .option('--repack-uncompressed', 'compress what is stored without compression');
}

function parseUnusedLimit(text: string): UnusedLimit {
  if (text === 'unlimited') return 'unlimited';
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim());
  if (match === null) return { bytes: parseSize(text) };
  const percent = Number(match[1]);
  if (percent >= 100) throw new InvalidArgumentError('A percentage must be below 100 %.');
  return { percent };
}

function parsePackSize(text: string): number {
  const size = parseSize(text);
  if (size > packSize) throw new InvalidArgumentError('No pack is made larger than 16 MiB.');
  return size;
}

export function repackOptions(flags: RepackFlags): PruneOptions {
  const { maxUnused, maxRepackSize, repackCacheableOnly, repackUncompressed } = flags;
  const repackSmallerThan = flags.repackSmallerThan ?? (flags.repackSmall === true ? (packSize / 5) * 4 : undefined);
  return {
    ...(maxUnused === undefined ? {} : { maxUnused }),
    ...(maxRepackSize === undefined ? {} : { maxRepackSize }),
    ...(repackSmallerThan === undefined ? {} : { repackSmallerThan }),
    repackCacheableOnly: repackCacheableOnly === true,
    repackUncompressed: repackUncompressed === true,
  };
}

async function run(context: CliContext, command: Command): Promise<undefined> {
  const flags = command.opts<PruneFlags>();
  const dryRun = flags.dryRun === true;
  return await withSession(context, { lock: 'exclusive' }, async (session) => {
    await pruneUnfrozen(context, session, { ...repackOptions(flags), dryRun, allowRemoveAll: flags.unsafeAllowRemoveAll === true }, flags.confirm ?? []);
    return undefined;
  });
}

/** Prunes unless snapshots are odd that nobody has confirmed. Needs an exclusive lock. */
export async function pruneUnfrozen(context: CliContext, session: Session, options: PruneOptions, confirm: readonly string[]): Promise<void> {
  const { repository, signal, locked } = session;
  const { terminal, clock } = context;
  if (options.dryRun !== true) await refuseWhileFrozen(context, session, confirm);
  const started = clock.monotonic();
  const display = new ProgressDisplay(terminal, clock, { quiet: context.options.quiet || context.options.json });
  const status = new JsonStatus(context);
  let report: PruneReport;
  try {
    report = await prune(repository, options, {
      locked,
      signal,
      onProgress: (progress) => {
        display.update(view(progress));
        status.send({ ...progress });
      },
    });
  } finally {
    await display.end();
  }
  if (context.options.json) terminal.json(summaryOf(report));
  else if (!context.options.quiet) print(context, report, (clock.monotonic() - started) / 1000);
}

const activities: Readonly<Record<PrunePhase, { readonly activity: string; readonly item: string }>> = {
  index: { activity: 'Reading the index', item: 'file' },
  trees: { activity: 'Finding what is needed', item: 'folder' },
  packs: { activity: 'Looking for packs', item: 'pack' },
  repack: { activity: 'Writing packs anew', item: 'pack' },
  'rewrite-index': { activity: 'Writing the index', item: 'file' },
  remove: { activity: 'Removing packs', item: 'pack' },
};

function view(progress: PhaseProgress<PrunePhase>): ProgressView {
  // Of folders it is not known how many come.
  const counting = progress.total === 0 || progress.phase === 'trees';
  return { ...activities[progress.phase], counting, bytesDone: progress.bytes_done, bytesTotal: progress.bytes_total, itemsDone: progress.done, itemsTotal: progress.total, errors: 0 };
}

function print({ terminal, options }: CliContext, report: PruneReport, seconds: number): void {
  const { figures, dryRun } = report;
  const { pruned, remaining, unusedAfter } = outcomeOf(figures);
  const amount = ({ blobs, bytes }: Amount): string => `${formatCount(blobs).padStart(10)} blobs / ${formatBytes(bytes)}`;
  const line = (title: string, text: string): void => terminal.line(`${title.padEnd(14)}${text}`);
  const { unreferenced, packs } = figures;
  if (dryRun) terminal.line('Would have made the following changes:');
  if (options.verbose) printHoldings(line, amount, figures);
  line('to repack:', amount(figures.repack));
  line('this removes:', amount(figures.repackRemoves));
  line('to delete:', amount({ blobs: figures.remove.blobs, bytes: figures.remove.bytes + unreferenced.bytes }));
  line('total prune:', amount(pruned));
  if (figures.uncompressed > 0) terminal.line(`not yet compressed: ${formatBytes(figures.uncompressed)}`);
  line('remaining:', amount(remaining));
  terminal.line(`unused size after prune: ${formatBytes(unusedAfter)} (${percentOf(unusedAfter, remaining.bytes)} of remaining size)`);
  if (options.verbose) {
    line('packs:', `${formatCounted(packs.used, 'pack')} totally used, ${formatCount(packs.partlyUsed)} partly used, ${formatCount(packs.unused)} unused, ${formatCount(unreferenced.packs)} unreferenced`);
    line('', `${formatCount(packs.keep)} to keep, ${formatCount(packs.repack)} to repack, ${formatCount(packs.remove + unreferenced.packs)} to delete`);
  }
  if (dryRun) return;
  if (report.packsLeft.length > 0) terminal.message(`${formatCounted(report.packsLeft.length, 'pack')} could not be removed (${visibleText(report.leftBecause ?? '')}). Nothing refers to them; the next prune tries again.`);
  const done = `removed ${formatCounted(report.packsRemoved, 'pack')}, wrote ${formatCounted(report.packsWritten, 'pack')} and ${formatCounted(report.indexesWritten, 'index file')}, in ${formatDuration(seconds)}`;
  terminal.line(`${terminal.style.green('Done')}: ${done}`);
}

function printHoldings(line: (title: string, text: string) => void, amount: (amount: Amount) => string, figures: PruneFigures): void {
  const { used, duplicates, unused, unreferenced } = figures;
  const bytes = used.bytes + duplicates.bytes + unused.bytes + unreferenced.bytes;
  line('used:', amount(used));
  if (duplicates.blobs > 0) line('duplicates:', amount(duplicates));
  line('unused:', amount(unused));
  if (unreferenced.bytes > 0) line('unreferenced:', formatBytes(unreferenced.bytes));
  line('total:', amount({ blobs: used.blobs + duplicates.blobs + unused.blobs, bytes }));
  line('unused size:', `${percentOf(duplicates.bytes + unused.bytes, bytes)} of total size`);
}

function percentOf(part: number, whole: number): string {
  return `${(whole === 0 ? 0 : (100 * part) / whole).toFixed(2)} %`;
}

function summaryOf({ figures, ...report }: PruneReport): Record<string, unknown> {
  const { pruned, remaining, unusedAfter } = outcomeOf(figures);
  return {
    message_type: 'summary',
    dry_run: report.dryRun,
    used: figures.used,
    duplicates: figures.duplicates,
    unused: figures.unused,
    unreferenced: figures.unreferenced,
    repack: figures.repack,
    repack_removes: figures.repackRemoves,
    remove: figures.remove,
    total_prune: pruned,
    remaining,
    unused_after: unusedAfter,
    uncompressed: figures.uncompressed,
    packs: { used: figures.packs.used, partly_used: figures.packs.partlyUsed, unused: figures.packs.unused, keep: figures.packs.keep, repack: figures.packs.repack, remove: figures.packs.remove },
    packs_written: report.packsWritten,
    packs_removed: report.packsRemoved,
    packs_left: report.packsLeft,
    indexes_written: report.indexesWritten,
    indexes_removed: report.indexesRemoved,
  };
}
