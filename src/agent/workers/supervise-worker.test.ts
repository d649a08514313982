/** Supervision on a clock that is moved by hand, with a process that does what the test says. */
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import { superviseWorkers } from './supervise-worker.ts';
import { sampleTask } from './testing/sample-task.ts';
import type { RunningWorker, WorkerProcess } from './worker-port.ts';

type Exit = Parameters<Parameters<WorkerProcess['onExit']>[0]>[0];

class ScriptedProcess implements WorkerProcess {
  readonly pid = 4711;
  readonly sent: { type: string }[] = [];
  readonly signals: [string, number][] = [];
  say: (message: unknown) => void = () => undefined;
  exit: (exit: Partial<Exit>) => void = () => undefined;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  send(message: unknown): void {
    this.sent.push(message as { type: string });
  }
  onMessage(listener: (message: unknown) => void): void {
    this.say = listener;
  }
  onExit(listener: (exit: Exit) => void): void {
    this.exit = (exit) => listener({ code: null, signal: null, stderr: '', ...exit });
  }
  terminate(): void {
    this.signals.push(['terminate', this.#clock.monotonic()]);
  }
  kill(): void {
    this.signals.push(['kill', this.#clock.monotonic()]);
  }
}

interface Scene {
  readonly clock: FakeClock;
  readonly process: ScriptedProcess;
  readonly worker: RunningWorker;
  readonly heard: { type: string }[];
  memoryKills: number;
}

function scene(): Scene {
  const clock = new FakeClock();
  const process = new ScriptedProcess(clock);
  const heard: { type: string }[] = [];
  const state = { memoryKills: 3 };
  const worker = superviseWorkers({ launch: () => process, clock, memoryKills: () => state.memoryKills })(sampleTask, (message) => heard.push(message));
  return Object.assign(state, { clock, process, worker, heard });
}

const stopped = { type: 'end', end: { outcome: 'stopped', reason: 'cancel' } };
const completed = { type: 'end', end: { outcome: 'completed', partial: false, snapshotId: null, summary: {}, message: 'done' } };
const itemError = { type: 'item-error', item: '/f', during: 'scan', message: 'no' };

describe('a supervised worker', () => {
  it('gets its task once it is ready, and is heard until its end', async () => {
    const { process, worker, heard, clock } = scene();
    expect(worker.pid).toBe(4711);
    expect(process.sent).toEqual([]);
    process.say({ type: 'ready' });
    process.say({ type: 'ready' });
    expect(process.sent).toEqual([{ type: 'start', task: sampleTask }]);
    process.say({ type: 'heartbeat', rss: 1, eventLoopDelayMs: 0 });
    process.say(itemError);
    process.say(completed);
    process.say(itemError);
    expect(heard).toEqual([itemError]);
    let ended = false;
    void worker.ended.then(() => (ended = true));
    await setImmediate();
    expect(ended).toBe(false);
    process.exit({ code: 0 });
    expect(await worker.ended).toEqual(completed.end);
    await setImmediate();
    expect(clock.sleeping).toBe(0);
    worker.stop('cancel');
    expect(process.sent).toHaveLength(1);
  });

  it.each([
    ['not a message', 'hello'],
    ['an unknown type', { type: 'shout' }],
    ['an extra field', { type: 'ready', more: 1 }],
    ['a wrong value', { type: 'heartbeat', rss: 'much', eventLoopDelayMs: 0 }],
    ['an unknown code', { type: 'end', end: { outcome: 'failed', error: { code: 'NONE', message: '', retryable: true } } }],
  ])('that sends %s is ended', async (_, message) => {
    const { process, worker, heard, clock } = scene();
    process.say(message);
    process.say(itemError);
    await clock.advance(0);
    expect(process.signals).toEqual([['terminate', 0]]);
    await clock.advance(5000);
    expect(process.signals.at(-1)).toEqual(['kill', 5000]);
    process.exit({ signal: 'SIGKILL' });
    expect(await worker.ended).toMatchObject({ outcome: 'failed', error: { code: 'WORKER_CRASHED', message: expect.stringContaining('does not know') as string } });
    expect(heard).toEqual([]);
  });

  it('hangs when nothing is heard of it for 30 s', async () => {
    const { process, worker, clock } = scene();
    process.say({ type: 'ready' });
    await clock.advance(20_000);
    process.say({ type: 'heartbeat', rss: 1, eventLoopDelayMs: 0 });
    await clock.advance(29_000);
    expect(process.signals).toEqual([]);
    await clock.advance(1000);
    expect(process.signals).toEqual([['terminate', 50_000]]);
    await clock.advance(5000);
    expect(process.signals.at(-1)).toEqual(['kill', 55_000]);
    process.exit({ signal: 'SIGKILL' });
    expect(await worker.ended).toMatchObject({ outcome: 'failed', error: { code: 'WORKER_HUNG', retryable: true } });
    await setImmediate();
    expect(clock.sleeping).toBe(0);
  });

  it('is asked to stop, terminated after 5 s and killed after 10 s', async () => {
    const { process, worker, clock } = scene();
    process.say({ type: 'ready' });
    worker.stop('pause');
    await clock.advance(2000);
    worker.stop('cancel');
    expect(process.sent.slice(1)).toEqual([{ type: 'stop', reason: 'pause' }, { type: 'stop', reason: 'cancel' }]);
    await clock.advance(2999);
    expect(process.signals).toEqual([]);
    await clock.advance(7001);
    expect(process.signals).toEqual([['terminate', 5000], ['kill', 10_000]]);
    process.exit({ signal: 'SIGKILL' });
    expect(await worker.ended).toEqual({ outcome: 'stopped', reason: 'cancel' });
  });

  it('stopped before it was ready gets no task', async () => {
    const { process, worker } = scene();
    worker.stop('cancel');
    process.say({ type: 'ready' });
    expect(process.sent).toEqual([{ type: 'stop', reason: 'cancel' }]);
    process.say(stopped);
    process.exit({ code: 0 });
    expect(await worker.ended).toEqual(stopped.end);
  });

  it('that was done before it heard of the stop is done', async () => {
    const { process, worker } = scene();
    process.say({ type: 'ready' });
    worker.stop('cancel');
    process.say(completed);
    process.exit({ code: 0 });
    expect(await worker.ended).toEqual(completed.end);
  });

  it('that does not go after its end is ended by force', async () => {
    const { process, worker, clock } = scene();
    process.say(completed);
    await clock.advance(60_000);
    expect(process.signals).toEqual([['terminate', 5000], ['kill', 10_000]]);
    process.exit({ signal: 'SIGKILL' });
    expect(await worker.ended).toEqual(completed.end);
  });

  it('killed by the system for lack of memory says so', async () => {
    const at = scene();
    at.memoryKills = 4;
    at.process.exit({ signal: 'SIGKILL' });
    expect(await at.worker.ended).toMatchObject({ error: { code: 'WORKER_OUT_OF_MEMORY' } });
    const other = scene();
    other.process.exit({ signal: 'SIGKILL' });
    expect(await other.worker.ended).toMatchObject({ error: { code: 'WORKER_CRASHED' } });
  });

  it('that cannot be launched is a failed attempt', async () => {
    const launch = (): WorkerProcess => {
      throw new Error('no room');
    };
    const worker = superviseWorkers({ launch, clock: new FakeClock(), memoryKills: () => undefined })(sampleTask, () => undefined);
    expect(worker.pid).toBeUndefined();
    worker.stop('cancel');
    expect(await worker.ended).toMatchObject({ outcome: 'failed', error: { code: 'WORKER_CRASHED', message: expect.stringContaining('no room') as string } });
  });
});
