/**
 * Ends workers that an earlier agent left alive, so that none of their jobs ever runs twice at once.
 *
 * A worker whose channel closes stops by itself; this waits for that, and helps where it does not happen. A process is
 * touched only where its start time says that it is the worker that was recorded, never because of its id alone. Where the
 * system does not tell start times (Windows), a living process of that id is only waited for, and not for long: it may be
 * any other. What is not our child announces no end, so this looks again and again while there is one.
 */
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import { isProcessAlive } from '../../core/platform/process-alive.ts';
import { processStart } from '../../core/platform/process-start.ts';
import type { JobRecord } from '../queue/job-record.ts';

const lookAgain = 50;
const termAfter = 1000;
const killAfter = 6000;
const giveUpAfter = 15_000;

type LeftoverJob = Pick<JobRecord, 'id' | 'workerPid' | 'workerStart'>;

/** Resolves when no worker of these jobs is left. */
export async function endLeftoverWorkers(jobs: readonly LeftoverJob[], clock: Clock, logger: Logger): Promise<void> {
  await Promise.all(jobs.map((job) => endWorker(job, clock, logger)));
}

async function endWorker({ id, workerPid: pid, workerStart }: LeftoverJob, clock: Clock, logger: Logger): Promise<void> {
  if (pid === null) return;
  const isThere = (): boolean => (workerStart === null ? isProcessAlive(pid) : processStart(pid) === workerStart);
  const begin = clock.monotonic();
  let asked = false;
  let killed = false;
  while (isThere()) {
    const waited = clock.monotonic() - begin;
    if (waited >= giveUpAfter) {
      logger.warn({ job_id: id, pid }, 'a process that may be an old worker is still there');
      return;
    }
    if (workerStart !== null && waited >= termAfter && !asked) {
      asked = true;
      logger.warn({ job_id: id, pid }, 'old worker terminated');
      signal(pid, 'SIGTERM');
    } else if (workerStart !== null && waited >= killAfter && !killed) {
      killed = true;
      logger.warn({ job_id: id, pid }, 'old worker killed');
      signal(pid, 'SIGKILL');
    }
    await clock.sleep(lookAgain);
  }
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It ended in this moment.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
