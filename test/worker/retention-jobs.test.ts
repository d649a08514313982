/** Forget and prune as jobs: what they keep and say, what freezes them, and what a kill leaves behind. */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { password } from '../../src/cli/testing/cli-process.ts';
import { insideRepository, makeTestRepository } from '../../src/cli/testing/test-repository.ts';
import { acquireLock } from '../../src/core/repository/lock.ts';
import { listSnapshots, saveSnapshot, type Snapshot } from '../../src/core/repository/snapshots.ts';
import { RawRepository } from '../../src/core/restorer/testing/raw-repository.ts';
import type { RetentionPolicyFields } from '../../src/shared/contract/schemas/retention.ts';
import type { JobPayload } from '../../src/shared/job-payload.ts';
import type { WorkerEnd, WorkerTask } from '../../src/shared/worker-protocol.ts';
import { noise } from '../support/noise.ts';
import { newestRestic, restic, resticApproves } from '../support/restic.ts';
import { openScene, phases, type Run, type Scene, type Told } from './worker-scene.ts';

const day = 86_400_000;
const start = Date.parse('2026-01-01T08:00:00Z');
/** How many packs of the repository are half needed. */
const packs = 24;

let scene: Scene;
let url = '';
let tree = '';
let count = 0;

beforeAll(async () => {
  scene = await openScene();
});

afterAll(() => scene.close());

/** A repository of packs of which half is needed. */
beforeEach(async () => {
  url = await makeTestRepository(path.join(scene.folder, `repository-${++count}`));
  await insideRepository(url, async (repository) => {
    const raw = new RawRepository(repository);
    const files = [];
    for (let at = 0; at < packs; at++) {
      files.push(raw.file(`kept ${at}`, [noise(40_000, `kept ${count} ${at}`)]));
      raw.blob('data', noise(40_000, `gone ${count} ${at}`));
      await raw.pack();
    }
    const id = raw.tree(files);
    await raw.pack();
    await raw.index();
    tree = id.toString('hex');
  });
});

function at(days: number, more: Partial<Snapshot> = {}): Snapshot {
  return { time: new Date(start + days * day).toISOString(), tree, paths: ['/home'], hostname: 'laptop', ...more };
}

/** Ids of the saved snapshots. */
async function save(...snapshots: readonly Snapshot[]): Promise<string[]> {
  return await insideRepository(url, (repository) => Promise.all(snapshots.map((snapshot) => saveSnapshot(repository, snapshot))));
}

async function present(): Promise<string[]> {
  return await insideRepository(url, async (repository) => (await listSnapshots(repository)).map(({ id }) => id));
}

function forget(policy: RetentionPolicyFields, more: Partial<Extract<JobPayload, { kind: 'forget' }>> = {}): JobPayload {
  return { kind: 'forget', what: { by: 'policy', selection: { by: 'filter', hosts: [], tags: [], paths: [] }, policy, group_by: ['host', 'paths'] }, prune: null, dry_run: false, ...more };
}

function launch(payload: JobPayload, changes: Partial<WorkerTask> = {}): Run {
  const memoryFolder = path.join(scene.folder, `home-${count}`);
  mkdirSync(memoryFolder, { recursive: true });
  return scene.start(payload, url, { memoryFolder, ...changes });
}

const done = (payload: JobPayload, changes: Partial<WorkerTask> = {}): Promise<WorkerEnd> => launch(payload, changes).worker.ended;
const prune: JobPayload = { kind: 'prune', options: { max_unused: { bytes: 0 } }, dry_run: false };
const stored = (): string[] => restic(newestRestic(), url, ['--no-lock', 'list', 'packs'], { password }).trim().split('\n');

describe('a forget job', () => {
  it('keeps what restic keeps, and says why', async () => {
    const ids = await save(...[0, 1, 2, 9, 40, 41, 90].map((days) => at(days)), at(0, { hostname: 'other', tags: ['pinned'] }), at(5, { hostname: 'other', tags: ['a'] }));
    const policy = { keep_daily: 2, keep_monthly: 3, keep_within_weekly: '40d', keep_tags: ['pinned'] };
    const judged = JSON.parse(restic(newestRestic(), url, ['--no-lock', 'forget', '--dry-run', '--json', '--keep-daily', '2', '--keep-monthly', '3', '--keep-within-weekly', '40d', '--keep-tag', 'pinned'], { password })) as { remove: { id: string }[] | null }[];
    const gone = judged.flatMap(({ remove }) => (remove ?? []).map(({ id }) => id));
    expect(gone.length).toBeGreaterThan(1);
    expect(await done(forget(policy, { dry_run: true }))).toMatchObject({ outcome: 'completed', partial: false, summary: { dry_run: true, snapshots_removed: gone.length } });
    expect((await present()).toSorted()).toEqual(ids.toSorted());
    const end = await done(forget(policy));
    expect(end).toMatchObject({ outcome: 'completed', partial: false, message: `${gone.length} snapshots removed, ${ids.length - gone.length} kept`, summary: { groups: 2, groups_frozen: 0, snapshots_removed: gone.length, snapshots_kept: ids.length - gone.length } });
    expect((await present()).toSorted()).toEqual(ids.filter((id) => !gone.includes(id)).toSorted());
    const { kept_reasons: reasons, removed } = (end as Extract<WorkerEnd, { outcome: 'completed' }>).summary;
    expect(reasons).toContain('daily snapshot');
    const { id } = await insideRepository(url, async ({ config }) => config);
    expect(JSON.parse(readFileSync(path.join(scene.folder, `home-${count}`, 'retention', `${id}.json`), 'utf8'))).toMatchObject({ version: 1, repository: id });
    expect(String(removed).split('\n').toSorted()).toEqual(gone.map((id) => id.slice(0, 8)).toSorted());
  });

  it('of snapshots like one leaves those of others alone, also of the same folders', async () => {
    const own = await save(at(0, { tags: ['nightly'] }), at(1, { tags: ['nightly', 'pinned'] }), at(2, { tags: ['nightly'] }), at(3, { tags: ['nightly'] }));
    const others = await save(at(0), at(1), at(1, { tags: ['nightly', 'x'] }), at(1, { tags: ['nightly'], hostname: 'other' }), at(1, { tags: ['nightly'], paths: ['/home', '/etc'] }));
    const what = { by: 'policy', selection: { by: 'like', snapshot_id: own[3] ?? '' }, policy: { keep_last: 1 }, group_by: ['host', 'paths'] } as const;
    expect(await done({ ...forget({}), what: { ...what, group_by: [...what.group_by] } } as JobPayload)).toMatchObject({ outcome: 'completed', summary: { snapshots_removed: 2, snapshots_kept: 2 } });
    expect(new Set(await present())).toEqual(new Set([own[1], own[3], ...others]));
  });

  it('removes chosen snapshots, but no pinned one, and prunes where that is asked for', async () => {
    const [first = '', pinned = '', last = ''] = await save(at(0), at(1, { tags: ['pinned'] }), at(2));
    const chosen = (...snapshots: string[]): JobPayload => ({ kind: 'forget', what: { by: 'ids', snapshots }, prune: { max_unused: { bytes: 0 } }, dry_run: false });
    expect(await done(chosen(first, pinned))).toMatchObject({ outcome: 'failed', error: { code: 'SNAPSHOT_PINNED', retryable: false } });
    expect(await present()).toHaveLength(3);
    expect(await done(chosen(first, last))).toMatchObject({ outcome: 'completed', summary: { snapshots_removed: 2, pruned: true, packs_left: 0 } });
    expect(await present()).toEqual([pinned]);
    expect(resticApproves(newestRestic(), url, password)).toBe(true);
  });

  it('prunes in a later attempt also where an earlier one removed everything', async () => {
    const [, last = ''] = await save(at(0), at(1));
    const chosen: JobPayload = { kind: 'forget', what: { by: 'ids', snapshots: ['f'.repeat(64)] }, prune: { max_unused: { bytes: 0 } }, dry_run: false };
    const first = (await done(chosen)) as Extract<WorkerEnd, { outcome: 'completed' }>;
    expect([first.summary['snapshots_removed'], first.summary['pruned']]).toEqual([0, undefined]);
    expect(await done(chosen, { attempt: 2 })).toMatchObject({ outcome: 'completed', partial: false, summary: { snapshots_removed: 0, pruned: true, packs_removed: packs } });
    expect(await present()).toContain(last);
  });

  it('leaves a group with odd snapshots alone, names it, and does the others; with no other it fails', async () => {
    const good = await save(at(0), at(1), at(0, { hostname: 'other' }), at(1, { hostname: 'other' }));
    const [forged = ''] = await save(at(0, { time: '2199-01-01T00:00:00Z' }));
    const run = launch(forget({ keep_last: 1 }, { prune: {} }));
    const end = await run.worker.ended;
    expect(end).toMatchObject({ outcome: 'completed', partial: true, summary: { groups: 2, groups_frozen: 1, snapshots_removed: 1, snapshots_kept: 4 } });
    expect(run.of('item-error')).toEqual([{ type: 'item-error', item: 'host laptop, path [/home]', during: 'forget', message: `${forged.slice(0, 8)}: has a time in the future` }]);
    expect((await present()).toSorted()).toEqual([...good.filter((_, index) => index !== 2), forged].toSorted());
    // Nothing was pruned: what is forgotten may be all that is good.
    expect(stored()).toHaveLength(packs + 1);
    const alone = await done({ ...forget({ keep_last: 1 }), what: { by: 'policy', selection: { by: 'filter', hosts: ['laptop'], tags: [], paths: [] }, policy: { keep_last: 1 }, group_by: ['host', 'paths'] } } as JobPayload);
    expect(alone).toMatchObject({ outcome: 'failed', error: { code: 'RETENTION_FROZEN', retryable: false } });
    expect(await done(prune)).toMatchObject({ outcome: 'failed', error: { code: 'RETENTION_FROZEN' } });
    expect(stored()).toHaveLength(packs + 1);
  });

  it('refuses rules that keep nothing', async () => {
    await save(at(0));
    expect(await done(forget({ keep_tags: ['nobody'] }))).toMatchObject({ outcome: 'failed', error: { code: 'RETENTION_REFUSED', retryable: false } });
  });
});

describe('a prune job', () => {
  it('frees what nothing needs, tells how far it is, and says what it did', async () => {
    await save(at(0));
    const run = launch(prune);
    expect(await run.worker.ended).toMatchObject({ outcome: 'completed', message: `${packs} packs removed`, summary: { pruned: true, packs_removed: packs, bytes_unused_after: 0 } });
    const percents = run.of('progress').map(({ progress }) => progress.percent);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(percents.at(-1)).toBeGreaterThanOrEqual(90);
    // One that lasts less than a tenth of a second need not be told, but for the first and the last.
    const told = phases(run.messages);
    expect(told).toEqual((['CONNECTING', 'SCANNING', 'TRANSFERRING', 'FINALIZING'] as const).filter((phase) => phase === 'CONNECTING' || phase === 'FINALIZING' || told.includes(phase)));
    expect(stored().length).toBeLessThan(packs);
    expect(resticApproves(newestRestic(), url, password)).toBe(true);
  });

  it('meets the lock of another program, and is to be tried again', async () => {
    await save(at(0));
    await insideRepository(url, async (repository) => {
      const lock = await acquireLock(repository, { exclusive: false });
      await lock.confirmed;
      expect(await done(prune)).toMatchObject({ outcome: 'failed', error: { code: 'REPOSITORY_LOCKED', retryable: true } });
      await lock.release();
    });
  });

  it('that is killed or stopped leaves everything that is needed, and the next ends it', async () => {
    await save(at(0));
    // KiB a second: what is needed takes some eight seconds to be written anew, so that it is met in the middle.
    const slowly = { uploadLimit: 128 };
    const isWriting = (message: Told): boolean => message.type === 'progress' && message.progress.phase === 'TRANSFERRING';
    const killed = launch(prune, slowly);
    await killed.until(isWriting);
    process.kill(killed.worker.pid ?? 0, 'SIGKILL');
    expect(await killed.worker.ended).toMatchObject({ outcome: 'failed', error: { code: 'WORKER_CRASHED', retryable: true } });
    expect(resticApproves(newestRestic(), url, password)).toBe(true);
    const stopped = launch(prune, slowly);
    await stopped.until(isWriting);
    stopped.worker.stop('cancel');
    expect(await stopped.worker.ended).toMatchObject({ outcome: 'stopped', reason: 'cancel' });
    expect(await done(prune)).toMatchObject({ outcome: 'completed', summary: { packs_left: 0, bytes_unused_after: 0 } });
    expect(resticApproves(newestRestic(), url, password)).toBe(true);
    expect(stored().length).toBeLessThan(packs);
  });
});
