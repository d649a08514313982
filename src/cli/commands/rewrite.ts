/** `rewrite [SNAPSHOT…]`: takes paths out of snapshots that exist, or corrects their host and time. */
import type { Command } from 'commander';
import { chooseSnapshots } from '../../core/rewriter/chosen-snapshots.ts';
import type { Replacement } from '../../core/rewriter/replace-snapshots.ts';
import { rewriteSnapshots, type RewriterProgress } from '../../core/rewriter/rewrite.ts';
import { formatTime as timeText, instantFromMilliseconds } from '../../core/repository/times.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { failureLine } from '../explain-error.ts';
import { JsonStatus } from '../json-status.ts';
import { replacementJson, replacementLines, reportReplacements } from '../output/replacements.ts';
import { parseLocalTime } from '../parse-local-time.ts';
import { ProgressDisplay } from '../progress/progress-display.ts';
import type { ProgressView } from '../progress/progress-view.ts';
import { argumentBytes } from '../raw-arguments.ts';
import { withSession } from '../session.ts';
import { addFilterOptions, collect, snapshotFilter, type FilterFlags } from '../snapshot-selector.ts';

interface RewriteFlags extends FilterFlags {
  readonly exclude?: string[];
  readonly iexclude?: string[];
  readonly excludeFile?: string[];
  readonly iexcludeFile?: string[];
  readonly include?: string[];
  readonly iinclude?: string[];
  readonly includeFile?: string[];
  readonly iincludeFile?: string[];
  readonly forget?: boolean;
  readonly newHost?: string;
  readonly newTime?: number;
  readonly snapshotSummary?: boolean;
  readonly dryRun?: boolean;
}

export const rewriteCommand: CommandModule = {
  examples: [
    { does: 'See which snapshots hold a file that should not be there', line: "cyberbackup rewrite --exclude '/home/anna/secrets.txt' --dry-run" },
    { does: 'Take it out of all of them; then free the room', line: "cyberbackup rewrite --exclude '/home/anna/secrets.txt' --forget && cyberbackup prune" },
    { does: 'Keep only one folder of one snapshot', line: 'cyberbackup rewrite 4f2a91c0 --include /home/anna/Documents' },
    { does: 'A computer that got another name', line: 'cyberbackup rewrite --host laptop --new-host notebook --forget' },
  ],
  configure(command: Command, act: Act) {
    addFilterOptions(command.argument('[snapshots...]', 'begins of ids (default: all that the filter leaves)'))
      .option('-e, --exclude <pattern>', 'take out what matches (several: any of them)', collect)
      .option('--iexclude <pattern>', 'the same without regard to case', collect)
      .option('--exclude-file <file>', 'patterns from a file', collect)
      .option('--iexclude-file <file>', 'the same without regard to case', collect)
      .option('-i, --include <pattern>', 'keep only what matches (several: any of them)', collect)
      .option('--iinclude <pattern>', 'the same without regard to case', collect)
      .option('--include-file <file>', 'patterns from a file', collect)
      .option('--iinclude-file <file>', 'the same without regard to case', collect)
      .option('--forget', 'remove the old snapshots once the new ones are stored')
      .option('--new-host <host>', 'another host name')
      .option('--new-time <time>', 'another time: "2026-11-30 08:00:00"', parseLocalTime)
      .option('-s, --snapshot-summary', 'count the files of snapshots that do not say how many they have')
      .option('-n, --dry-run', 'only say what would be done')
      .action(act(rewrite));
  },
};

async function rewrite(context: CliContext, command: Command): Promise<undefined> {
  const flags = command.opts<RewriteFlags>();
  const { dryRun = false, forget = false } = flags;
  return await withSession(context, { lock: forget ? 'exclusive' : 'shared' }, async ({ repository, signal, lock }) => {
    const { terminal, options } = context;
    const [{ snapshots, ignored }] = await Promise.all([chooseSnapshots(repository, { ids: command.args, filter: snapshotFilter(flags) }, signal), repository.loadIndex(signal)]);
    for (const failure of ignored) terminal.message(failureLine(failure));
    const display = new ProgressDisplay(terminal, context.clock, { quiet: options.quiet || options.json });
    const status = new JsonStatus(context);
    let replacements: Replacement[];
    try {
      replacements = await rewriteSnapshots(repository, snapshots, rewriteOptions(flags), {
        lock,
        signal,
        environment: context.env,
        onProgress: (progress) => {
          display.update(rewriterView('Rewriting', progress));
          status.send({ snapshots_done: progress.snapshotsDone, snapshots_total: progress.snapshotsTotal, trees_read: progress.treesRead });
        },
      });
    } finally {
      await display.end();
    }
    for (const replacement of replacements) {
      if (options.json) terminal.json(replacementJson(replacement));
      else if (!options.quiet) terminal.lines(replacementLines(replacement, dryRun));
    }
    reportReplacements(context, replacements, { dryRun, done: 'rewritten' });
    return undefined;
  });
}

function rewriteOptions(flags: RewriteFlags): Parameters<typeof rewriteSnapshots>[2] {
  const patterns = (list: readonly string[] = []): Buffer[] => list.map((pattern) => argumentBytes(pattern));
  return {
    excludes: { patterns: patterns(flags.exclude), insensitivePatterns: patterns(flags.iexclude), patternFiles: flags.excludeFile ?? [], insensitivePatternFiles: flags.iexcludeFile ?? [] },
    includes: { patterns: patterns(flags.include), insensitivePatterns: patterns(flags.iinclude), patternFiles: flags.includeFile ?? [], insensitivePatternFiles: flags.iincludeFile ?? [] },
    forget: flags.forget === true,
    dryRun: flags.dryRun === true,
    snapshotSummary: flags.snapshotSummary === true,
    ...(flags.newHost === undefined ? {} : { newHost: flags.newHost }),
    ...(flags.newTime === undefined ? {} : { newTime: timeText(instantFromMilliseconds(flags.newTime)) }),
  };
}

/** Snapshots done of those to do; folders are counted while they are read. */
export function rewriterView(activity: string, { snapshotsDone, snapshotsTotal }: RewriterProgress): ProgressView {
  return { activity, counting: false, bytesDone: 0, bytesTotal: 0, itemsDone: snapshotsDone, itemsTotal: snapshotsTotal, item: 'snapshot', errors: 0 };
}
