/** `snapshots`: what is saved, oldest first. */
import { InvalidArgumentError, type Command } from 'commander';
import type { DamagedObject } from '../../core/repository/load-options.ts';
import { snapshotJson } from '../../core/repository/snapshot-json.ts';
import { listSnapshots, matchesFilter, type StoredSnapshot } from '../../core/repository/snapshots.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { failureLine } from '../explain-error.ts';
import { formatBytes, formatCount, formatCounted, formatTime, shortId } from '../output/format.ts';
import { renderTable } from '../output/table.ts';
import { visibleText } from '../output/visible-text.ts';
import { withSession } from '../session.ts';
import { addFilterOptions, snapshotFilter, type FilterFlags } from '../snapshot-selector.ts';

interface SnapshotsFlags extends FilterFlags {
  readonly latest?: number;
}

export const snapshotsCommand: CommandModule = {
  examples: [
    { does: 'Everything that is saved', line: 'cyberbackup snapshots' },
    { does: 'The three newest of each host and set of paths', line: 'cyberbackup snapshots --latest 3' },
    { does: 'Those of one host that hold one folder', line: 'cyberbackup snapshots --host laptop --path /home/anna' },
    { does: 'For a program', line: 'cyberbackup snapshots --json' },
  ],
  configure(command: Command, act: Act) {
    addFilterOptions(command).option('--latest <n>', 'only the newest n of each host and set of paths', parseLatest).action(act(snapshots));
  },
};

function parseLatest(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('A number from 1 on is expected.');
  return Number(text);
}

async function snapshots(context: CliContext, command: Command): Promise<number> {
  const flags = command.opts<SnapshotsFlags>();
  return await withSession(context, { lock: 'none' }, async ({ repository, signal }) => {
    const damaged: DamagedObject[] = [];
    const all = await listSnapshots(repository, signal, { tolerateDamage: true, damaged });
    const filter = snapshotFilter(flags);
    const matching = all.filter(({ snapshot }) => matchesFilter(snapshot, filter));
    const shown = flags.latest === undefined ? matching : newestOfEach(matching, flags.latest);
    if (context.options.json) context.terminal.json(shown.map(snapshotJson));
    else print(context, shown, all.length);
    for (const { failure } of damaged) context.terminal.message(failureLine(failure));
    return damaged.length > 0 ? 1 : 0;
  });
}

/** The newest of each host and set of paths, in the given order (by time). */
export function newestOfEach(list: readonly StoredSnapshot[], count: number): StoredSnapshot[] {
  const kept = new Map<string, number>();
  return list
    .toReversed()
    .filter(({ snapshot }) => {
      const group = JSON.stringify([snapshot.hostname, snapshot.paths.toSorted()]);
      const seen = (kept.get(group) ?? 0) + 1;
      kept.set(group, seen);
      return seen <= count;
    })
    .toReversed();
}

function print({ terminal, options }: CliContext, shown: readonly StoredSnapshot[], total: number): void {
  const { style } = terminal;
  if (shown.length === 0) {
    if (!options.quiet) terminal.line(total === 0 ? 'No snapshot yet: "cyberbackup backup FOLDER" makes the first one.' : `None of the ${total} snapshots matches.`);
    return;
  }
  const columns = [
    { title: 'ID', style: style.cyan },
    { title: 'Time' },
    { title: 'Host' },
    { title: 'Tags', style: style.yellow },
    { title: 'Files', align: 'right' as const },
    { title: 'Size', align: 'right' as const },
    { title: 'Paths', flexible: true },
  ];
  const rows = shown.flatMap(({ id, snapshot }) => {
    const [first = '', ...others] = snapshot.paths;
    const size = snapshot.summary?.total_bytes_processed;
    const files = snapshot.summary?.total_files_processed;
    return [
      [
        shortId(id),
        formatTime(snapshot.time),
        visibleText(snapshot.hostname ?? ''),
        visibleText((snapshot.tags ?? []).join(', ')),
        files === undefined ? '' : formatCount(files),
        size === undefined ? '' : formatBytes(size),
        visibleText(first),
      ],
      ...others.map((path) => ['', '', '', '', '', '', visibleText(path)]),
    ];
  });
  terminal.lines(renderTable(terminal, columns, rows));
  if (!options.quiet) terminal.line(style.dim(formatCounted(shown.length, 'snapshot')));
}
