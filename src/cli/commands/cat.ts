/** `cat KIND [ID]`: one object of the repository, opened. */
import type { Command } from 'commander';
import { folderTree } from '../../core/history/folder-tree.ts';
import { blobContent, configText, fileText, masterKeyText, packBytes, snapshotText } from '../../core/history/objects.ts';
import type { Repository } from '../../core/repository/repository.ts';
import { findSnapshot } from '../../core/repository/snapshots.ts';
import { StorageError } from '../../core/storage/object-store.ts';
import { Failure } from '../../shared/errors.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { loadIndexForReading, withSession } from '../session.ts';
import { parseSelector } from '../snapshot-selector.ts';

const kinds = ['masterkey', 'config', 'pack', 'blob', 'snapshot', 'index', 'key', 'lock', 'tree'] as const;
type Kind = (typeof kinds)[number];

export const catCommand: CommandModule = {
  examples: [
    { does: 'A snapshot as it is stored', line: 'cyberbackup cat snapshot 4f2a91c0' },
    { does: 'The list of a folder in it', line: 'cyberbackup cat tree 4f2a91c0:/home/anna' },
    { does: 'A piece of a file or folder, by its whole id', line: 'cyberbackup cat blob 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03' },
    { does: 'What the repository was made with', line: 'cyberbackup cat config' },
  ],
  configure(command: Command, act: Act) {
    command.argument('<kind>', `one of ${kinds.join(', ')}`).argument('[id]', 'which one: not for masterkey and config').action(act(cat));
  },
};

async function cat(context: CliContext, command: Command): Promise<number> {
  const [kindArgument = '', id] = command.args;
  const kind = kinds.find((name) => name === kindArgument);
  if (kind === undefined) throw new Failure('USAGE', { what: `"${kindArgument}" is no kind of objects`, next: `Give one of ${kinds.join(', ')}` });
  if (id === undefined && kind !== 'masterkey' && kind !== 'config') throw new Failure('USAGE', { what: `The id of the ${kind} is missing`, next: 'The command "list" names all there are' });
  if (id !== undefined && takesWholeId(kind) && !/^[0-9a-f]{64}$/.test(id)) throw new Failure('USAGE', { what: `"${id}" is no whole id`, next: 'Give all 64 digits, as the command "list" does' });
  const { terminal } = context;
  const reader = new AbortController();
  terminal.whenOutputCloses(() => reader.abort());
  return await withSession(context, { lock: kind === 'lock' ? 'none' : 'shared' }, async (session) => {
    const signal = AbortSignal.any([session.signal, reader.signal]);
    try {
      await print(context, session.repository, kind, id ?? '', signal);
    } catch (error) {
      if (error instanceof StorageError && error.kind === 'not-found') throw new Failure('NOT_FOUND', { what: `There is no ${kind} ${id ?? ''}`, next: 'The command "list" names all there are' }, { cause: error });
      if (!reader.signal.aborted) throw error;
    }
    return 0;
  });
}

function takesWholeId(kind: Kind): boolean {
  return kind === 'pack' || kind === 'blob' || kind === 'index' || kind === 'key' || kind === 'lock';
}

async function print(context: CliContext, repository: Repository, kind: Kind, id: string, signal: AbortSignal): Promise<void> {
  const { terminal } = context;
  switch (kind) {
    case 'masterkey':
      return terminal.line(masterKeyText(repository));
    case 'config':
      return terminal.line(configText(repository));
    case 'snapshot':
      return terminal.line(snapshotText(await findSnapshot(repository, id, {}, signal)));
    case 'key':
    case 'lock':
      return terminal.line(await fileText(repository, kind, id, signal));
    case 'index':
      return await terminal.writeSlowly(await fileText(repository, kind, id, signal));
    case 'pack':
      for await (const piece of packBytes(repository, id, signal)) await terminal.writeSlowly(piece);
      return undefined;
    case 'blob':
      await loadIndexForReading(context, repository, signal);
      return await terminal.writeSlowly(await blobContent(repository, Buffer.from(id, 'hex'), signal));
    case 'tree': {
      const { snapshot, path } = parseSelector(id);
      const [stored] = await Promise.all([findSnapshot(repository, snapshot, {}, signal), loadIndexForReading(context, repository, signal)]);
      return await terminal.writeSlowly(await repository.readBlob('tree', await folderTree(repository, stored, path, signal), signal));
    }
  }
}
