/** `dump SNAPSHOT PATH`: the bytes of one file to standard output, to pipe them on. */
import type { Command } from 'commander';
import { findSnapshot } from '../../core/repository/snapshots.ts';
import { dump } from '../../core/restorer/dump.ts';
import { Failure } from '../../shared/errors.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { argumentBytes } from '../raw-arguments.ts';
import { loadIndexForReading, withSession } from '../session.ts';
import { absoluteInSnapshot, addFilterOptions, parseSelector, snapshotFilter, type FilterFlags } from '../snapshot-selector.ts';

export const dumpCommand: CommandModule = {
  examples: [
    { does: 'Look into a file without restoring it', line: 'cyberbackup dump latest /home/anna/notes.txt | less' },
    { does: 'Put a database dump back', line: 'cyberbackup dump latest /database.sql | psql shop' },
  ],
  configure(command: Command, act: Act) {
    addFilterOptions(command.argument('<snapshot>', 'the begin of an id, or "latest"').argument('<path>', 'the file in it')).action(act(dumpFile));
  },
};

async function dumpFile(context: CliContext, command: Command): Promise<number> {
  const flags = command.opts<FilterFlags>();
  const [snapshotArgument = '', pathArgument = ''] = command.args;
  const selector = parseSelector(snapshotArgument);
  const inside = absoluteInSnapshot(argumentBytes(pathArgument));
  const path = selector.path === undefined ? inside : absoluteInSnapshot(Buffer.concat([selector.path, inside]));
  const { terminal } = context;
  if (terminal.interactive && context.options.json) throw new Failure('USAGE', { what: 'dump writes bytes, not JSON', next: 'Leave --json out' });
  const reader = new AbortController();
  terminal.whenOutputCloses(() => reader.abort());
  return await withSession(context, { lock: 'shared' }, async (session) => {
    const signal = AbortSignal.any([session.signal, reader.signal]);
    const [stored] = await Promise.all([findSnapshot(session.repository, selector.snapshot, snapshotFilter(flags), signal), loadIndexForReading(context, session.repository, signal)]);
    try {
      await dump(session.repository, stored, path, terminal.outputStream, signal);
    } catch (error) {
      // The reader had enough (as `head` does): quiet, but not a success, since bytes are missing.
      if (terminal.outputClosed || isBrokenPipe(error)) return 1;
      throw error;
    }
    return 0;
  });
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
