/** `find PATTERN…`: where files, folders, blobs and trees are, over all snapshots. */
import { InvalidArgumentError, type Command } from 'commander';
import { byteString } from '../../core/archiver/byte-path.ts';
import { BadPattern } from '../../core/archiver/glob.ts';
import { readKnownFolders, type KnownFolders } from '../../core/catalogue/known-folders.ts';
import { filterQuery, type NodeFilter } from '../../core/catalogue/node-filter.ts';
import { objectsInPacks, ObjectQuery } from '../../core/catalogue/object-query.ts';
import type { NodeQuery } from '../../core/catalogue/tree-entries.ts';
import { TreeSearch } from '../../core/catalogue/tree-search.ts';
import type { StoredSnapshot } from '../../core/repository/snapshots.ts';
import { nodeTypes, type NodeType } from '../../core/repository/tree.ts';
import { Failure } from '../../shared/errors.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { failureLine } from '../explain-error.ts';
import { foundNodesJson, foundNodesText } from '../output/found-nodes.ts';
import { foundObjectsJson, foundObjectsText, packLines } from '../output/found-objects.ts';
import { shortId } from '../output/format.ts';
import { visiblePath } from '../output/visible-text.ts';
import { parseMoment } from '../parse-moment.ts';
import { parseSize } from '../parse-size.ts';
import { argumentBytes } from '../raw-arguments.ts';
import { loadIndexForReading, withSession, type Session } from '../session.ts';
import { addSnapshotChoice, chosenSnapshots, type SnapshotChoiceFlags } from '../snapshot-choice.ts';

interface FindFlags extends SnapshotChoiceFlags {
  readonly oldest?: bigint;
  readonly newest?: bigint;
  readonly larger?: number;
  readonly smaller?: number;
  readonly type?: NodeType[];
  readonly ignoreCase?: boolean;
  readonly long?: boolean;
  readonly humanReadable?: boolean;
  readonly reverse?: boolean;
  readonly blob?: boolean;
  readonly tree?: boolean;
  readonly pack?: boolean;
  readonly showPackId?: boolean;
}

export const findCommand: CommandModule = {
  examples: [
    { does: 'Every file of a name, in every snapshot that has it', line: 'cyberbackup find report.pdf' },
    { does: 'Upper and lower case alike, with sizes and times', line: 'cyberbackup find --ignore-case --long "*holiday*.jpg"' },
    { does: 'What is large, and changed this year', line: 'cyberbackup find --larger 1G --oldest 2026-01-01 "*"' },
    { does: 'Which files use a piece of data', line: 'cyberbackup find --blob 420f620f' },
  ],
  configure(command: Command, act: Act) {
    addSnapshotChoice(command.argument('<pattern...>', 'a name, a glob, or a path; with --blob, --tree or --pack the begin of an id (8 digits) or a whole one'))
      .option('-O, --oldest <time>', 'only what was changed at this time or later', parseMoment)
      .option('-N, --newest <time>', 'only what was changed at this time or before', parseMoment)
      .option('--larger <size>', 'only files larger than this', parseSize)
      .option('--smaller <size>', 'only files smaller than this', parseSize)
      .option('--type <type>', `only this type (several: any of them): ${nodeTypes.join(', ')}`, collectType)
      .option('-i, --ignore-case', 'upper and lower case are the same')
      .option('-l, --long', 'permissions, owner, size and time, too')
      .option('--human-readable', 'sizes in KiB, MiB and so on')
      .option('-R, --reverse', 'the oldest snapshot first')
      .option('--blob', 'the patterns are ids of data blobs')
      .option('--tree', 'the patterns are ids of trees')
      .option('--pack', 'the patterns are ids of packs')
      .option('--show-pack-id', 'with --blob or --tree: the pack that holds it')
      .action(act(find));
  },
};

function collectType(value: string, earlier: NodeType[] | undefined): NodeType[] {
  const type = nodeTypes.find((one) => one === value);
  if (type === undefined) throw new InvalidArgumentError(`One of ${nodeTypes.join(', ')} is expected.`);
  return [...(earlier ?? []), type];
}

async function find(context: CliContext, command: Command): Promise<number> {
  const flags = command.opts<FindFlags>();
  if ([flags.blob, flags.tree, flags.pack].filter((flag) => flag === true).length > 1) {
    throw new Failure('USAGE', { what: 'Only one of --blob, --tree and --pack can be given', next: 'Look for one kind after the other' });
  }
  const objects = flags.blob === true || flags.tree === true || flags.pack === true;
  const filter = objects ? undefined : nodeFilter(flags, command.args);
  const query = filter === undefined ? undefined : nodeQuery(filter);
  // Nobody reads on: there is nothing more to do, and nothing to complain about.
  const reader = new AbortController();
  context.terminal.whenOutputCloses(() => reader.abort());
  return await withSession(context, { lock: 'shared' }, async (session) => {
    const signal = AbortSignal.any([session.signal, reader.signal]);
    try {
      const known = filter === undefined || !context.options.cache ? undefined : readKnownFolders(context.home.cache, session.repository.config.id, filter, context.logger);
      const choosing = chosenSnapshots(context, session.repository, flags, signal);
      // The index is read along with the snapshots, unless none of these may need it.
      const needsTrees = known?.nothing !== true || (await choosing).snapshots.some(({ id }) => !known.snapshots.has(id));
      const [chosen] = await Promise.all([choosing, ...(needsTrees ? [loadIndexForReading(context, session.repository, signal, { blobs: query === undefined ? 'all' : 'trees' })] : [])]);
      const snapshots = flags.reverse === true ? chosen.snapshots : chosen.snapshots.toReversed();
      const unreadable = query === undefined ? await findObjects(context, session, flags, command.args, snapshots, signal) : await findNodes(context, session, flags, { query, known }, snapshots, signal);
      return chosen.damaged + unreadable > 0 ? 1 : 0;
    } catch (error) {
      if (!reader.signal.aborted) throw error;
      return 0;
    }
  });
}

function nodeFilter(flags: FindFlags, patterns: readonly string[]): NodeFilter {
  return {
    patterns: patterns.map((pattern) => byteString(argumentBytes(pattern))),
    ignoreCase: flags.ignoreCase === true,
    ...(flags.oldest === undefined ? {} : { oldest: flags.oldest }),
    ...(flags.newest === undefined ? {} : { newest: flags.newest }),
    ...(flags.larger === undefined ? {} : { larger: BigInt(flags.larger) }),
    ...(flags.smaller === undefined ? {} : { smaller: BigInt(flags.smaller) }),
    ...(flags.type === undefined ? {} : { types: new Set(flags.type) }),
  };
}

function nodeQuery(filter: NodeFilter): NodeQuery {
  try {
    return filterQuery(filter);
  } catch (error) {
    if (!(error instanceof BadPattern)) throw error;
    throw new Failure('USAGE', { what: `"${Buffer.from(error.message, 'latin1').toString('utf8')}" is no pattern that can match anything`, next: String.raw`Close its brackets, and write \[ for a bracket that is meant` }, { cause: error });
  }
}

/** Prints as it goes; resolves with the number of folders and entries that could not be read. */
async function findNodes(context: CliContext, { repository }: Session, flags: FindFlags, { query, known }: { readonly query: NodeQuery; readonly known: KnownFolders | undefined }, snapshots: readonly StoredSnapshot[], signal: AbortSignal): Promise<number> {
  const output = context.options.json ? foundNodesJson(context) : foundNodesText(context, { long: flags.long === true, humanReadable: flags.humanReadable === true });
  const search = new TreeSearch(repository, query, signal);
  let unreadable = 0;
  try {
    for (const stored of snapshots) {
      const spared = known?.snapshots.has(stored.id) === true ? known : undefined;
      if (spared?.nothing === true) continue;
      for await (const found of search.inSnapshot(stored, spared?.mayHoldBelow)) {
        if (found.failure === undefined) await output.add(stored, found.path, found.node);
        else unreadable += report(context, stored, found.path, found.failure);
      }
    }
    await output.end();
  } finally {
    await output.flush();
  }
  return unreadable;
}

async function findObjects(context: CliContext, { repository }: Session, flags: FindFlags, patterns: readonly string[], snapshots: readonly StoredSnapshot[], signal: AbortSignal): Promise<number> {
  const query = objectQuery(repository, flags, patterns);
  const output = context.options.json ? foundObjectsJson(context) : foundObjectsText(context);
  const search = new TreeSearch(repository, query, signal);
  let unreadable = 0;
  let trees = 0;
  /** As restic: where only trees are asked for, a snapshot is left once as many were found as were asked for. */
  const enough = (): boolean => query.blobs === undefined && trees >= (query.trees?.size ?? 0);
  try {
    for (const stored of snapshots) {
      const { tree } = stored.snapshot;
      if (query.wantsTree(tree)) {
        trees += 1;
        await output.add(stored, Buffer.from('/'), { kind: 'tree', id: tree }, '');
        if (enough()) continue;
      }
      for await (const found of search.inSnapshot(stored)) {
        if (found.failure !== undefined) {
          unreadable += report(context, stored, found.path, found.failure);
          continue;
        }
        const objects = query.objectsOf(found.node);
        for (const object of objects) await output.add(stored, found.path, object, found.parentTree);
        if (found.node.type === 'dir') trees += objects.length;
        if (found.node.type === 'dir' && enough()) break;
      }
    }
    await output.end();
  } finally {
    await output.flush();
  }
  if (flags.showPackId === true) {
    for (const id of query.blobs ?? []) context.terminal.lines(packLines(repository, 'data', id));
    for (const id of query.trees ?? []) context.terminal.lines(packLines(repository, 'tree', id));
  }
  return unreadable;
}

function objectQuery(repository: Session['repository'], flags: FindFlags, patterns: readonly string[]): ObjectQuery {
  if (flags.blob === true) return new ObjectQuery({ blobs: patterns });
  if (flags.tree === true) return new ObjectQuery({ trees: patterns });
  const { trees, blobs, missing } = objectsInPacks(repository, patterns);
  if (missing.length > 0) throw new Failure('PATH_NOT_FOUND', { what: `No index lists ${missing.length === 1 ? 'the pack' : 'the packs'} ${missing.join(', ')}`, next: 'Give 8 digits or the whole id; "cyberbackup repair index" lists packs that no index knows' });
  return new ObjectQuery({ trees, blobs });
}

function report(context: CliContext, stored: StoredSnapshot, path: Buffer, failure: Failure): 1 {
  context.terminal.message(`${visiblePath(path)} of snapshot ${shortId(stored.id)} could not be searched. ${failureLine(failure)}`);
  return 1;
}
