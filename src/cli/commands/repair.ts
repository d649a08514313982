/** `repair index|packs|snapshots`: brings back what can be brought back. One module a word. */
import type { Command } from 'commander';
import type { Act, CommandModule, Example } from '../command-table.ts';
import { repairIndexWord } from './repair-index.ts';
import { repairPacksWord } from './repair-packs.ts';
import { repairSnapshotsWord } from './repair-snapshots.ts';

/** One of the command's words, which is a command of its own. */
export interface RepairWord {
  readonly name: string;
  readonly summary: string;
  readonly example: Example;
  configure(command: Command, act: Act): void;
}

const words: readonly RepairWord[] = [repairIndexWord, repairPacksWord, repairSnapshotsWord];

export const repairCommand: CommandModule = {
  examples: words.map(({ example }) => example),
  configure(command: Command, act: Act) {
    command.helpCommand(false);
    for (const word of words) word.configure(command.command(word.name).description(word.summary), act);
  },
};
