/** `cancel ID`: stops one job of the agent, and waits until it has stopped. */
import type { Command } from 'commander';
import { connectToAgent } from '../agent-connection.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { selectJob } from '../job-selector.ts';

export const cancelCommand: CommandModule = {
  examples: [
    { does: 'Stop a job; what it stored stays stored', line: 'cyberbackup cancel 01JD6Z7V' },
    { does: 'And note why', line: 'cyberbackup cancel 01JD6Z7V --reason "wrong folder"' },
  ],
  configure(command: Command, act: Act) {
    command.argument('<id>', 'the job, as "cyberbackup jobs" shows it, or the beginning of its id').option('--reason <text>', 'why, kept with the job').action(act(cancel));
  },
};

async function cancel(context: CliContext, command: Command): Promise<undefined> {
  const [id = ''] = command.args;
  const { reason } = command.opts<{ reason?: string }>();
  const client = await connectToAgent(context);
  const answer = await client.cancel_job({ job_id: await selectJob(client, id), ...(reason === undefined ? {} : { reason }) });
  if (context.options.json) context.terminal.json(answer);
  else if (!context.options.quiet) context.terminal.line(`Cancelled job ${answer.job_id}.`);
  return undefined;
}
