/** `pin`: protects snapshots from every rule and from `forget` by id. */
import type { Command } from 'commander';
import type { Act, CommandModule } from '../command-table.ts';
import { setPins } from '../pinning.ts';

export const pinCommand: CommandModule = {
  examples: [
    { does: 'Keep the newest snapshot whatever the rules say', line: 'cyberbackup pin latest' },
    { does: 'Which are pinned', line: 'cyberbackup snapshots --tag pinned' },
  ],
  configure(command: Command, act: Act) {
    command.argument('<snapshot...>', 'begins of ids, or "latest"').action(act((context, { args }) => setPins(context, args, true)));
  },
};
