/** `stats [SNAPSHOT]`: what the snapshots hold, and how little room it takes. */
import type { Command } from 'commander';
import { statistics, type Statistics } from '../../core/checker/stats.ts';
import { findSnapshot, listSnapshots, matchesFilter } from '../../core/repository/snapshots.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { formatBytes, formatCount } from '../output/format.ts';
import { padStart, stringWidth } from '../output/text-width.ts';
import { withSession } from '../session.ts';
import { addFilterOptions, parseSelector, snapshotFilter, type FilterFlags } from '../snapshot-selector.ts';

export const statsCommand: CommandModule = {
  examples: [
    { does: 'The whole repository', line: 'cyberbackup stats' },
    { does: 'One snapshot', line: 'cyberbackup stats latest' },
    { does: 'The snapshots of one host', line: 'cyberbackup stats --host laptop' },
  ],
  configure(command: Command, act: Act) {
    addFilterOptions(command.argument('[snapshot]', 'the begin of an id, or "latest" (default: all)')).action(act(stats));
  },
};

async function stats(context: CliContext, command: Command): Promise<undefined> {
  const filter = snapshotFilter(command.opts<FilterFlags>());
  const [argument] = command.args;
  return await withSession(context, { lock: 'shared' }, async ({ repository, signal }) => {
    const loading = repository.loadIndex(signal);
    // Seen below; a snapshot that is not found must not leave it unhandled.
    loading.catch(() => undefined);
    const chosen =
      argument === undefined
        ? (await listSnapshots(repository, signal)).filter(({ snapshot }) => matchesFilter(snapshot, filter))
        : [await findSnapshot(repository, parseSelector(argument).snapshot, filter, signal)];
    await loading;
    const found = await statistics(repository, chosen, signal);
    if (context.options.json) context.terminal.json(found);
    else print(context, found);
    return undefined;
  });
}

function print({ terminal }: CliContext, found: Statistics): void {
  const { style } = terminal;
  const rows: [string, string, string][] = [
    ['Snapshots', formatCount(found.snapshots_count), ''],
    ['Files', formatCount(found.total_file_count), `in ${formatCount(found.total_directory_count)} folders, each snapshot on its own`],
    ['Restore size', formatBytes(found.total_size), 'what restoring all of them would write'],
    ['Without repeats', formatBytes(found.total_uncompressed_size), `each piece once: ${formatCount(found.data_blob_count)} of files, ${formatCount(found.tree_blob_count)} of folders`],
    ['Stored', formatBytes(found.total_raw_size), storedNote(found)],
    ['Packs', formatCount(found.repository_pack_count), `${formatCount(found.repository_blob_count)} pieces in the whole repository`],
  ];
  const nameWidth = Math.max(...rows.map(([name]) => stringWidth(name)));
  const valueWidth = Math.max(...rows.map(([, value]) => stringWidth(value)));
  terminal.lines(rows.map(([name, value, note]) => `${name.padEnd(nameWidth)}  ${style.bold(padStart(value, valueWidth))}  ${style.dim(note)}`.trimEnd()));
}

function storedNote(found: Statistics): string {
  if (found.total_raw_size === 0 || found.total_size === 0) return '';
  const ratio = found.total_size / found.total_raw_size;
  const percent = Math.round(100 - found.compression_space_saving);
  const notes = [
    percent < 100 ? `compressed to ${percent} %` : '',
    ratio >= 1.05 ? `${ratio.toFixed(ratio < 10 ? 1 : 0)} times less than the restore size` : '',
  ];
  return notes.filter((note) => note !== '').join(', ');
}
