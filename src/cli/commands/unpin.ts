/** `unpin`: takes the protection of `pin` away. */
import type { Command } from 'commander';
import type { Act, CommandModule } from '../command-table.ts';
import { setPins } from '../pinning.ts';

export const unpinCommand: CommandModule = {
  examples: [{ does: 'Let the rules decide about a snapshot again', line: 'cyberbackup unpin 1f3a' }],
  configure(command: Command, act: Act) {
    command.argument('<snapshot...>', 'begins of ids, or "latest"').action(act((context, { args }) => setPins(context, args, false)));
  },
};
