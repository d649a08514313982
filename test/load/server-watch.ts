/** What the server process costs while it is under load: memory, descriptors, and how quickly it says that it is well. */
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { ProbeResult } from './health-probe.ts';
import { openDescriptors, residentMemory } from './process-facts.ts';

export interface ServerCost {
  /** Bytes; undefined where the system does not tell. */
  readonly peakMemory: number | undefined;
  readonly memoryAtStart: number | undefined;
  readonly memoryAtEnd: number | undefined;
  readonly descriptorsAtStart: number | undefined;
  readonly descriptorsAtEnd: number | undefined;
  /** Milliseconds of each answer of the health route. */
  readonly healthAnswers: readonly number[];
}

const interval = 100;
/** A server closes kept-alive connections a moment after their client did. */
const settleTime = 5000;

/** Watches while `body` runs. */
export async function watchServer(pid: number, url: string, body: () => Promise<void>): Promise<ServerCost> {
  const memoryAtStart = residentMemory(pid);
  const descriptorsAtStart = openDescriptors(pid);
  const probe = new Worker(new URL('health-probe.ts', import.meta.url), { workerData: { pid, url } });
  const told = once(probe, 'message') as Promise<[ProbeResult]>;
  const [outcome] = await Promise.allSettled([body()]);
  probe.postMessage('stop');
  const [{ answers, peakMemory }] = await told;
  if (outcome.status === 'rejected') throw outcome.reason;
  const descriptorsAtEnd = await settledDescriptors(pid, descriptorsAtStart);
  return { peakMemory, memoryAtStart, memoryAtEnd: residentMemory(pid), descriptorsAtStart, descriptorsAtEnd, healthAnswers: answers };
}

/** Waits until no more descriptors are open than before, for a while. */
async function settledDescriptors(pid: number, before: number | undefined): Promise<number | undefined> {
  const deadline = performance.now() + settleTime;
  for (;;) {
    const now = openDescriptors(pid);
    if (now === undefined || before === undefined || now <= before || performance.now() >= deadline) return now;
    await sleep(interval);
  }
}
