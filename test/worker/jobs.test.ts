/** Backup, restore and check as jobs, and the ways in which they fail. */
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acquireLock } from '../../src/core/repository/lock.ts';
import { insideRepository, makeTestRepository } from '../../src/cli/testing/test-repository.ts';
import { startFaultyServer } from '../../src/core/storage/testing/faulty-server.ts';
import { destinationHealth } from '../../src/shared/contract/schemas/connection-health.ts';
import { compareTrees } from '../support/compare-trees.ts';
import { freePort } from '../support/free-port.ts';
import { noise } from '../support/noise.ts';
import { backupOf, openScene, phases, restoreTo, traceparent, type Scene } from './worker-scene.ts';

const MiB = 1 << 20;

let scene: Scene;
let source: string;
let url: string;

beforeAll(async () => {
  scene = await openScene();
  source = path.join(scene.folder, 'source');
  mkdirSync(path.join(source, 'folder'), { recursive: true });
  for (let i = 0; i < 4; i++) writeFileSync(path.join(source, `${i}.bin`), noise(6 * MiB, i));
  writeFileSync(path.join(source, 'folder', 'text ü.txt'), 'text\n'.repeat(10_000));
  symlinkSync('text ü.txt', path.join(source, 'folder', 'link'));
  url = await scene.repository('jobs');
});

afterAll(() => scene.close());

describe('a backup', () => {
  it('tells its phases, its progress up to the end, and the health of its destination', async () => {
    const run = scene.start(backupOf(source), url, { uploadLimit: 32 * 1024 });
    const end = await run.worker.ended;
    expect(end).toMatchObject({ outcome: 'completed', partial: false, snapshotId: expect.stringMatching(/^[0-9a-f]{64}$/) as string, summary: { files_new: 5, errors: 0 }, message: '5 files saved' });
    expect(phases(run.messages)[0]).toBe('CONNECTING');
    expect(phases(run.messages).at(-1)).toBe('FINALIZING');
    expect(phases(run.messages)).toEqual(['CONNECTING', 'SCANNING', 'TRANSFERRING', 'FINALIZING'].filter((phase) => phases(run.messages).includes(phase as never)));
    const last = run.of('progress').at(-1)?.progress;
    expect(last).toMatchObject({ percent: 100, filesDone: 5, filesTotal: 5, errorCount: 0 });
    expect(last?.bytesDone).toBe(last?.bytesTotal);
    for (const { progress } of run.of('progress').slice(1)) {
      expect(Object.keys(progress.stages).sort()).toEqual(['chunk', 'compress', 'encrypt', 'read', 'scan', 'upload']);
    }
    expect(run.of('progress').some(({ progress }) => (progress.stages.read?.bytes_per_second ?? 0) > 0)).toBe(true);
    const health = run.of('destination').at(-1)?.health;
    expect(destinationHealth.parse(health)).toMatchObject({ repository_id: 'repository', active: 0, failures: 0, last_error: null });
    expect(health?.bytes_out).toBeGreaterThan(24 * MiB);
    // While it runs, and not only at its end: what is told is what moved since the last time.
    const told = run.of('metrics');
    expect(told.length).toBeGreaterThan(1);
    const sum = (name: string): number => told.reduce((all, { counters }) => all + (counters[name] ?? 0), 0);
    expect([sum('storage_operations_total'), sum('storage_sent_bytes_total'), sum('storage_received_bytes_total'), sum('storage_failures_total')]).toEqual([health?.operations, health?.bytes_out, health?.bytes_in, 0]);
    const times = (name: string): number[] => told.flatMap(({ timers }) => timers[name] ?? []);
    // Two or more packs, tree pack, index, snapshot, lock.
    expect(times('storage_put_ms').length).toBeGreaterThanOrEqual(5);
    expect(times('storage_put_ms').filter((milliseconds) => milliseconds > 0).length).toBeGreaterThan(0);
    expect(run.of('destination').every(({ health: { latency_ms: latency, operations } }) => operations === 0 || latency !== null)).toBe(true);
  });

  it('names what it could not read, and is done in part', async () => {
    // A file of the kernel that is listed and that nobody can read from its beginning.
    const run = scene.start(backupOf(path.join(source, 'folder'), '/proc/self/mem'), url);
    const end = await run.worker.ended;
    expect(end).toMatchObject({ outcome: 'completed', partial: true, snapshotId: expect.any(String) as string, message: expect.stringContaining('could not be read') as string });
    expect(run.of('item-error')).toEqual([{ type: 'item-error', item: '/proc/self/mem', during: 'archival', message: expect.any(String) as string }]);
  });

  it('leaves out what a preset and a pattern name', async () => {
    const place = path.join(scene.folder, 'presets');
    for (const name of ['.cache', 'kept']) {
      mkdirSync(path.join(place, name), { recursive: true });
      writeFileSync(path.join(place, name, 'file'), name);
    }
    writeFileSync(path.join(place, 'x.tmp'), '');
    const end = await scene.finish({ kind: 'backup', paths: [place], tags: [], excludes: { presets: ['caches'], patterns: ['*.tmp'], ignore_case_patterns: [], one_file_system: false } }, url);
    expect(end).toMatchObject({ outcome: 'completed', summary: { files_new: 1 } });
  });

  it.each([
    ['a path that is not absolute', { ...backupOf('source') }, 'INVALID_INPUT'],
    ['a path that does not exist', { ...backupOf('/does/not/exist') }, 'PATH_NOT_FOUND'],
  ])('of %s fails and is not tried again', async (_, payload, code) => {
    expect(await scene.finish(payload, url)).toMatchObject({ outcome: 'failed', error: { code, retryable: false } });
  });
});

describe('a restore', () => {
  it('brings everything back, verified', async () => {
    const own = await scene.repository('restore');
    await scene.finish(backupOf(source), own);
    const target = path.join(scene.folder, 'restored');
    const run = scene.start(restoreTo(target), own, { downloadLimit: 64 * 1024 });
    expect(await run.worker.ended).toMatchObject({ outcome: 'completed', partial: false, summary: { files_restored: 5, errors: 0 }, message: '5 files restored' });
    expect(phases(run.messages).at(-1)).toBe('VERIFYING');
    expect(run.of('progress').at(-1)?.progress).toMatchObject({ percent: 100, filesDone: 5 });
    expect(run.of('progress').some(({ progress }) => (progress.stages.download?.busy ?? 0) > 0)).toBe(true);
    expect(await compareTrees(source, path.join(target, source))).toEqual([]);
  });

  it('R19: names what is damaged, and is done in part', async () => {
    const own = await scene.repository('damaged');
    await scene.finish(backupOf(source), own);
    removeLargestPack('damaged');
    const run = scene.start(restoreTo(path.join(scene.folder, 'in part')), own);
    expect(await run.worker.ended).toMatchObject({ outcome: 'completed', partial: true, message: expect.stringContaining('not restored') as string });
    expect(run.of('item-error').length).toBeGreaterThan(0);
    const check = scene.start({ kind: 'check', read_data_percent: 0 }, own);
    expect(await check.worker.ended).toMatchObject({ outcome: 'failed', error: { code: 'CHECK_FAILED', retryable: false, message: expect.stringMatching(/pack .* is missing|missing/) as string } });
    expect(check.of('item-error').length).toBeGreaterThan(0);
  });

  it.each([
    ['an unknown snapshot', { snapshot: 'ffffffff' }, 'SNAPSHOT_NOT_FOUND'],
    ['a target that is not absolute', { target: 'here' }, 'INVALID_INPUT'],
  ])('of %s fails and is not tried again', async (_, change, code) => {
    const payload = { ...restoreTo(path.join(scene.folder, 'none')), ...change };
    expect(await scene.finish(payload as typeof payload & { kind: 'restore' }, url)).toMatchObject({ outcome: 'failed', error: { code, retryable: false } });
  });
});

describe('a check', () => {
  it('reads every stored byte where it is asked to', async () => {
    const run = scene.start({ kind: 'check', read_data_percent: 100 }, url);
    expect(await run.worker.ended).toMatchObject({ outcome: 'completed', partial: false, snapshotId: null, summary: { num_errors: 0, bytes_read: expect.any(Number) as number } });
    expect(phases(run.messages)).toEqual(['CONNECTING', 'VERIFYING']);
  });
});

describe('a job fails', () => {
  const check = { kind: 'check', read_data_percent: 0 } as const;

  it.each([
    ['a wrong password', (): Parameters<Scene['finish']> => [check, url, { repository: { repositoryId: 'r', url, password: 'planted-password' } }], 'WRONG_PASSWORD', false],
    ['a repository that is not there', () => [check, `rest:http://127.0.0.1:${scene.proxy.port}/none/`], 'REPOSITORY_MISSING', false],
    ['an address that is none', () => [check, 'rest:ftp://x/'], 'USAGE', false],
  ] as [string, () => Parameters<Scene['finish']>, string, boolean][])('for %s', async (_, given, code, retryable) => {
    const end = await scene.finish(...given());
    expect(end).toMatchObject({ outcome: 'failed', error: { code, retryable } });
    expect(JSON.stringify(end)).not.toContain('planted');
  });

  it('for a server that is not there, after it was tried again', async () => {
    const run = scene.start(check, `rest:http://anna:planted@127.0.0.1:${await freePort()}/r/`);
    expect(await run.worker.ended).toMatchObject({ outcome: 'failed', error: { code: 'STORAGE_UNREACHABLE', retryable: true } });
    expect(run.of('retry').length).toBeGreaterThan(0);
    expect(run.of('destination').at(-1)?.health).toMatchObject({ retries: expect.any(Number) as number, last_error: { kind: 'unreachable' } });
    expect(JSON.stringify(run.messages)).not.toContain('planted');
  });

  it('for a lock of another program, which is worth another attempt', async () => {
    const own = await scene.repository('locked');
    await insideRepository(own, async (repository) => {
      const lock = await acquireLock(repository, { exclusive: true, hostname: 'elsewhere' });
      for (const payload of [check, backupOf(source)]) expect(await scene.finish(payload, own)).toMatchObject({ error: { code: 'REPOSITORY_LOCKED', retryable: true } });
      await lock.release();
    });
  });
});

it('says to the server for which job and trace each request is', async () => {
  const server = await startFaultyServer();
  const own = await makeTestRepository(`rest:${server.url.href}`);
  server.seen.length = 0;
  expect(await scene.finish({ kind: 'check', read_data_percent: 0 }, own, { jobId: 'job-77' })).toMatchObject({ outcome: 'completed' });
  await server.close();
  expect(server.seen.length).toBeGreaterThan(3);
  for (const { headers } of server.seen) {
    expect(headers['x-client-id']).toBe('job-77');
    // The span may be one of the worker's own; the trace is the job's.
    expect(headers['traceparent']).toMatch(new RegExp(`^${traceparent.slice(0, 36)}[0-9a-f]{16}-01$`));
  }
});

function removeLargestPack(name: string): void {
  const data = path.join(scene.folder, 'data', name, 'data');
  const packs = readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const [first] = packs;
  if (first === undefined) throw new Error('there is no pack');
  for (const pack of packs.slice(0, -1)) rmSync(path.join(pack.parentPath, pack.name));
}
