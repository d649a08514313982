/**
 * Asks a server for its health ten times a second and looks at its memory, in a thread of its own: the load comes from the
 * main thread, whose event loop would delay the answers. Ends with one message when it is told anything.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { residentMemory } from './process-facts.ts';

export interface ProbeResult {
  /** Milliseconds of each answer. */
  readonly answers: readonly number[];
  /** Bytes; undefined where the system does not tell. */
  readonly peakMemory: number | undefined;
}

const interval = 100;
const { pid, url } = workerData as { readonly pid: number; readonly url: string };
const answers: number[] = [];
let peakMemory = residentMemory(pid);
let stopped = false;
parentPort?.once('message', () => {
  stopped = true;
});

const isStopped = (): boolean => stopped;
while (!isStopped()) {
  const start = performance.now();
  const answer = await fetch(`${url}/health`, { headers: { connection: 'close' } });
  await answer.arrayBuffer();
  answers.push(performance.now() - start);
  const memory = residentMemory(pid);
  if (memory !== undefined && peakMemory !== undefined) peakMemory = Math.max(peakMemory, memory);
  await sleep(interval);
}
parentPort?.postMessage({ answers, peakMemory } satisfies ProbeResult);
