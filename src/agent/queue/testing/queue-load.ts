/**
 * A child process that works on a queue without end, until it is killed. Tells each job on standard output: `+id` after its
 * enqueue was acknowledged, `-id` before it is taken out of the history.
 */
import { writeSync } from 'node:fs';
import { systemClock } from '../../../core/platform/clock.ts';
import { silentLogger } from '../../../core/platform/logger.ts';
import { openQueue } from '../open-queue.ts';
import { sampleJob, sampleProgress } from './sample-jobs.ts';

const [file = '', seed = '1'] = process.argv.slice(2);
const { queue, damage } = openQueue(file, { clock: systemClock, logger: silentLogger });
if (damage !== undefined) writeSync(1, `!${damage.reason}\n`);
queue.recover();

let state = Number(seed);
/** Park and Miller's generator: the same load for the same seed. */
const random = (below: number): number => {
  state = (state * 48_271) % 2_147_483_647;
  return state % below;
};

for (;;) {
  const { id } = queue.enqueue({ ...sampleJob, priority: random(3), repositoryId: `r${random(3)}` });
  writeSync(1, `+${id}\n`);
  const job = queue.claim({ total: 4, perRepository: 2 });
  if (job === undefined) {
    queue.recover();
    continue;
  }
  queue.workerStarted(job.id, process.pid, 'now');
  queue.checkpoint(job.id, { ...sampleProgress, file: 'x'.repeat(random(3000)), percent: random(100) });
  const fate = random(6);
  if (fate === 0) queue.fail(job.id, { code: 'WORKER_CRASHED', message: 'crashed' }, systemClock.now() + random(50));
  else if (fate === 1) queue.pause(job.id, systemClock.now() + random(50));
  else if (fate === 2) queue.cancel(job.id, 'load');
  else if (fate === 3) {
    queue.complete(job.id, { phase: 'COMPLETED', snapshotId: null, summary: {}, message: '' });
    if (random(2) === 0) {
      writeSync(1, `-${job.id}\n`);
      queue.remove(job.id);
    }
  }
  queue.resumeDue();
}
