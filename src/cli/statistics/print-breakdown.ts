/** What `stats` prints of its own: tables for people, a line of JSON for each row. */
import { folderTree } from '../../core/history/folder-tree.ts';
import { growthByFolder, sizesByFolder, type EntrySize } from '../../core/history/statistics/by-folder.ts';
import { sizesBySnapshot } from '../../core/history/statistics/by-snapshot.ts';
import { sizesByType } from '../../core/history/statistics/by-type.ts';
import { overview, type Overview } from '../../core/history/statistics/overview.ts';
import { Failure } from '../../shared/errors.ts';
import type { StatsSubject } from '../commands/stats.ts';
import type { CliContext } from '../context.ts';
import { formatBytes, formatCount, formatTime, shortId } from '../output/format.ts';
import { renderTable, type Column } from '../output/table.ts';
import { padStart, stringWidth } from '../output/text-width.ts';
import { visiblePath } from '../output/visible-text.ts';

export type Breakdown = 'snapshot' | 'folder' | 'type';

const right = 'right' as const;

export async function printBreakdown(context: CliContext, subject: StatsSubject, by: Breakdown, aloneFirst: boolean): Promise<void> {
  if (by === 'snapshot') await printSnapshots(context, subject, aloneFirst);
  else if (by === 'folder') await printFolders(context, subject);
  else await printTypes(context, subject);
}

function print({ terminal, options }: CliContext, columns: readonly Column[], rows: readonly (readonly string[])[], lines: readonly unknown[]): void {
  if (options.json) for (const line of lines) terminal.json(line);
  else terminal.lines(renderTable(terminal, columns, rows));
}

async function printSnapshots(context: CliContext, { repository, all, chosen, options }: StatsSubject, aloneFirst: boolean): Promise<void> {
  const sizes = await sizesBySnapshot(repository, all, chosen, options);
  if (aloneFirst) sizes.sort((a, b) => b.aloneStored - a.aloneStored);
  print(
    context,
    [{ title: 'ID', style: context.terminal.style.cyan }, { title: 'Time' }, { title: 'Files', align: right }, { title: 'Size', align: right }, { title: 'Alone', align: right }],
    sizes.map(({ id, time, files, size, aloneStored }) => [shortId(id), formatTime(time), formatCount(files), formatBytes(size), formatBytes(aloneStored)]),
    sizes.map(({ id, time, files, size, aloneBlobs, aloneStored }) => ({ message_type: 'snapshot_size', id, time, total_file_count: files, total_size: size, alone_blob_count: aloneBlobs, alone_raw_size: aloneStored })),
  );
}

async function printFolders(context: CliContext, { repository, chosen, path, options }: StatsSubject): Promise<void> {
  const snapshot = chosen.at(-1);
  if (snapshot === undefined) throw new Failure('SNAPSHOT_NOT_FOUND', { what: 'No snapshot matches', next: 'List them with "snapshots"' });
  const sizes = await sizesByFolder(repository, snapshot, path, options);
  print(
    context,
    [{ title: 'Size', align: right }, { title: 'Stored', align: right }, { title: 'Files', align: right }, { title: 'Name', flexible: true }],
    sizes.map((entry) => [formatBytes(entry.size), formatBytes(entry.stored), formatCount(entry.files), nameText(entry)]),
    sizes.map((entry) => ({ message_type: 'folder_size', ...entryJson(entry), raw_size: entry.stored })),
  );
}

async function printTypes(context: CliContext, { repository, chosen, options }: StatsSubject): Promise<void> {
  const sizes = await sizesByType(repository, chosen, options);
  print(
    context,
    [{ title: 'Type' }, { title: 'Size', align: right }, { title: 'Stored', align: right }, { title: 'Files', align: right }, { title: 'Mostly' }],
    sizes.map(({ kind, files, size, stored, extensions }) => [kind, formatBytes(size), formatBytes(stored), formatCount(files), extensions.map(({ extension }) => (extension === '' ? '(none)' : visiblePath(Buffer.from(extension)))).join(', ')]),
    sizes.map(({ kind, files, size, stored, extensions }) => ({ message_type: 'type_size', type: kind, total_file_count: files, total_size: size, raw_size: stored, extensions })),
  );
}

export async function printGrowth(context: CliContext, { repository, chosen, path, options }: StatsSubject): Promise<void> {
  const { terminal } = context;
  const rows: string[][] = [];
  for await (const { id, time, files, size, addedStored, entries } of growthByFolder(repository, chosen, (snapshot) => folderTree(repository, snapshot, path, options.signal), options)) {
    if (context.options.json) terminal.json({ message_type: 'growth', id, time, total_file_count: files, total_size: size, added_raw_size: addedStored, entries: entries.map(entryJson) });
    else rows.push([shortId(id), formatTime(time), formatCount(files), formatBytes(size), formatBytes(addedStored), entries.slice(0, 3).map((entry) => `${nameText(entry)} ${formatBytes(entry.size)}`).join(', ')]);
  }
  if (context.options.json) return;
  const columns = [{ title: 'ID', style: terminal.style.cyan }, { title: 'Time' }, { title: 'Files', align: right }, { title: 'Size', align: right }, { title: 'Added', align: right }, { title: 'Largest', flexible: true }];
  terminal.lines(renderTable(terminal, columns, rows));
}

function nameText({ name, isFolder }: EntrySize): string {
  return `${visiblePath(name)}${isFolder ? '/' : ''}`;
}

function entryJson({ name, isFolder, files, size }: EntrySize): Record<string, unknown> {
  return { name: name.toString('utf8'), is_folder: isFolder, total_file_count: files, total_size: size };
}

export async function printOverview(context: CliContext, { repository, chosen, options }: StatsSubject): Promise<void> {
  const found = await overview(repository, chosen, options);
  if (context.options.json) context.terminal.json(found);
  else printOverviewTable(context, found);
}

function printOverviewTable({ terminal }: CliContext, found: Overview): void {
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

function storedNote(found: Overview): string {
  if (found.total_raw_size === 0 || found.total_size === 0) return '';
  const ratio = found.total_size / found.total_raw_size;
  const percent = Math.round(100 - found.compression_space_saving);
  const notes = [
    percent < 100 ? `compressed to ${percent} %` : '',
    ratio >= 1.05 ? `${ratio.toFixed(ratio < 10 ? 1 : 0)} times less than the restore size` : '',
  ];
  return notes.filter((note) => note !== '').join(', ');
}
