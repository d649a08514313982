/**
 * Workers that are stopped, killed, frozen or left alone, in the middle of a backup. The clock of the supervision stands
 * still, so that a worker which does not end by itself lets the test time out.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { forkWorker } from '../../src/agent/workers/fork-worker.ts';
import { password } from '../../src/cli/testing/cli-process.ts';
import { insideRepository } from '../../src/cli/testing/test-repository.ts';
import { isProcessAlive } from '../../src/core/platform/process-alive.ts';
import { check } from '../../src/core/checker/check.ts';
import { systemClock } from '../../src/core/platform/clock.ts';
import { isStale } from '../../src/core/repository/lock-record.ts';
import { listLocks } from '../../src/core/repository/lock.ts';
import { fromWorker } from '../../src/shared/worker-messages.ts';
import type { FromWorker } from '../../src/shared/worker-protocol.ts';
import { writeIncompressible } from '../../bench/datasets.ts';
import { startHoldingProxy } from '../support/holding-proxy.ts';
import { backupOf, moved, openScene, restoreTo, taskOf, type Scene } from './worker-scene.ts';

const MiB = 1 << 20;
const size = 112 * MiB;
/** KiB/s: the backup takes long enough to be caught in its middle. */
const uploadLimit = 32 * 1024;

let scene: Scene;
let file: string;
let count = 0;
let url: string;

beforeAll(async () => {
  scene = await openScene();
  file = path.join(scene.folder, 'large.bin');
  writeIncompressible(file, size, 'stopping');
});

afterAll(() => scene.close());

async function fresh(): Promise<void> {
  url = await scene.repository(`stop-${++count}`);
}

/** Everything that is stored is intact, and no lock is left but, after a worker that could not remove it, a stale one. */
async function expectClean(left: 'no lock' | 'a stale lock at most' = 'no lock'): Promise<void> {
  await insideRepository(`rest:http://127.0.0.1:${scene.server.port}/stop-${count}/`, async (repository) => {
    const locks = await listLocks(repository);
    expect(left === 'no lock' ? locks : locks.filter((lock) => !('record' in lock && isStale(lock.record, systemClock.now())))).toEqual([]);
    expect((await check(repository, { readData: true }, { clock: systemClock })).errors).toEqual([]);
  });
}

/** Bytes of the packs that an index lists: what the next backup need not send. */
function listedBytes(): Promise<number> {
  return insideRepository(`rest:http://127.0.0.1:${scene.server.port}/stop-${count}/`, async (repository) => {
    await repository.loadIndex();
    const ids = repository.index.packIds();
    let bytes = 0;
    for (let at = 0; at < ids.length; at += 32) bytes += (await repository.store.stat({ type: 'data', name: ids.subarray(at, at + 32).toString('hex') })).size;
    return bytes;
  });
}

function temporaryUploads(): string[] {
  return readdirSync(path.join(scene.folder, 'data'), { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('-temp-'));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(5);
}

describe('stopping a backup of a large file', () => {
  it.each(['cancel', 'pause', 'shutdown'] as const)('by %s closes its connections, keeps the repository valid, and sends nothing again that was stored', async (reason) => {
    await fresh();
    for (const share of [0.2, 0.4]) {
      const listed = await listedBytes();
      const run = scene.start(backupOf(file), url, { uploadLimit });
      // Told to the worker by the server, not only on its disk.
      await run.until((message) => message.type === 'progress' && message.progress.bytesDone > size * share && (message.progress.stages.upload?.bytes_per_second ?? 0) > 0);
      run.worker.stop(reason);
      expect(await run.worker.ended).toEqual({ outcome: 'stopped', reason });
      await until(() => scene.proxy.open() === 0 && temporaryUploads().length === 0);
      // On a computer that does many other things the time of a cancel may be too short to tidy up; then it says so.
      const tidied = !run.of('log').some(({ level }) => level === 'warn');
      if (tidied) expect(await listedBytes()).toBeGreaterThan(listed);
      else expect(reason).toBe('cancel');
      await expectClean(tidied ? 'no lock' : 'a stale lock at most');
    }
    const received = scene.proxy.received();
    const listed = await listedBytes();
    expect(await scene.finish(backupOf(file), url)).toMatchObject({ outcome: 'completed', summary: { files_new: 1 } });
    // What is sent now is what was missing, and a little of requests, seals and trees.
    expect(scene.proxy.received() - received).toBeLessThan(size - listed + MiB);
    await expectClean('a stale lock at most');
  });

  it('ends it also while the server hangs', async () => {
    await fresh();
    const usual = scene.proxy;
    scene.proxy = await startHoldingProxy(scene.server.port);
    const hung = url.replace(String(usual.port), String(scene.proxy.port));
    const run = scene.start(backupOf(file), hung, { uploadLimit });
    await run.until(moved(size / 4));
    scene.proxy.hold();
    run.worker.stop('cancel');
    expect(await run.worker.ended).toEqual({ outcome: 'stopped', reason: 'cancel' });
    await scene.proxy.close();
    scene.proxy = usual;
    // Its lock could not be removed; the process that it names is gone, so it is in nobody's way.
    expect(await scene.finish(backupOf(file), url)).toMatchObject({ outcome: 'completed' });
    await expectClean('a stale lock at most');
  });

  it('ends it also while it connects to a server that hangs', async () => {
    await fresh();
    const usual = scene.proxy;
    scene.proxy = await startHoldingProxy(scene.server.port);
    scene.proxy.hold();
    const run = scene.start(backupOf(file), url.replace(String(usual.port), String(scene.proxy.port)));
    await until(() => scene.proxy.received() > 0);
    run.worker.stop('cancel');
    expect(await run.worker.ended).toEqual({ outcome: 'stopped', reason: 'cancel' });
    await scene.proxy.close();
    scene.proxy = usual;
  });

  it('before it began ends it without a connection', async () => {
    await fresh();
    const before = scene.proxy.received();
    const run = scene.start(backupOf(file), url);
    run.worker.stop('cancel');
    expect(await run.worker.ended).toEqual({ outcome: 'stopped', reason: 'cancel' });
    expect(scene.proxy.received()).toBe(before);
  });
});

it('stopping a restore leaves whole files only, and no lock', async () => {
  await fresh();
  await scene.finish(backupOf(file), url);
  const target = path.join(scene.folder, 'target');
  const run = scene.start(restoreTo(target), url, { downloadLimit: uploadLimit });
  await run.until(moved(size / 4));
  run.worker.stop('cancel');
  expect(await run.worker.ended).toEqual({ outcome: 'stopped', reason: 'cancel' });
  expect(readdirSync(target, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('large.bin'))).toEqual([]);
  await expectClean();
});

describe.skipIf(process.platform === 'win32')('a worker process', () => {
  afterEach(() => expectClean('a stale lock at most'));

  function pidOf(run: ReturnType<Scene['start']>): number {
    const { pid } = run.worker;
    if (pid === undefined) throw new Error('the worker has no process');
    return pid;
  }

  it('that is killed is a crashed attempt, and the next one goes on', async () => {
    await fresh();
    const run = scene.start(backupOf(file), url, { uploadLimit });
    await run.until(moved(size / 4));
    process.kill(pidOf(run), 'SIGKILL');
    expect(await run.worker.ended).toMatchObject({ outcome: 'failed', error: { code: 'WORKER_CRASHED', retryable: true, message: expect.stringContaining('SIGKILL') as string } });
    expect(await scene.finish(backupOf(file), url, { attempt: 2 })).toMatchObject({ outcome: 'completed' });
  });

  it('that is frozen hangs, and is killed', async () => {
    await fresh();
    const run = scene.start(backupOf(file), url, { uploadLimit });
    await run.until(moved(size / 4));
    process.kill(pidOf(run), 'SIGSTOP');
    // What it had sent before is still on its way.
    await pause(200);
    await scene.clock.advance(40_000);
    expect(await run.worker.ended).toMatchObject({ outcome: 'failed', error: { code: 'WORKER_HUNG', retryable: true } });
    expect(await scene.finish(backupOf(file), url, { attempt: 2 })).toMatchObject({ outcome: 'completed' });
  });

  it('leaves Ctrl-C to the agent, and ends in order at SIGTERM', async () => {
    await fresh();
    const run = scene.start(backupOf(file), url, { uploadLimit });
    await run.until(moved(size / 4));
    for (const signal of ['SIGINT', 'SIGHUP'] as const) process.kill(pidOf(run), signal);
    await run.until(moved(size / 2));
    process.kill(pidOf(run), 'SIGTERM');
    expect(await run.worker.ended).toEqual({ outcome: 'stopped', reason: 'shutdown' });
  });

  it('does not outlive its agent', async () => {
    await fresh();
    const agent = path.join(scene.folder, 'agent.ts');
    const here = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
    writeFileSync(
      agent,
      `import { forkWorker } from ${here('../../src/agent/workers/fork-worker.ts')};
const worker = forkWorker()('worker');
worker.onMessage((message) => {
  if (message.type === 'ready') worker.send({ type: 'start', task: JSON.parse(process.argv[2]) });
  if (message.type === 'progress' && message.progress.bytesDone > ${size / 4}) process.stdout.write(worker.pid + '\\n');
});
`,
    );
    const child = spawn(process.execPath, [agent, JSON.stringify(taskOf(backupOf(file), url, { uploadLimit }))], { stdio: ['ignore', 'pipe', 'ignore'] });
    const worker = await new Promise<number>((resolve) => child.stdout.once('data', (text: Buffer) => resolve(Number.parseInt(text.toString(), 10))));
    expect(isProcessAlive(worker)).toBe(true);
    child.kill('SIGKILL');
    await until(() => !isProcessAlive(worker) && scene.proxy.open() === 0);
    await expectClean();
  });

  it('shows no secret to other processes, in its messages, or in what it writes', async () => {
    await fresh();
    const planted = 'planted-in-the-url';
    const secret = url.replace('http://', `http://anna:${planted}@`);
    process.env['CYBERBACKUP_PASSWORD'] = password;
    process.env['AWS_SECRET_ACCESS_KEY'] = planted;
    const run = scene.start(backupOf(file), secret, { uploadLimit });
    delete process.env['CYBERBACKUP_PASSWORD'];
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    await run.until(moved(size / 8));
    const shown = process.platform === 'linux' ? ['cmdline', 'environ', 'comm', 'status'].map((name) => readFileSync(`/proc/${pidOf(run)}/${name}`, 'latin1')).join('\n') : '';
    run.worker.stop('cancel');
    await run.worker.ended;
    for (const text of [shown, JSON.stringify(run.messages)]) {
      expect(text).not.toContain(planted);
      expect(text).not.toContain(password);
    }
  });
});

describe('messages that are none', () => {
  async function answerTo(message: unknown): Promise<{ readonly messages: FromWorker[]; readonly code: number | null }> {
    const worker = forkWorker()('worker');
    const messages: FromWorker[] = [];
    return new Promise((resolve) => {
      worker.onMessage((received) => {
        const parsed = fromWorker.parse(received);
        messages.push(parsed);
        if (parsed.type === 'ready') worker.send(message);
      });
      worker.onExit(({ code }) => resolve({ messages, code }));
    });
  }

  it.each([
    ['a text', 'start'],
    ['an unknown type', { type: 'go' }],
    ['a task without a payload', { type: 'start', task: { ...taskOf(backupOf('/x'), '/r'), payload: undefined } }],
    ['a task with an extra field', { type: 'start', task: { ...taskOf(backupOf('/x'), '/r'), command: 'rm' } }],
    ['a job id with a line break', { type: 'start', task: { ...taskOf(backupOf('/x'), '/r'), jobId: 'a\r\nX: 1' } }],
  ])('end the worker: %s', async (_, message) => {
    const { messages, code } = await answerTo(message);
    const end = messages.at(-1);
    expect(end).toMatchObject({ type: 'end', end: { outcome: 'failed', error: { code: 'INTERNAL', retryable: false } } });
    expect(JSON.stringify(end)).not.toContain(password);
    expect(code).toBe(1);
  });
});
