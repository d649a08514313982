/** `jobs`: what the agent does, did and will do. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { jobState } from '../../shared/contract/schemas/job.ts';
import type { JobState } from '../../shared/contract/schemas/job.ts';
import { connectToAgent } from '../agent-connection.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { jobTable } from '../job-table.ts';
import { watchJobs } from '../watch-jobs.ts';

interface JobsFlags {
  readonly state?: JobState;
  readonly limit: number;
  readonly watch?: boolean;
}

export const jobsCommand: CommandModule = {
  examples: [
    { does: 'The newest jobs', line: 'cyberbackup jobs' },
    { does: 'What runs now, as it goes on', line: 'cyberbackup jobs --state running --watch' },
    { does: 'For a program', line: 'cyberbackup jobs --limit 100 --json' },
  ],
  configure(command: Command, act: Act) {
    command
      .addOption(new Option('--state <state>', 'only jobs in this state').choices(jobState.options))
      .option('--limit <n>', 'at most so many, the newest', parseLimit, 20)
      .option('--watch', 'go on showing them as they change')
      .action(act(jobs));
  },
};

function parseLimit(text: string): number {
  const value = Number(text);
  if (!/^\d{1,4}$/.test(text) || value < 1 || value > 1000) throw new InvalidArgumentError('A number from 1 to 1000 is expected.');
  return value;
}

async function jobs(context: CliContext, command: Command): Promise<undefined> {
  const { state, limit, watch } = command.opts<JobsFlags>();
  const filter = { limit, ...(state === undefined ? {} : { state }) };
  const client = await connectToAgent(context);
  if (watch === true) {
    await watchJobs(context, client, filter);
    return undefined;
  }
  const { terminal, options } = context;
  const { jobs: found } = await client.list_jobs(filter);
  if (options.json) terminal.json(found);
  else if (found.length > 0) terminal.lines(jobTable(terminal, found));
  else if (!options.quiet) terminal.line(state === undefined ? 'No job yet.' : `No job is ${state}.`);
  return undefined;
}
