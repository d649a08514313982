/** `resume [ID]`: lets one paused job of the agent go on, or all jobs and plans. */
import type { Command } from 'commander';
import { connectToAgent } from '../agent-connection.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { selectJob } from '../job-selector.ts';

export const resumeCommand: CommandModule = {
  examples: [
    { does: 'Everything that was paused', line: 'cyberbackup resume' },
    { does: 'One job', line: 'cyberbackup resume 01JD6Z7V' },
  ],
  configure(command: Command, act: Act) {
    command.argument('[id]', 'the job, as "cyberbackup jobs" shows it, or the beginning of its id (default: all jobs and plans)').action(act(resume));
  },
};

async function resume(context: CliContext, command: Command): Promise<undefined> {
  const [given] = command.args;
  const client = await connectToAgent(context);
  const id = given === undefined ? undefined : await selectJob(client, given);
  const answer = id === undefined ? await client.resume_all() : await client.resume_job({ job_id: id });
  if (context.options.json) context.terminal.json(answer);
  else if (!context.options.quiet) context.terminal.line(id === undefined ? 'All jobs and plans go on.' : `Job ${id} goes on.`);
  return undefined;
}
