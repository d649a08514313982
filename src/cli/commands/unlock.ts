/** `unlock`: removes locks whose owner is gone; with `--remove-all` every lock. */
import type { Command } from 'commander';
import { removeStaleLocks } from '../../core/repository/lock.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { formatCounted } from '../output/format.ts';
import { withSession } from '../session.ts';

interface UnlockFlags {
  readonly removeAll?: boolean;
}

export const unlockCommand: CommandModule = {
  examples: [
    { does: 'Locks of programs that ended or went silent for half an hour', line: 'cyberbackup unlock' },
    { does: 'Every lock, when you know that nothing else runs', line: 'cyberbackup unlock --remove-all' },
  ],
  configure(command: Command, act: Act) {
    command.option('--remove-all', 'remove locks in use, too').action(act(unlock));
  },
};

async function unlock(context: CliContext, command: Command): Promise<undefined> {
  const { removeAll } = command.opts<UnlockFlags>();
  return await withSession(context, { lock: 'none' }, async ({ repository, signal }) => {
    const removed = await removeStaleLocks(repository, { all: removeAll === true }, signal);
    if (context.options.json) context.terminal.json({ message_type: 'summary', locks_removed: removed.length });
    else if (!context.options.quiet) {
      context.terminal.line(removed.length === 0 ? 'No lock to remove.' : `Removed ${formatCounted(removed.length, removeAll === true ? 'lock' : 'stale lock')}.`);
    }
    return undefined;
  });
}
