/** `cancel-all`: stops every job of the agent at the same time. */
import type { Command } from 'commander';
import { connectToAgent } from '../agent-connection.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { formatCounted } from '../output/format.ts';

export const cancelAllCommand: CommandModule = {
  examples: [
    { does: 'Stop everything that runs, waits or is paused', line: 'cyberbackup cancel-all' },
    { does: 'And note why', line: 'cyberbackup cancel-all --reason "the drive has to go"' },
  ],
  configure(command: Command, act: Act) {
    command.option('--reason <text>', 'why, kept with each job').action(act(cancelAll));
  },
};

async function cancelAll(context: CliContext, command: Command): Promise<number> {
  const { reason } = command.opts<{ reason?: string }>();
  const client = await connectToAgent(context);
  const answer = await client.cancel_all(reason === undefined ? {} : { reason });
  const { terminal, options } = context;
  const results = Object.entries(answer.results);
  const others = results.filter(([, cancelled]) => !cancelled);
  if (options.json) terminal.json(answer);
  else if (!options.quiet) terminal.line(results.length === 0 ? 'There is no job to cancel.' : `Cancelled ${formatCounted(results.length - others.length, 'job')}.`);
  for (const [id] of others) terminal.message(`cyberbackup: Job ${id} could not be cancelled. See "cyberbackup jobs".`);
  return others.length === 0 ? 0 : 1;
}
