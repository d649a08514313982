/** `dump SNAPSHOT PATH`: the bytes of a file, or a folder as an archive, to standard output or into a file. */
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Option, type Command } from 'commander';
import { archiveFormats, dump, type ArchiveFormat } from '../../core/history/archive/dump.ts';
import { folderTree } from '../../core/history/folder-tree.ts';
import { findSnapshot } from '../../core/repository/snapshots.ts';
import { Failure } from '../../shared/errors.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { failureLine } from '../explain-error.ts';
import { argumentBytes } from '../raw-arguments.ts';
import { loadIndexForReading, withSession } from '../session.ts';
import { absoluteInSnapshot, addFilterOptions, parseSelector, snapshotFilter, type FilterFlags } from '../snapshot-selector.ts';

interface DumpFlags extends FilterFlags {
  readonly archive: ArchiveFormat;
  readonly target?: string;
}

export const dumpCommand: CommandModule = {
  examples: [
    { does: 'Look into a file without restoring it', line: 'cyberbackup dump latest /home/anna/notes.txt | less' },
    { does: 'Put a database dump back', line: 'cyberbackup dump latest /database.sql | psql shop' },
    { does: 'A folder as an archive', line: 'cyberbackup dump latest:/home/anna Documents --archive zip --target documents.zip' },
    { does: 'A whole snapshot', line: 'cyberbackup dump latest / | tar -x -C /mnt/restored' },
  ],
  configure(command: Command, act: Act) {
    addFilterOptions(command.argument('<snapshot[:path]>', 'the begin of an id, or "latest"; then the folder that names in an archive begin at').argument('<path>', 'the file or folder in it; "/" for all of it'))
      .addOption(new Option('-a, --archive <format>', 'how a folder is written').choices(archiveFormats).default('tar'))
      .option('-t, --target <file>', 'write into this file')
      .action(act(dumpPath));
  },
};

async function dumpPath(context: CliContext, command: Command): Promise<number> {
  const flags = command.opts<DumpFlags>();
  const [snapshotArgument = '', pathArgument = ''] = command.args;
  const selector = parseSelector(snapshotArgument);
  const path = absoluteInSnapshot(argumentBytes(pathArgument));
  const { terminal } = context;
  if (terminal.interactive && context.options.json) throw new Failure('USAGE', { what: 'dump writes bytes, not JSON', next: 'Leave --json out' });
  const reader = new AbortController();
  if (flags.target === undefined) terminal.whenOutputCloses(() => reader.abort());
  return await withSession(context, { lock: 'shared' }, async (session) => {
    const { repository } = session;
    const signal = AbortSignal.any([session.signal, reader.signal]);
    const [stored] = await Promise.all([findSnapshot(repository, selector.snapshot, snapshotFilter(flags), signal), loadIndexForReading(context, repository, signal)]);
    const root = await folderTree(repository, stored, selector.path, signal);
    let unreadable = 0;
    const onUnreadable = (failure: Failure): void => {
      unreadable += 1;
      terminal.message(failureLine(failure));
    };
    try {
      await withOutput(context, flags.target, async (output) => await dump(repository, stored, path, output, { archive: flags.archive, root, onUnreadable, signal }));
    } catch (error) {
      // The reader had enough (as `head` does): quiet, but not a success, since bytes are missing.
      if (flags.target === undefined && (terminal.outputClosed || isBrokenPipe(error))) return 1;
      throw error;
    }
    return unreadable > 0 ? 1 : 0;
  });
}

async function withOutput({ terminal }: CliContext, target: string | undefined, body: (output: Writable) => Promise<void>): Promise<void> {
  if (target === undefined) return await body(terminal.outputStream);
  const output = createWriteStream(target);
  const done = finished(output);
  // Seen below; what goes wrong before must not be an unhandled rejection.
  done.catch(() => undefined);
  try {
    await Promise.race([body(output), done]);
    output.end();
    await done;
  } catch (error) {
    output.destroy();
    const code = (error as NodeJS.ErrnoException).syscall === undefined ? undefined : (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    throw new Failure('TARGET_FAILED', { what: `"${target}" cannot be written (${code})`, safe: 'The repository was only read', next: 'Choose another file with --target' }, { cause: error });
  }
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
