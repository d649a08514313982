/** `restore SNAPSHOT[:SUBPATH] --target DIR`: files come back, verified, below one folder and nowhere else. */
import { Option, type Command } from 'commander';
import { findSnapshot, type StoredSnapshot } from '../../core/repository/snapshots.ts';
import { overwritePolicies, type OverwritePolicy, type RestoreProgress, type RestoreSummary } from '../../core/restorer/options.ts';
import { incompleteFailure, type RestoreProblem } from '../../core/restorer/problems.ts';
import { restore } from '../../core/restorer/restore.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { JsonStatus } from '../json-status.ts';
import { formatBytes, formatCounted, formatDuration, formatTime, shortId } from '../output/format.ts';
import { visiblePath, visibleText } from '../output/visible-text.ts';
import { ProgressDisplay } from '../progress/progress-display.ts';
import type { ProgressView } from '../progress/progress-view.ts';
import { argumentBytes } from '../raw-arguments.ts';
import { withSession } from '../session.ts';
import { addFilterOptions, collect, parseSelector, snapshotFilter, type FilterFlags } from '../snapshot-selector.ts';

interface RestoreFlags extends FilterFlags {
  readonly target: string;
  readonly include?: string[];
  readonly exclude?: string[];
  readonly overwrite: OverwritePolicy;
  readonly verify?: boolean;
  readonly dryRun?: boolean;
  readonly delete?: boolean;
}

export const restoreCommand: CommandModule = {
  examples: [
    { does: 'Everything of the newest snapshot', line: 'cyberbackup restore latest --target ~/restored' },
    { does: 'One folder, directly into the target', line: 'cyberbackup restore latest:/home/anna/Documents --target ~/Documents' },
    { does: 'Only some files', line: "cyberbackup restore 4f2a91c0 --target /tmp/out --include '*.odt'" },
    { does: 'See what would happen', line: 'cyberbackup restore latest --target ~/restored --dry-run' },
  ],
  configure(command: Command, act: Act) {
    addFilterOptions(command.argument('<snapshot[:subpath]>', 'the begin of an id, or "latest"; then a folder or file in it'))
      .requiredOption('-t, --target <dir>', 'where to; made if it does not exist')
      .option('-i, --include <pattern>', 'only what matches (several: any of them)', collect)
      .option('-e, --exclude <pattern>', 'leave out what matches', collect)
      .addOption(new Option('--overwrite <when>', 'what happens to files that are there').choices(overwritePolicies).default('always'))
      .option('--verify', 'read every restored file again and compare it')
      .option('-n, --dry-run', 'only say what would be done')
      .option('--delete', 'remove from restored folders what the snapshot does not have there')
      .action(act(run));
  },
};

async function run(context: CliContext, command: Command): Promise<undefined> {
  const flags = command.opts<RestoreFlags>();
  const selector = parseSelector(command.args[0] ?? '');
  return await withSession(context, { lock: 'shared' }, async ({ repository, signal }) => {
    const stored = await findSnapshot(repository, selector.snapshot, snapshotFilter(flags), signal);
    announce(context, stored);
    const display = new ProgressDisplay(context.terminal, context.clock, { quiet: context.options.quiet || context.options.json });
    const status = new JsonStatus(context);
    let summary: RestoreSummary;
    try {
      summary = await restore(
        repository,
        {
          snapshot: stored,
          ...(selector.path === undefined ? {} : { subpath: selector.path }),
          target: argumentBytes(flags.target),
          includes: flags.include ?? [],
          excludes: flags.exclude ?? [],
          overwrite: flags.overwrite,
          verify: flags.verify === true,
          dryRun: flags.dryRun === true,
          delete: flags.delete === true,
        },
        {
          clock: context.clock,
          logger: context.logger,
          signal,
          onProgress: (progress) => {
            display.update(view(progress));
            status.send(statusOf(progress));
          },
          onError: (problem) => reportProblem(context, problem),
        },
      );
    } finally {
      await display.end();
    }
    report(context, flags, summary);
    if (summary.errors > 0) throw incompleteFailure({ count: summary.errors, kept: summary.problems });
    return undefined;
  });
}

function announce({ terminal, options }: CliContext, { id, snapshot }: StoredSnapshot): void {
  if (options.json || options.quiet) return;
  const from = snapshot.hostname === undefined ? '' : ` of ${visibleText(snapshot.hostname)}`;
  terminal.line(`Restoring snapshot ${terminal.style.cyan(shortId(id))}${from}, ${formatTime(snapshot.time)}`);
}

function view(progress: RestoreProgress): ProgressView {
  const activities = { scan: 'Reading folders', compare: 'Comparing', write: 'Restoring', finish: 'Finishing', verify: 'Verifying' } as const;
  return {
    activity: activities[progress.phase],
    counting: progress.phase === 'scan',
    bytesDone: progress.bytes_restored + progress.bytes_skipped,
    bytesTotal: progress.total_bytes,
    itemsDone: progress.files_restored + progress.files_skipped,
    itemsTotal: progress.total_files,
    item: 'file',
    errors: progress.error_count,
  };
}

function statusOf(progress: RestoreProgress): Record<string, unknown> {
  const { phase, bytes_per_second, stages: _, ...fields } = progress;
  return { ...fields, phase, bytes_per_second: Math.round(bytes_per_second) };
}

function reportProblem({ terminal, options }: CliContext, { item, during, message }: RestoreProblem): void {
  if (options.json) terminal.json({ message_type: 'error', error: { message }, during, item: item.toString('utf8') });
  else terminal.message(`${terminal.errorStyle.yellow('not restored')} ${visiblePath(item)}: ${visibleText(message)}`);
}

function report({ terminal, options }: CliContext, flags: RestoreFlags, summary: RestoreSummary): void {
  if (options.json) {
    const { problems: _named, errors, ...fields } = summary;
    terminal.json({ message_type: 'summary', seconds_elapsed: summary.total_duration, ...fields, error_count: errors, dry_run: flags.dryRun === true });
    return;
  }
  if (options.quiet) return;
  const { style } = terminal;
  const done = flags.dryRun === true ? 'Would restore' : style.green('Restored');
  const extras = [
    // As in the line of a backup, files are regular ones; what else came back is worth a word where there were none.
    summary.files_restored === 0 && summary.others_restored > 0 ? formatCounted(summary.others_restored, 'link or special file', 'links and special files') : '',
    summary.files_skipped > 0 ? `${formatCounted(summary.files_skipped, 'file')} already there` : '',
    summary.files_deleted > 0 ? `${formatCounted(summary.files_deleted, 'item')} ${flags.dryRun === true ? 'to be removed' : 'removed'}` : '',
    flags.verify === true && flags.dryRun !== true && summary.errors === 0 ? 'every byte verified' : '',
  ].filter((text) => text !== '');
  terminal.line(
    `${done} ${formatCounted(summary.files_restored, 'file')}, ${formatBytes(summary.bytes_restored)}, to ${visibleText(flags.target)} in ${formatDuration(summary.total_duration)}`,
  );
  if (extras.length > 0) terminal.line(style.dim(`  ${extras.join(', ')}`));
}
