/** `repair snapshots [SNAPSHOT…]`: cuts out of snapshots what is lost, so that the rest can be restored and checks clean. */
import type { Command } from 'commander';
import { chooseSnapshots } from '../../core/rewriter/chosen-snapshots.ts';
import { repairSnapshots, type Loss, type RepairedSnapshot } from '../../core/rewriter/repair-snapshots.ts';
import type { Act } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { failureLine } from '../explain-error.ts';
import { JsonStatus } from '../json-status.ts';
import { formatBytes } from '../output/format.ts';
import { replacementJson, replacementLines, reportReplacements } from '../output/replacements.ts';
import { visiblePath, visibleText } from '../output/visible-text.ts';
import { ProgressDisplay } from '../progress/progress-display.ts';
import { withSession } from '../session.ts';
import { addFilterOptions, snapshotFilter, type FilterFlags } from '../snapshot-selector.ts';
import type { RepairWord } from './repair.ts';
import { rewriterView } from './rewrite.ts';

interface RepairSnapshotsFlags extends FilterFlags {
  readonly forget?: boolean;
  readonly dryRun?: boolean;
}

export const repairSnapshotsWord: RepairWord = {
  name: 'snapshots',
  summary: 'Cut out of snapshots what is lost',
  example: { does: 'Put what is left in place of damaged snapshots', line: 'cyberbackup repair snapshots --forget' },
  configure(command: Command, act: Act) {
    addFilterOptions(command.argument('[snapshots...]', 'begins of ids (default: all that the filter leaves)'))
      .option('--forget', 'remove the damaged snapshots once the repaired ones are stored')
      .option('-n, --dry-run', 'only say what would be done')
      .action(act(run));
  },
};

async function run(context: CliContext, command: Command): Promise<undefined> {
  const flags = command.opts<RepairSnapshotsFlags>();
  const { dryRun = false, forget = false } = flags;
  // A snapshot of which nothing is left goes without --forget, too.
  return await withSession(context, { lock: dryRun && !forget ? 'shared' : 'exclusive' }, async ({ repository, signal, lock }) => {
    const { terminal, options } = context;
    const [{ snapshots, ignored }] = await Promise.all([chooseSnapshots(repository, { ids: command.args, filter: snapshotFilter(flags) }, signal), repository.loadIndex(signal)]);
    for (const failure of ignored) terminal.message(failureLine(failure));
    const display = new ProgressDisplay(terminal, context.clock, { quiet: options.quiet || options.json });
    const status = new JsonStatus(context);
    let repaired: RepairedSnapshot[];
    try {
      repaired = await repairSnapshots(repository, snapshots, { forget, dryRun }, {
        lock,
        signal,
        onProgress: (progress) => {
          display.update(rewriterView('Repairing', progress));
          status.send({ snapshots_done: progress.snapshotsDone, snapshots_total: progress.snapshotsTotal, trees_read: progress.treesRead });
        },
      });
    } finally {
      await display.end();
    }
    for (const result of repaired) report(context, result, dryRun);
    reportReplacements(context, repaired.map(({ replacement }) => replacement), { dryRun, done: 'repaired' });
    return undefined;
  });
}

function report({ terminal, options }: CliContext, { replacement, losses }: RepairedSnapshot, dryRun: boolean): void {
  if (options.json) {
    for (const { path, kind, reason, bytesLeft } of losses) terminal.json({ message_type: 'loss', snapshot_id: replacement.old.id, item: path.toString('utf8'), kind, reason, ...(bytesLeft === undefined ? {} : { bytes_left: bytesLeft }) });
    terminal.json(replacementJson(replacement));
    return;
  }
  if (options.quiet) return;
  const [first, ...others] = replacementLines(replacement, dryRun);
  if (first === undefined) return;
  terminal.lines([first, ...losses.map(lossLine), ...others]);
}

function lossLine({ path, kind, reason, bytesLeft = 0 }: Loss): string {
  const place = visiblePath(path);
  const what: Readonly<Record<Loss['kind'], string>> = {
    folder: `${place}: the folder is empty now`,
    content: `${place}: ${formatBytes(bytesLeft)} of the file are left`,
    size: `${place}: the file has ${formatBytes(bytesLeft)}`,
    entry: `${place}: left out`,
    snapshot: 'its first folder is lost',
  };
  return `  ${what[kind]} (${visibleText(reason)})`;
}
