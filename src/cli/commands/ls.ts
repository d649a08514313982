/** `ls SNAPSHOT[:PATH]`: what a folder of a snapshot holds. */
import type { Command } from 'commander';
import { listTree, type ListedNode } from '../../core/restorer/list.ts';
import { snapshotJson } from '../../core/repository/snapshot-json.ts';
import { findSnapshot } from '../../core/repository/snapshots.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { failureLine } from '../explain-error.ts';
import { formatBytes, formatTime } from '../output/format.ts';
import { permissionText } from '../output/permission-text.ts';
import { padEnd, padStart } from '../output/text-width.ts';
import { visiblePath, visibleText } from '../output/visible-text.ts';
import { loadIndexForReading, withSession } from '../session.ts';
import { nodeJson, timeText } from '../node-json.ts';
import { addFilterOptions, parseSelector, snapshotFilter, type FilterFlags } from '../snapshot-selector.ts';

interface LsFlags extends FilterFlags {
  readonly long?: boolean;
  readonly recursive?: boolean;
}

export const lsCommand: CommandModule = {
  examples: [
    { does: 'The top of the newest snapshot', line: 'cyberbackup ls latest' },
    { does: 'One folder, with sizes and times', line: 'cyberbackup ls latest:/home/anna/Documents --long' },
    { does: 'Every file of a snapshot, one a line', line: 'cyberbackup ls 4f2a91c0 --recursive' },
  ],
  configure(command: Command, act: Act) {
    addFilterOptions(command.argument('<snapshot[:path]>', 'the begin of an id, or "latest"; then a folder in it'))
      .option('-l, --long', 'permissions, owner, size and time, too')
      .option('--recursive', 'folders within folders, too')
      .action(act(ls));
  },
};

async function ls(context: CliContext, command: Command): Promise<number> {
  const flags = command.opts<LsFlags>();
  const selector = parseSelector(command.args[0] ?? '');
  const { terminal, options } = context;
  // Nobody reads on: there is nothing more to do, and nothing to complain about.
  const reader = new AbortController();
  terminal.whenOutputCloses(() => reader.abort());
  return await withSession(context, { lock: 'shared' }, async (session) => {
    const signal = AbortSignal.any([session.signal, reader.signal]);
    const [stored] = await Promise.all([findSnapshot(session.repository, selector.snapshot, snapshotFilter(flags), signal), loadIndexForReading(context, session.repository, signal)]);
    if (options.json) terminal.json({ message_type: 'snapshot', struct_type: 'snapshot', ...snapshotJson(stored) });
    const listed = { recursive: flags.recursive === true, ...(selector.path === undefined ? {} : { path: selector.path }) };
    let unreadable = 0;
    try {
      for await (const entry of listTree(session.repository, stored, listed, signal)) {
        if (entry.node !== undefined) await terminal.writeSlowly(options.json ? `${JSON.stringify(nodeJson(entry.node, entry.path))}\n` : line(context, entry, flags.long === true));
        if (entry.failure === undefined) continue;
        unreadable += 1;
        terminal.message(failureLine(entry.failure));
      }
    } catch (error) {
      if (!reader.signal.aborted) throw error;
    }
    return unreadable > 0 ? 1 : 0;
  });
}

/** On a terminal names are made visible; into a pipe they go as the bytes they are. */
function line({ terminal }: CliContext, { node, path }: ListedNode, long: boolean): string | Buffer {
  if (!terminal.interactive) {
    const facts = long ? `${longFacts(node)}  ` : '';
    return Buffer.concat([Buffer.from(facts), path, Buffer.from('\n')]);
  }
  const { style } = terminal;
  const name = visiblePath(path);
  const coloured = node.type === 'dir' ? style.blue(name) : node.type === 'symlink' ? style.cyan(name) : node.type === 'file' ? name : style.yellow(name);
  const target = node.type === 'symlink' && long && node.linkTarget !== undefined ? style.dim(` → ${visiblePath(node.linkTarget)}`) : '';
  return `${long ? `${style.dim(longFacts(node))}  ` : ''}${coloured}${target}\n`;
}

function longFacts(node: ListedNode['node']): string {
  const owner = visibleText(`${node.user === '' ? node.uid : node.user} ${node.group === '' ? node.gid : node.group}`);
  const size = node.type === 'file' ? formatBytes(node.size) : '-';
  return `${permissionText(node.mode)}  ${padEnd(owner, 15)}  ${padStart(size, 8)}  ${formatTime(timeText(node.mtime))}`;
}
