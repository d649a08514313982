/** An agent with a very long queue: what concerns all jobs neither stops it nor loses a listener. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openQueue } from '../../src/agent/queue/open-queue.ts';
import { sampleJob } from '../../src/agent/queue/testing/sample-jobs.ts';
import { systemClock } from '../../src/core/platform/clock.ts';
import { silentLogger } from '../../src/core/platform/logger.ts';
import { AgentProcess } from '../support/agent-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const jobs = 10_000;

it('R6, R7: ten thousand waiting jobs are listed and cancelled while the API goes on, and each is told of', async () => {
  const home = temporaryFolder('many-jobs');
  const { queue } = openQueue(path.join(home, 'cyberbackup', 'queue.sqlite'), { clock: systemClock, logger: silentLogger });
  const ids = queue.together(() => Array.from({ length: jobs }, () => queue.enqueue(sampleJob).id));
  // Paused, so that none of them begins.
  queue.pauseIdle(ids, null);
  queue.close();
  const agent = await AgentProcess.start(home);
  try {
    const { socket, events } = await agent.listen();
    expect(await agent.must<unknown[]>('GET', '/api/cancelable_jobs')).toHaveLength(jobs);
    const over = new AbortController();
    const cancelling = agent.must<{ results: Record<string, boolean> }>('POST', '/api/cancel_all', { reason: 'enough' }).finally(() => over.abort());
    let answers = 0;
    while (!over.signal.aborted) {
      await agent.must('GET', '/health');
      answers++;
    }
    expect(Object.values((await cancelling).results).filter(Boolean)).toHaveLength(jobs);
    // An event loop that does one thing answers once.
    expect(answers).toBeGreaterThan(5);
    while (!events.some(({ name }) => name === 'jobs_cancelled')) await sleep(10);
    expect([socket.connected, events.filter(({ name }) => name === 'job_cancelled').length]).toEqual([true, jobs]);
    expect(await agent.must('GET', '/api/cancelable_jobs')).toEqual([]);
    socket.disconnect();
  } finally {
    await agent.kill('SIGTERM');
    rmSync(home, { recursive: true });
  }
});
