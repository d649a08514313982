/** `list KIND`: the names of objects, one a line. */
import type { Command } from 'commander';
import { blobNames, listedKinds, objectNames, type ListedKind } from '../../core/history/objects.ts';
import { Failure } from '../../shared/errors.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { failureLine } from '../explain-error.ts';
import { PieceWriter } from '../output/piece-writer.ts';
import { withSession } from '../session.ts';

export const listCommand: CommandModule = {
  examples: [
    { does: 'Every snapshot, by its whole id', line: 'cyberbackup list snapshots' },
    { does: 'Every piece of files and folders', line: 'cyberbackup list blobs' },
  ],
  configure(command: Command, act: Act) {
    command.argument('<kind>', `one of ${listedKinds.join(', ')}`).action(act(list));
  },
};

async function list(context: CliContext, command: Command): Promise<number> {
  const kind = listedKinds.find((name) => name === command.args[0]);
  if (kind === undefined) throw new Failure('USAGE', { what: `"${command.args[0] ?? ''}" is no kind of objects`, next: `Give one of ${listedKinds.join(', ')}` });
  const { terminal } = context;
  const reader = new AbortController();
  terminal.whenOutputCloses(() => reader.abort());
  // The list of locks is not to hold one of its own.
  return await withSession(context, { lock: kind === 'locks' ? 'none' : 'shared' }, async (session) => {
    const signal = AbortSignal.any([session.signal, reader.signal]);
    try {
      return await print(context, session.repository, kind, signal);
    } catch (error) {
      if (!reader.signal.aborted) throw error;
      return 0;
    }
  });
}

async function print(context: CliContext, repository: Parameters<typeof blobNames>[0], kind: ListedKind, signal: AbortSignal): Promise<number> {
  const output = new PieceWriter(context);
  try {
    if (kind !== 'blobs') {
      for await (const name of objectNames(repository, kind, signal)) await output.write(`${name}\n`);
      return 0;
    }
    const { damaged } = await repository.loadIndex(signal, { tolerateDamage: true });
    for (const line of blobNames(repository)) {
      signal.throwIfAborted();
      await output.write(`${line}\n`);
    }
    for (const { failure } of damaged) context.terminal.message(failureLine(failure));
    return damaged.length > 0 ? 1 : 0;
  } finally {
    // Also of what failed in between, a reader has the names that came before.
    await output.flush();
  }
}
