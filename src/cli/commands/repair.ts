/** `repair WORD`: brings back what can be brought back; one module a word. */
import type { Command } from 'commander';
import type { Act, CommandModule } from '../command-table.ts';
import { configureRepairSnapshots, repairSnapshotsExamples } from './repair-snapshots.ts';

const words: Readonly<Record<string, (command: Command, act: Act) => void>> = {
  snapshots: configureRepairSnapshots,
};

export const repairCommand: CommandModule = {
  examples: [...repairSnapshotsExamples],
  configure(command: Command, act: Act) {
    command.helpCommand(false);
    for (const [word, configure] of Object.entries(words)) configure(command.command(word), act);
  },
};
