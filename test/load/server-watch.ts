/** What the server process costs while it is under load: memory, descriptors, and how quickly it says that it is well. */
import { readFileSync, readdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

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
  const descriptorsAtStart = descriptors(pid);
  const healthAnswers: number[] = [];
  let peakMemory = memoryAtStart;
  const stop = new AbortController();
  const watching = (async () => {
    while (!stop.signal.aborted) {
      const start = performance.now();
      const answer = await fetch(`${url}/health`, { headers: { connection: 'close' } });
      await answer.arrayBuffer();
      healthAnswers.push(performance.now() - start);
      peakMemory = larger(peakMemory, residentMemory(pid));
      await sleep(interval);
    }
  })();
  try {
    await body();
  } finally {
    stop.abort();
    await watching;
  }
  const descriptorsAtEnd = await settledDescriptors(pid, descriptorsAtStart);
  return { peakMemory, memoryAtStart, memoryAtEnd: residentMemory(pid), descriptorsAtStart, descriptorsAtEnd, healthAnswers };
}

/** Waits until no more descriptors are open than before, for a while. */
async function settledDescriptors(pid: number, before: number | undefined): Promise<number | undefined> {
  const deadline = performance.now() + settleTime;
  for (;;) {
    const now = descriptors(pid);
    if (now === undefined || before === undefined || now <= before || performance.now() >= deadline) return now;
    await sleep(interval);
  }
}

export function residentMemory(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function descriptors(pid: number): number | undefined {
  return process.platform === 'linux' ? readdirSync(`/proc/${pid}/fd`).length : undefined;
}

function larger(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.max(a, b);
}
