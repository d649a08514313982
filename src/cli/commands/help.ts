/** `help [COMMAND]`: the overview, or one command in full with examples. */
import { Command } from 'commander';
import { findCommand, unknownCommand, usesRepository, type Act, type CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { addGlobalOptions } from '../global-options.ts';
import { configureHelp, overview } from '../help-text.ts';

export const helpCommand: CommandModule = {
  examples: [
    { does: 'All commands', line: 'cyberbackup help' },
    { does: 'One command with its options and examples', line: 'cyberbackup help backup' },
  ],
  configure(command: Command, act: Act) {
    command.argument('[command]', 'the command to explain').argument('[subcommand]').action(act(explain));
  },
};

async function explain(context: CliContext, command: Command): Promise<undefined> {
  const [name, subcommand] = command.args;
  if (name === undefined) {
    context.terminal.lines(overview(context.terminal, context.programVersion));
    return undefined;
  }
  const entry = findCommand(name.replace(/^--/, ''));
  if (entry === undefined) throw unknownCommand(name);
  const module = await entry.load();
  const program = new Command('cyberbackup').helpCommand(false);
  addGlobalOptions(program);
  const described = program.command(entry.name).description(entry.summary);
  configureHelp(described, context.terminal, { examples: module.examples, usesRepository: usesRepository(entry) });
  module.configure(described, () => async () => undefined);
  const shown = described.commands.find((one) => one.name() === subcommand) ?? described;
  shown.outputHelp();
  return undefined;
}
