/** `diff SNAPSHOT SNAPSHOT`: what the second snapshot has that the first has not, and the other way round. */
import type { Command } from 'commander';
import { isFolderNow, markOf, type Change } from '../../core/history/diff/change.ts';
import { diff, type DifferenceStatistics, type EntrySums, type Place } from '../../core/history/diff/diff.ts';
import type { Rename } from '../../core/history/diff/renames.ts';
import type { Repository } from '../../core/repository/repository.ts';
import { findSnapshot } from '../../core/repository/snapshots.ts';
import { failureLine } from '../explain-error.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { PieceWriter } from '../output/piece-writer.ts';
import { folderPath, resticBytes } from '../output/restic-format.ts';
import { visiblePath } from '../output/visible-text.ts';
import { loadIndexForReading, withSession } from '../session.ts';
import { parseSelector } from '../snapshot-selector.ts';

interface DiffFlags {
  readonly metadata?: boolean;
  readonly renames?: boolean;
}

export const diffCommand: CommandModule = {
  examples: [
    { does: 'What changed between two snapshots', line: 'cyberbackup diff 4f2a91c0 latest' },
    { does: 'In one folder, with changes of times and rights', line: 'cyberbackup diff --metadata 4f2a91c0:/home/anna 88c1d0aa:/home/anna' },
    { does: 'Files that only moved, too', line: 'cyberbackup diff --renames 4f2a91c0 latest' },
  ],
  configure(command: Command, act: Act) {
    command
      .argument('<snapshot[:path]>', 'the earlier one: the begin of an id, or "latest"; then a folder in it')
      .argument('<snapshot[:path]>', 'the later one')
      .option('--metadata', 'changes of rights, owners and times, too')
      .option('--renames', 'name files that only moved, after all changes')
      .action(act(compare));
  },
};

async function compare(context: CliContext, command: Command): Promise<number> {
  const flags = command.opts<DiffFlags>();
  const { terminal, options } = context;
  const reader = new AbortController();
  terminal.whenOutputCloses(() => reader.abort());
  return await withSession(context, { lock: 'shared' }, async (session) => {
    const { repository } = session;
    const signal = AbortSignal.any([session.signal, reader.signal]);
    const [before, after] = await Promise.all([place(repository, command.args[0], signal), place(repository, command.args[1], signal), loadIndexForReading(context, repository, signal, { blobs: 'lengths' })]);
    if (!options.json && !options.quiet) terminal.lines([`comparing snapshot ${before.snapshot.id.slice(0, 8)} to ${after.snapshot.id.slice(0, 8)}:`, '']);
    let unreadable = 0;
    const renamed = { files: 0, bytes: 0 };
    const output = new PieceWriter(context);
    try {
      for await (const found of diff(repository, before, after, { renames: flags.renames === true, signal })) {
        if (found.kind === 'change') await printChange(context, output, found, flags.metadata === true);
        else if (found.kind === 'rename') {
          renamed.files += 1;
          renamed.bytes += found.size;
          await printRename(context, output, found);
        } else if (found.kind === 'unreadable') {
          unreadable += 1;
          terminal.message(failureLine(found.failure));
        } else {
          await output.flush();
          for (const blob of found.statistics.unknownBlobs) terminal.message(`cyberbackup: The size of ${blob} is not known: no index lists it.`);
          printStatistics(context, before, after, found.statistics, flags.renames === true ? renamed : undefined);
        }
      }
    } catch (error) {
      if (!reader.signal.aborted) throw error;
    } finally {
      await output.flush();
    }
    return unreadable > 0 ? 1 : 0;
  });
}

async function place(repository: Repository, argument: string | undefined, signal: AbortSignal): Promise<Place> {
  const { snapshot, path } = parseSelector(argument ?? '');
  return { snapshot: await findSnapshot(repository, snapshot, {}, signal), ...(path === undefined ? {} : { path }) };
}

async function printChange({ terminal, options }: CliContext, output: PieceWriter, change: Change, metadata: boolean): Promise<void> {
  const mark = markOf(change, metadata);
  if (mark === '') return;
  const path = folderPath(change.path, isFolderNow(change));
  if (options.json) await output.write(`${JSON.stringify({ message_type: 'change', path: path.toString('utf8'), modifier: mark })}\n`);
  else if (!options.quiet) await writeMarked(terminal, output, mark, path);
}

async function printRename({ terminal, options }: CliContext, output: PieceWriter, { from, to, size }: Rename): Promise<void> {
  if (options.json) await output.write(`${JSON.stringify({ message_type: 'rename', from: from.toString('utf8'), path: to.toString('utf8'), size })}\n`);
  else if (!options.quiet) await writeMarked(terminal, output, 'R', Buffer.concat([from, Buffer.from(' -> '), to]));
}

/** On a terminal names are made visible; into a pipe they go as the bytes they are. */
async function writeMarked(terminal: CliContext['terminal'], output: PieceWriter, mark: string, path: Buffer): Promise<void> {
  await output.write(mark.padEnd(5), terminal.interactive ? visiblePath(path) : path, '\n');
}

function printStatistics({ terminal, options }: CliContext, before: Place, after: Place, statistics: DifferenceStatistics, renamed: { files: number; bytes: number } | undefined): void {
  const { added, removed, changedFiles } = statistics;
  if (options.json) {
    terminal.json({
      message_type: 'statistics',
      source_snapshot: before.snapshot.id,
      target_snapshot: after.snapshot.id,
      changed_files: changedFiles,
      added: sumsJson(added),
      removed: sumsJson(removed),
      ...(renamed === undefined ? {} : { renamed }),
    });
    return;
  }
  const count = (value: number): string => String(value).padStart(5);
  terminal.lines([
    '',
    `Files:       ${count(added.files)} new, ${count(removed.files)} removed, ${count(changedFiles)} changed`,
    `Dirs:        ${count(added.dirs)} new, ${count(removed.dirs)} removed`,
    `Others:      ${count(added.others)} new, ${count(removed.others)} removed`,
    `Data Blobs:  ${count(added.data_blobs)} new, ${count(removed.data_blobs)} removed`,
    `Tree Blobs:  ${count(added.tree_blobs)} new, ${count(removed.tree_blobs)} removed`,
    `  Added:   ${resticBytes(added.bytes).padEnd(5)}`,
    `  Removed: ${resticBytes(removed.bytes).padEnd(5)}`,
    ...(renamed === undefined ? [] : [`  Renamed: ${renamed.files} files, ${resticBytes(renamed.bytes)}`]),
  ]);
}

function sumsJson({ files, dirs, others, data_blobs, tree_blobs, bytes }: EntrySums): EntrySums {
  return { files, dirs, others, data_blobs, tree_blobs, bytes };
}
