/** `ls SNAPSHOT[:PATH] [PATH…]`: what a snapshot holds. */
import { Option, type Command } from 'commander';
import { folderTree } from '../../core/history/folder-tree.ts';
import { list, sortOrders, type SortOrder } from '../../core/history/listing/list.ts';
import { NcduExport } from '../../core/history/listing/ncdu.ts';
import type { WalkedNode } from '../../core/history/node-walk.ts';
import { snapshotJson } from '../../core/repository/snapshot-json.ts';
import { findSnapshot, type StoredSnapshot } from '../../core/repository/snapshots.ts';
import { Failure } from '../../shared/errors.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { failureLine } from '../explain-error.ts';
import { nodeJson } from '../node-json.ts';
import { formatTime } from '../output/format.ts';
import { goModeText } from '../output/go-mode.ts';
import { goTimeText, resticBytes } from '../output/restic-format.ts';
import { PieceWriter } from '../output/piece-writer.ts';
import { visiblePath, visibleText } from '../output/visible-text.ts';
import { argumentBytes } from '../raw-arguments.ts';
import { loadIndexForReading, withSession } from '../session.ts';
import { absoluteInSnapshot, addFilterOptions, parseSelector, snapshotFilter, type FilterFlags } from '../snapshot-selector.ts';

interface LsFlags extends FilterFlags {
  readonly long?: boolean;
  readonly recursive?: boolean;
  readonly humanReadable?: boolean;
  readonly ncdu?: boolean;
  readonly sort: SortOrder;
  readonly reverse?: boolean;
}

export const lsCommand: CommandModule = {
  examples: [
    { does: 'Everything in the newest snapshot', line: 'cyberbackup ls latest' },
    { does: 'One folder, with sizes and times', line: 'cyberbackup ls latest /home/anna/Documents --long --human-readable' },
    { does: 'The largest files first', line: 'cyberbackup ls latest:/home/anna --long --sort size --reverse' },
    { does: 'Look around in it with ncdu', line: 'cyberbackup ls latest --ncdu | ncdu -f -' },
  ],
  configure(command: Command, act: Act) {
    command.argument('<snapshot[:path]>', 'the begin of an id, or "latest"; then the folder that paths begin at').argument('[path...]', 'only these folders, without what is in folders below them');
    addFilterOptions(command)
      .option('-l, --long', 'permissions, owner, size and time, too')
      .option('--recursive', 'of the folders that are named, the folders below them, too')
      .option('--human-readable', 'sizes with units')
      .addOption(new Option('-s, --sort <order>', 'what comes first').choices(sortOrders).default('name'))
      .option('--reverse', 'the other way round')
      .option('--ncdu', 'in the export format of ncdu')
      .action(act(ls));
  },
};

async function ls(context: CliContext, command: Command): Promise<number> {
  const flags = command.opts<LsFlags>();
  const [selectorArgument = '', ...paths] = command.args;
  const selector = parseSelector(selectorArgument);
  const relative = paths.find((path) => !path.startsWith('/'));
  if (relative !== undefined) throw new Failure('USAGE', { what: `"${relative}" is no path from the root of the snapshot`, next: 'Begin it with a slash' });
  if (flags.ncdu === true && (flags.sort !== 'name' || flags.reverse === true)) throw new Failure('USAGE', { what: 'ncdu sorts by itself', next: 'Leave --sort and --reverse out' });
  const filters = paths.map((path) => absoluteInSnapshot(argumentBytes(path)));
  const { terminal, options } = context;
  // Nobody reads on: there is nothing more to do, and nothing to complain about.
  const reader = new AbortController();
  terminal.whenOutputCloses(() => reader.abort());
  return await withSession(context, { lock: 'shared' }, async (session) => {
    const { repository } = session;
    const signal = AbortSignal.any([session.signal, reader.signal]);
    const [stored] = await Promise.all([findSnapshot(repository, selector.snapshot, snapshotFilter(flags), signal), loadIndexForReading(context, repository, signal, { blobs: 'trees' })]);
    const tree = await folderTree(repository, stored, selector.path, signal);
    const ncdu = flags.ncdu === true ? new NcduExport() : undefined;
    const head = ncdu?.begin(stored) ?? (options.json ? snapshotLine(stored) : options.quiet ? '' : heading(stored, paths));
    const output = new PieceWriter(context);
    await output.write(head);
    let unreadable = 0;
    try {
      for await (const found of list(repository, tree, { filters, recursive: flags.recursive === true, sort: flags.sort, reverse: flags.reverse === true, signal })) {
        if (ncdu !== undefined && found.kind !== 'refused') await output.write(ncdu.add(found));
        else if (found.kind === 'node') await output.write(options.json ? `${JSON.stringify(nodeJson(found.node, found.path))}\n` : line(context, found, flags));
        if (found.kind === 'left' || found.failure === undefined) continue;
        unreadable += 1;
        terminal.message(failureLine(found.failure));
      }
      if (ncdu !== undefined) await output.write(ncdu.end());
    } catch (error) {
      if (!reader.signal.aborted) throw error;
    } finally {
      await output.flush();
    }
    return unreadable > 0 ? 1 : 0;
  });
}

function snapshotLine(stored: StoredSnapshot): string {
  return `${JSON.stringify({ ...snapshotJson(stored), message_type: 'snapshot', struct_type: 'snapshot' })}\n`;
}

function heading({ id, snapshot }: StoredSnapshot, paths: readonly string[]): string {
  const by = `${snapshot.username ?? ''}@${snapshot.hostname ?? ''}`;
  return `${visibleText(`snapshot ${id.slice(0, 8)} of [${snapshot.paths.join(' ')}] at ${goTimeText(snapshot.time)} by ${by} filtered by [${paths.join(' ')}]:`)}\n`;
}

/** On a terminal names are made visible; into a pipe they go as the bytes they are. */
function line({ terminal }: CliContext, { node, path }: WalkedNode, flags: LsFlags): string | Buffer {
  const long = flags.long === true;
  const facts = long ? `${longFacts(node, flags.humanReadable === true)} ` : '';
  const target = long && node.linkTarget !== undefined ? Buffer.concat([Buffer.from(' -> '), node.linkTarget]) : Buffer.alloc(0);
  if (!terminal.interactive) return Buffer.concat([Buffer.from(facts), path, target, Buffer.from('\n')]);
  const { style } = terminal;
  const name = visiblePath(path);
  const coloured = node.type === 'dir' ? style.blue(name) : node.type === 'symlink' ? style.cyan(name) : node.type === 'file' ? name : style.yellow(name);
  return `${style.dim(facts)}${coloured}${style.dim(visiblePath(target))}\n`;
}

function longFacts(node: WalkedNode['node'], human: boolean): string {
  const size = human ? resticBytes(Number(node.size)) : node.size.toString().padStart(6);
  return `${goModeText(node.mode)} ${String(node.uid).padStart(5)} ${String(node.gid).padStart(5)} ${size} ${formatTime(new Date(Number(node.mtime / 1_000_000n)).toISOString())}`;
}
