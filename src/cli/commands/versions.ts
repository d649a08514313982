/** `versions PATH`: every version of a file or folder, over all snapshots. */
import type { Command } from 'commander';
import { versionsOfPath, type PathVersion, type PathVersions } from '../../core/catalogue/path-versions.ts';
import { Failure } from '../../shared/errors.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { failureLine } from '../explain-error.ts';
import { nodeJson } from '../node-json.ts';
import { formatBytes, formatCounted, formatTime, shortId } from '../output/format.ts';
import { renderTable } from '../output/table.ts';
import { visiblePath } from '../output/visible-text.ts';
import { timeText } from '../node-json.ts';
import { argumentBytes } from '../raw-arguments.ts';
import { loadIndexForReading, withSession } from '../session.ts';
import { addSnapshotChoice, chosenSnapshots, type SnapshotChoiceFlags } from '../snapshot-choice.ts';
import { absoluteInSnapshot } from '../snapshot-selector.ts';

export const versionsCommand: CommandModule = {
  examples: [
    { does: 'Every version of a file', line: 'cyberbackup versions /home/anna/Documents/thesis.odt' },
    { does: 'Only what one computer saved', line: 'cyberbackup versions /home/anna/Documents/thesis.odt --host laptop' },
    { does: 'For a program', line: 'cyberbackup versions /home/anna/Documents --json' },
  ],
  configure(command: Command, act: Act) {
    addSnapshotChoice(command.argument('<path>', 'a file or folder, as it stands in the snapshots')).action(act(versions));
  },
};

async function versions(context: CliContext, command: Command): Promise<number> {
  const path = absoluteInSnapshot(argumentBytes(command.args[0] ?? ''));
  const components = path.toString('latin1').split('/').filter((name) => name !== '').map((name) => Buffer.from(name, 'latin1'));
  if (components.length === 0) throw new Failure('USAGE', { what: 'The root of a snapshot has no versions', next: 'Name a file or folder; "cyberbackup snapshots" lists the snapshots' });
  return await withSession(context, { lock: 'shared' }, async ({ repository, signal }) => {
    const [chosen] = await Promise.all([chosenSnapshots(context, repository, command.opts<SnapshotChoiceFlags>(), signal), loadIndexForReading(context, repository, signal, { blobs: 'trees' })]);
    const found = await versionsOfPath(repository, chosen.snapshots, components, signal);
    for (const { snapshot, failure } of found.unreadable) context.terminal.message(`Snapshot ${shortId(snapshot.id)} cannot tell. ${failureLine(failure)}`);
    if (context.options.json) context.terminal.json({ path: path.toString('utf8'), versions: found.versions.map((version) => versionJson(version, path)), snapshots_without: found.without, snapshots_unreadable: found.unreadable.map(({ snapshot }) => snapshot.id) });
    if (found.versions.length === 0 && found.unreadable.length === 0) {
      throw new Failure('PATH_NOT_FOUND', { what: `None of ${formatCounted(chosen.snapshots.length, 'snapshot')} has "${visiblePath(path)}"`, next: `Look for it with "cyberbackup find ${visiblePath(components.at(-1) ?? path)}"` });
    }
    if (!context.options.json) print(context, path, found);
    return chosen.damaged + found.unreadable.length > 0 ? 1 : 0;
  });
}

function versionJson({ node, snapshots }: PathVersion, path: Buffer): Record<string, unknown> {
  const { message_type: _message, struct_type: _struct, ...members } = nodeJson(node, path);
  const content = node.type === 'dir' ? { subtree: node.subtree?.toString('hex') } : node.content === null ? {} : { content: idsOf(node.content) };
  return { ...members, ...content, snapshots: snapshots.map(({ id, snapshot }) => ({ id, short_id: shortId(id), time: snapshot.time, hostname: snapshot.hostname ?? '' })) };
}

function idsOf(content: Buffer): string[] {
  return Array.from({ length: content.length / 32 }, (_, index) => content.toString('hex', index * 32, index * 32 + 32));
}

function print({ terminal, options }: CliContext, path: Buffer, found: PathVersions): void {
  const { style } = terminal;
  const columns = [{ title: 'Changed' }, { title: 'Size', align: 'right' as const }, { title: 'Type' }, { title: 'In snapshots', align: 'right' as const }, { title: 'First' }, { title: 'Last' }, { title: 'Newest ID', style: style.cyan }];
  const rows = found.versions.map(({ node, snapshots }) => {
    const [first, last] = [snapshots[0], snapshots.at(-1)];
    const size = node.type === 'file' ? formatBytes(node.size) : '-';
    return [formatTime(timeText(node.mtime)), size, node.type, String(snapshots.length), formatTime(first?.snapshot.time ?? ''), formatTime(last?.snapshot.time ?? ''), shortId(last?.id ?? '')];
  });
  terminal.lines(renderTable(terminal, columns, rows));
  if (!options.quiet) terminal.line(style.dim(`${formatCounted(found.versions.length, 'version')} of ${visiblePath(path)}${found.without === 0 ? '' : `; ${formatCounted(found.without, 'snapshot')} without it`}`));
}
