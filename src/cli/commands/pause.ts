/** `pause [ID]`: lets one job of the agent rest, or all jobs and plans, perhaps until a time. */
import type { Command } from 'commander';
import { Failure } from '../../shared/errors.ts';
import { connectToAgent } from '../agent-connection.ts';
import type { Act, CommandModule } from '../command-table.ts';
import type { CliContext } from '../context.ts';
import { selectJob } from '../job-selector.ts';
import { formatTime } from '../output/format.ts';
import { parseUntil } from '../parse-until.ts';

export const pauseCommand: CommandModule = {
  examples: [
    { does: 'Everything, until resumed', line: 'cyberbackup pause' },
    { does: 'Everything, for two hours', line: 'cyberbackup pause --until 2h' },
    { does: 'One job', line: 'cyberbackup pause 01JD6Z7V' },
  ],
  configure(command: Command, act: Act) {
    command
      .argument('[id]', 'the job, as "cyberbackup jobs" shows it, or the beginning of its id (default: all jobs and plans)')
      .option('--until <time>', 'go on by themselves then: 21:30, 45m, 2h, 3d or 2026-11-30T08:00')
      .action(act(pause));
  },
};

async function pause(context: CliContext, command: Command): Promise<undefined> {
  const { terminal, options, clock } = context;
  const [given] = command.args;
  const { until } = command.opts<{ until?: string }>();
  if (given !== undefined && until !== undefined) throw new Failure('USAGE', { what: 'A time can be given for everything only, not for one job', next: 'Leave the job out, or --until' });
  const end = until === undefined ? undefined : new Date(parseUntil(until, clock.now())).toISOString();
  const client = await connectToAgent(context);
  const id = given === undefined ? undefined : await selectJob(client, given);
  const answer = id === undefined ? await client.pause_all(end === undefined ? {} : { until: end }) : await client.pause_job({ job_id: id });
  if (options.json) terminal.json(answer);
  else if (!options.quiet) terminal.line(`${id === undefined ? 'All jobs and plans rest' : `Job ${id} rests`} ${end === undefined ? 'until resumed' : `until ${formatTime(end)}`}.`);
  return undefined;
}
