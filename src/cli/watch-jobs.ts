/** `jobs --watch`: the table drawn anew while it changes; elsewhere a line, or JSON, for each job that changed. */
import type { Client } from '../shared/contract/client.ts';
import type { CheckedInput } from '../shared/contract/operations.ts';
import type { Job } from '../shared/contract/schemas/job.ts';
import type { CliContext } from './context.ts';
import { jobLine, jobTable } from './job-table.ts';

const every = 500;

/** Ends when the person interrupts it, or the agent is gone. */
export async function watchJobs(context: CliContext, client: Client, filter: CheckedInput<'list_jobs'>): Promise<void> {
  const show = context.options.json || !context.terminal.interactive ? lineByLine(context) : inPlace(context);
  while (!context.signal.aborted) {
    try {
      const { jobs } = await client.list_jobs(filter);
      show(jobs);
      await context.clock.sleep(every, context.signal);
    } catch (error) {
      if (!context.signal.aborted) throw error;
    }
  }
}

function inPlace({ terminal }: CliContext): (jobs: readonly Job[]) => void {
  let drawn = 0;
  return (jobs) => {
    const lines = jobs.length === 0 ? ['No job yet.'] : jobTable(terminal, jobs);
    terminal.write(`${'\u001b[1A\u001b[2K'.repeat(drawn)}${lines.join('\n')}\n`);
    drawn = lines.length;
  };
}

function lineByLine({ terminal, options }: CliContext): (jobs: readonly Job[]) => void {
  const shown = new Map<string, string>();
  return (jobs) => {
    for (const job of jobs.toReversed()) {
      // A script gets every change, a reader of a log what happens to a job.
      const state = options.json ? JSON.stringify(job) : `${job.phase} ${job.attempt}`;
      if (shown.get(job.job_id) === state) continue;
      shown.set(job.job_id, state);
      if (options.json) terminal.json(job);
      else terminal.line(jobLine(job, terminal.style));
    }
  };
}
