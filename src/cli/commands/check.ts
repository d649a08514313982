/** `check`: proves that everything is there and fits together; with `--read-data` that every stored byte is intact. */
import { InvalidArgumentError, type Command } from 'commander';
import { check, checkFailure, type CheckProgress } from '../../core/checker/check.ts';
import type { CheckFinding, CheckReport } from '../../core/checker/findings.ts';
import { Failure } from '../../shared/errors.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { JsonStatus } from '../json-status.ts';
import { formatBytes, formatCounted, formatDuration } from '../output/format.ts';
import { visibleText } from '../output/visible-text.ts';
import { ProgressDisplay } from '../progress/progress-display.ts';
import type { ProgressView } from '../progress/progress-view.ts';
import { withSession } from '../session.ts';

interface CheckFlags {
  readonly readData?: boolean;
  readonly readDataSubset?: number;
}

export const checkCommand: CommandModule = {
  examples: [
    { does: 'The structure: quick, reads no file content', line: 'cyberbackup check' },
    { does: 'Every stored byte', line: 'cyberbackup check --read-data' },
    { does: 'A tenth of it, another one each time', line: 'cyberbackup check --read-data-subset 10%' },
  ],
  configure(command: Command, act: Act) {
    command
      .option('--read-data', 'read and verify every stored byte')
      .option('--read-data-subset <n%>', 'read and verify a random part', parsePercent)
      .action(act(run));
  },
};

function parsePercent(text: string): number {
  const match = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text);
  const percent = Number(match?.[1]);
  if (match === null || percent <= 0 || percent > 100) throw new InvalidArgumentError('A percentage such as 10% is expected.');
  return percent;
}

async function run(context: CliContext, command: Command): Promise<undefined> {
  const flags = command.opts<CheckFlags>();
  if (flags.readData === true && flags.readDataSubset !== undefined) {
    throw new Failure('USAGE', { what: '--read-data and --read-data-subset exclude each other', next: 'Leave one of them out' });
  }
  return await withSession(context, { lock: 'shared', cache: false }, async ({ repository, signal }) => {
    const { terminal, clock, logger, options } = context;
    const started = clock.monotonic();
    const display = new ProgressDisplay(terminal, clock, { quiet: options.quiet || options.json });
    const status = new JsonStatus(context);
    let report: CheckReport;
    try {
      report = await check(
        repository,
        { readData: flags.readData === true, ...(flags.readDataSubset === undefined ? {} : { readDataSubset: flags.readDataSubset }) },
        {
          clock,
          logger,
          signal,
          onProgress: (progress) => {
            display.update(view(progress));
            status.send({ ...progress });
          },
        },
      );
    } finally {
      await display.end();
    }
    if (options.json) printJson(context, report);
    else print(context, report, (clock.monotonic() - started) / 1000);
    const failure = checkFailure(report);
    if (failure !== undefined) throw options.quiet || options.json ? failure : shortFailure(report, failure);
    return undefined;
  });
}

function view(progress: CheckProgress): ProgressView {
  const activities = { index: 'Reading the index', packs: 'Looking for packs', data: 'Verifying', trees: 'Reading folders' } as const;
  const reading = progress.phase === 'data';
  return {
    activity: activities[progress.phase],
    counting: !reading,
    bytesDone: progress.bytes_done,
    bytesTotal: progress.bytes_total,
    itemsDone: reading ? progress.packs_done : progress.trees_done,
    itemsTotal: reading ? progress.packs_total : progress.trees_done,
    item: reading ? 'pack' : 'folder',
    errors: progress.error_count,
  };
}

/** Groups in the order of a restore: what is damaged first concerns everything after it. */
const groups = [
  { object: 'index', title: 'Index files' },
  { object: 'pack', title: 'Packs' },
  { object: 'snapshot', title: 'Snapshots' },
  { object: 'tree', title: 'Folders' },
  { object: 'file', title: 'Files' },
] as const;

function print({ terminal, options }: CliContext, report: CheckReport, seconds: number): void {
  if (options.quiet) return;
  const { style } = terminal;
  printGroups(terminal, report.errors, style.red);
  printGroups(terminal, report.hints, style.yellow, report.errorCount === 0 ? ', harmless' : '');
  const read = report.packsRead > 0 ? `; ${formatCounted(report.packsRead, 'pack')} read in full, ${formatBytes(report.bytesRead)}` : '';
  const facts = `${formatCounted(report.snapshots, 'snapshot')}, ${formatCounted(report.packs, 'pack')}, ${formatCounted(report.blobs, 'blob')}${read}, in ${formatDuration(seconds)}`;
  if (report.errorCount === 0) terminal.line(`${style.green('No errors')}: ${facts}`);
  else terminal.line(style.dim(`Checked ${facts}`));
  if (report.errorCount === 0 && report.packsRead === 0) terminal.line(style.dim('  "check --read-data" verifies the stored bytes, too'));
}

function printGroups(terminal: CliContext['terminal'], findings: readonly CheckFinding[], paint: (text: string) => string, note = ''): void {
  const { style } = terminal;
  for (const { object, title } of groups) {
    const found = findings.filter((finding) => finding.object === object);
    if (found.length === 0) continue;
    terminal.line(`${paint(`${title} (${found.length})`)}${note}`);
    found.forEach((finding, at) => {
      terminal.line(`  ${visibleText(finding.what)}`);
      const more = finding.affected > finding.affects.length ? ` and ${finding.affected - finding.affects.length} more` : '';
      if (finding.affects.length > 0) terminal.line(style.dim(`    concerns ${finding.affects.map(visibleText).join(', ')}${more}`));
      // What to do is said once for all neighbours that need the same.
      if (found[at + 1]?.next !== finding.next) terminal.line(`  → ${visibleText(finding.next)}`);
    });
  }
}

function shortFailure(report: CheckReport, { text }: Failure): Failure {
  return new Failure('CHECK_FAILED', {
    what: `The repository has ${formatCounted(report.errorCount, 'error')}, listed above`,
    ...(text.safe === undefined ? {} : { safe: text.safe }),
    next: 'Do what the arrows say, from the top',
  });
}

/** The summary has the fields of restic's, and ours. */
function printJson({ terminal }: CliContext, report: CheckReport): void {
  for (const [severity, findings] of [['error', report.errors], ['hint', report.hints]] as const) {
    for (const finding of findings) {
      terminal.json({ message_type: severity, error: { message: finding.what }, during: 'check', item: finding.name, object: finding.object, next: finding.next, affects: finding.affects });
    }
  }
  const broken = report.errors.filter(({ object }) => object === 'pack').map(({ name }) => name);
  terminal.json({
    message_type: 'summary',
    num_errors: report.errorCount,
    broken_packs: broken.length === 0 ? null : broken,
    suggest_repair_index: report.errors.some(({ object }) => object === 'index'),
    suggest_prune: false,
    hints: report.hints.length,
    snapshots: report.snapshots,
    packs: report.packs,
    blobs: report.blobs,
    packs_read: report.packsRead,
    bytes_read: report.bytesRead,
  });
}
