/** `backup PATH…`: saves files and folders, or standard input, as a new snapshot. */
import { Option, type Command } from 'commander';
import { backup } from '../../core/archiver/backup.ts';
import type { BackupError, BackupOptions, BackupProgress, BackupSummary } from '../../core/archiver/options.ts';
import { Failure } from '../../shared/errors.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { thisHost, thisUser } from '../identity.ts';
import { JsonStatus } from '../json-status.ts';
import { formatBytes, formatCount, formatCounted, formatDuration, shortId } from '../output/format.ts';
import { visiblePath, visibleText } from '../output/visible-text.ts';
import { parseSize } from '../parse-size.ts';
import { ProgressDisplay } from '../progress/progress-display.ts';
import type { ProgressView } from '../progress/progress-view.ts';
import { argumentBytes } from '../raw-arguments.ts';
import { withSession, type Session } from '../session.ts';
import { collect } from '../snapshot-selector.ts';

interface BackupFlags {
  readonly exclude?: string[];
  readonly iexclude?: string[];
  readonly excludeFile?: string[];
  readonly iexcludeFile?: string[];
  readonly excludeCaches?: boolean;
  readonly excludeIfPresent?: string[];
  readonly excludeLargerThan?: number;
  readonly oneFileSystem?: boolean;
  readonly tag?: string[];
  readonly host?: string;
  readonly parent?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly stdin?: boolean;
  readonly stdinFilename: string;
  readonly compression?: 'auto' | 'off' | 'max';
}

export const backupCommand: CommandModule = {
  examples: [
    { does: 'A folder, into the repository on this machine (made on first use)', line: 'cyberbackup backup ~/Documents' },
    { does: 'To a backup server, without caches and big files', line: 'cyberbackup -r rest:https://backup.example:1256/ backup ~ --exclude-caches --exclude-larger-than 2G' },
    { does: 'Without what a list of patterns names', line: "cyberbackup backup /srv --exclude '*.tmp' --exclude-file ~/.backup-excludes" },
    { does: 'The output of a program', line: 'pg_dump shop | cyberbackup backup --stdin --stdin-filename shop.sql' },
    { does: 'See what would be saved', line: 'cyberbackup backup ~/Documents --dry-run' },
  ],
  configure(command: Command, act: Act) {
    command
      .argument('[path...]', 'files and folders to save')
      .option('-e, --exclude <pattern>', 'leave out what matches, e.g. "*.tmp" or "/srv/**/cache"', collect)
      .option('--iexclude <pattern>', 'the same without regard to case', collect)
      .option('--exclude-file <file>', 'read patterns from a file, one a line', collect)
      .option('--iexclude-file <file>', 'the same without regard to case', collect)
      .option('--exclude-caches', 'leave out folders marked as caches by CACHEDIR.TAG')
      .option('--exclude-if-present <file[:header]>', 'leave out folders that hold such a file', collect)
      .option('--exclude-larger-than <size>', 'leave out larger files, e.g. 500M', parseSize)
      .option('-x, --one-file-system', 'do not enter other file systems')
      .option('--tag <tag>', 'a tag for the snapshot; several with commas', collect)
      .option('-H, --host <host>', 'host name for the snapshot')
      .option('--parent <snapshot>', 'compare with this snapshot (default: the newest of these paths)')
      .option('-f, --force', 'read every file again, changed or not')
      .option('-n, --dry-run', 'only say what would be saved')
      .option('--stdin', 'save what comes from standard input')
      .option('--stdin-filename <name>', 'its name in the snapshot', 'stdin')
      .addOption(new Option('--compression <how>', 'how hard to compress').choices(['auto', 'off', 'max']).default('auto'))
      .action(act(run));
  },
};

async function run(context: CliContext, command: Command): Promise<number> {
  const flags = command.opts<BackupFlags>();
  const targets = command.args.map((argument) => argumentBytes(argument));
  checkTargets(flags, targets.length);
  return await withSession(context, { lock: 'none', createDefault: flags.dryRun !== true }, async (session) => {
    announceCreated(context, session);
    const summary = await runBackup(context, session, optionsOf(context, flags, targets));
    report(context, flags, session, summary);
    return summary.errors > 0 ? new Failure('SOURCE_INCOMPLETE', { what: '' }).exitCode : 0;
  });
}

function checkTargets(flags: BackupFlags, count: number): void {
  if (flags.stdin === true && count > 0) throw new Failure('USAGE', { what: 'With --stdin no paths are saved', next: 'Leave out either --stdin or the paths' });
  if (flags.stdin !== true && count === 0) throw new Failure('USAGE', { what: 'There is nothing to back up', next: 'Name at least one file or folder, as in "cyberbackup backup ~/Documents"' });
}

function optionsOf(context: CliContext, flags: BackupFlags, targets: Buffer[]): BackupOptions {
  const bytes = (patterns: readonly string[] | undefined): Buffer[] => (patterns ?? []).map((pattern) => argumentBytes(pattern));
  return {
    targets,
    excludes: {
      patterns: bytes(flags.exclude),
      insensitivePatterns: bytes(flags.iexclude),
      patternFiles: flags.excludeFile ?? [],
      insensitivePatternFiles: flags.iexcludeFile ?? [],
      caches: flags.excludeCaches === true,
      ifPresent: flags.excludeIfPresent ?? [],
      ...(flags.excludeLargerThan === undefined ? {} : { largerThan: flags.excludeLargerThan }),
    },
    hostname: flags.host ?? thisHost(),
    username: thisUser(),
    tags: (flags.tag ?? []).flatMap((tag) => tag.split(',')).filter((tag) => tag !== ''),
    parent: flags.parent ?? 'auto',
    force: flags.force === true,
    dryRun: flags.dryRun === true,
    oneFileSystem: flags.oneFileSystem === true,
    ...(flags.stdin === true ? { stdin: { filename: flags.stdinFilename, descriptor: 0 } } : {}),
    compression: flags.compression ?? 'auto',
    programVersion: `cyberbackup ${context.programVersion}`,
    environment: context.env,
  };
}

async function runBackup(context: CliContext, session: Session, options: BackupOptions): Promise<BackupSummary> {
  const { terminal, clock, logger } = context;
  const display = new ProgressDisplay(terminal, clock, { quiet: context.options.quiet || context.options.json });
  const status = new JsonStatus(context);
  try {
    return await backup(session.repository, options, {
      clock,
      logger,
      signal: session.signal,
      // Without anyone to tell, nothing need be counted ahead.
      ...(context.options.quiet
        ? {}
        : {
            onProgress: (progress) => {
              display.update(backupView(progress));
              status.send(statusOf(progress));
            },
          }),
      onError: (error) => reportError(context, error),
    });
  } finally {
    await display.end();
  }
}

export function backupView(progress: BackupProgress): ProgressView {
  const current = progress.current_files[0];
  return {
    activity: progress.totals_known ? 'Backing up' : 'Counting',
    counting: !progress.totals_known,
    bytesDone: progress.bytes_done,
    bytesTotal: progress.total_bytes,
    itemsDone: progress.files_done,
    itemsTotal: progress.total_files,
    item: 'file',
    current: current === undefined ? undefined : visiblePath(current),
    bottleneck: progress.bottleneck,
    errors: progress.error_count,
  };
}

/** The fields of interfaces, section 1. */
function statusOf(progress: BackupProgress): Record<string, unknown> {
  return {
    percent_done: progress.percent_done,
    total_files: progress.total_files,
    files_done: progress.files_done,
    total_bytes: progress.total_bytes,
    bytes_done: progress.bytes_done,
    current_files: progress.current_files.map((path) => path.toString('utf8')),
    error_count: progress.error_count,
    seconds_elapsed: Math.floor(progress.seconds_elapsed),
    ...(progress.seconds_remaining === undefined ? {} : { seconds_remaining: Math.round(progress.seconds_remaining) }),
    bottleneck: progress.bottleneck,
  };
}

function reportError({ terminal, options }: CliContext, { item, during, message }: BackupError): void {
  if (options.json) terminal.json({ message_type: 'error', error: { message }, during, item: item.toString('utf8') });
  else terminal.message(`${terminal.errorStyle.yellow('not saved')} ${visiblePath(item)}: ${visibleText(message)}`);
}

/** The one thing about the new repository that a person must not miss, so it is said even with --quiet and --json. */
function announceCreated({ terminal }: CliContext, { created, choice }: Session): void {
  if (!created || choice.embedded === undefined) return;
  terminal.message(`Created a repository on this computer: ${choice.embedded.path}`);
  terminal.message('Its password was generated. Keep a copy of the recovery sheet outside this computer:');
  terminal.message(`  ${terminal.errorStyle.bold(choice.embedded.sheet)}`);
}

function report({ terminal, options }: CliContext, flags: BackupFlags, session: Session, summary: BackupSummary): void {
  const { errors, ...fields } = summary;
  if (options.json) {
    terminal.json({ message_type: 'summary', ...(flags.dryRun === true ? { dry_run: true } : {}), ...fields });
  } else if (!options.quiet) {
    terminal.lines(summaryLines(terminal.style, flags.dryRun === true, summary));
  }
  if (errors > 0 && !options.json) {
    const kept = summary.snapshot_id === undefined ? 'Everything else could be read' : `Everything else is in snapshot ${shortId(summary.snapshot_id)}`;
    terminal.message(`cyberbackup: ${formatCounted(errors, 'item')} could not be read in full, named above. ${kept}. Run the same command again to add what is missing.`);
  }
  if (flags.dryRun === true && !options.json && !options.quiet && session.choice.embedded !== undefined) terminal.line('Nothing was stored.');
}

function summaryLines(style: CliContext['terminal']['style'], dryRun: boolean, summary: BackupSummary): string[] {
  const amount = `${formatCounted(summary.total_files_processed, 'file')}, ${formatBytes(summary.total_bytes_processed)} in ${formatDuration(summary.total_duration)}`;
  const head = summary.snapshot_id === undefined ? `${dryRun ? 'Would save' : 'Saved'} ${amount}` : `${style.green('Saved')} ${amount} · snapshot ${style.cyan(shortId(summary.snapshot_id))}`;
  const counts: [number, string][] = [[summary.files_new, 'new'], [summary.files_changed, 'changed'], [summary.files_unmodified, 'unchanged']];
  const unchanged = summary.files_new === 0 && summary.files_changed === 0;
  const files = unchanged ? 'nothing changed' : counts.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`).join(', ');
  const added = summary.data_added === 0 ? '' : ` · added ${formatBytes(summary.data_added)}, stored as ${formatBytes(summary.data_added_packed)}`;
  return [head, style.dim(`  ${files}${added}`)];
}
