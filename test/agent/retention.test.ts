/** Retention through real processes: plans that forget and prune, snapshots that freeze it, a person who confirms. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { password } from '../../src/cli/testing/cli-process.ts';
import { insideRepository, makeTestRepository } from '../../src/cli/testing/test-repository.ts';
import { listSnapshots, saveSnapshot, type Snapshot } from '../../src/core/repository/snapshots.ts';
import type { Job } from '../../src/shared/contract/schemas/job.ts';
import type { Alert } from '../../src/shared/contract/schemas/observability.ts';
import type { ForgetPreview, RetentionFreeze } from '../../src/shared/contract/schemas/retention.ts';
import { AgentProcess } from '../support/agent-process.ts';
import { freePort } from '../support/free-port.ts';
import { noise } from '../support/noise.ts';
import { newestRestic, resticApproves } from '../support/restic.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const day = 86_400_000;

let place = '';
let source = '';
let url = '';
let id = '';
let agent: AgentProcess;

beforeAll(async () => {
  place = temporaryFolder('agent-retention');
  source = path.join(place, 'source');
  mkdirSync(source);
  url = await makeTestRepository(path.join(place, 'repository'));
  agent = await AgentProcess.start(path.join(place, 'home'));
  const settings = await agent.must('GET', '/api/settings');
  await agent.must('PUT', '/api/settings', { ...settings, embedded_server: { enabled: false, listen: `127.0.0.1:${await freePort()}` } });
  id = (await agent.must<{ repository_id: string }>('POST', '/api/repositories', { url, password, create: false })).repository_id;
});

afterAll(async () => {
  await agent.kill('SIGTERM');
  rmSync(place, { recursive: true, force: true });
});

const present = (): Promise<string[]> => insideRepository(url, async (repository) => (await listSnapshots(repository)).map(({ id: name }) => name));

/** Copies of a snapshot with other times. */
async function copies(of: string, ...changes: readonly Partial<Snapshot>[]): Promise<string[]> {
  return await insideRepository(url, async (repository) => {
    const model = (await listSnapshots(repository)).find(({ id: name }) => name === of)?.snapshot;
    if (model === undefined) throw new Error('there is no such snapshot');
    return await Promise.all(changes.map((change) => saveSnapshot(repository, { ...model, ...change })));
  });
}

async function run(route: string, body: Record<string, unknown> = {}): Promise<Job> {
  return await agent.over((await agent.must<{ job_id: string }>('POST', route, body)).job_id);
}

/** The jobs of a plan, oldest first, once there are so many and all are over. */
async function jobsOf(plan: string, count: number): Promise<Job[]> {
  for (;;) {
    const { jobs } = await agent.must<{ jobs: Job[] }>('GET', '/api/jobs');
    const own = jobs.filter((job) => job.plan_id === plan);
    if (own.length >= count && own.every(({ state }) => state === 'done')) return own.toReversed();
    await sleep(50);
  }
}

async function alerts(isOpen: boolean): Promise<Alert[]> {
  for (;;) {
    const all = (await agent.must<{ alerts: Alert[] }>('GET', '/api/observability/alerts')).alerts.filter(({ kind }) => kind === 'retention_frozen');
    if (all.some(({ resolved_at: resolved }) => resolved === null) === isOpen) return all;
    await sleep(50);
  }
}

/** Only Linux lists them so simply. */
const childrenOf = (pid: number): number[] => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter((text) => text !== '').map(Number);

async function limitDownloads(kibPerSecond: number): Promise<void> {
  const settings = await agent.must('GET', '/api/settings');
  await agent.must('PUT', '/api/settings', { ...settings, download_limit: kibPerSecond });
}

describe('retention', () => {
  it('a plan forgets what its rules do not keep, after a backup of its own, and prunes once a week', async () => {
    writeFileSync(path.join(source, 'letter.txt'), 'dear');
    const plan = { name: 'Letters', repository_id: id, paths: [source], tags: ['letters'] };
    const { plan_id: planId } = await agent.must<{ plan_id: string }>('POST', '/api/plans', plan);
    const first = await run(`/api/plans/${planId}/run`);
    const ago = (days: number): Partial<Snapshot> => ({ time: new Date(Date.now() - days * day).toISOString() });
    const old = await copies(first.snapshot_id ?? '', ago(1), ago(2), ago(3));
    // Of the same folder, but not of the plan.
    const others = await copies(first.snapshot_id ?? '', { ...ago(2), tags: [] }, { ...ago(3), hostname: 'other' });
    expect(await jobsOf(planId, 1)).toHaveLength(1);
    await agent.must('PUT', `/api/plans/${planId}`, { ...plan, retention: { keep_daily: 2, enabled: true } });
    await run(`/api/plans/${planId}/run`);
    const after = await jobsOf(planId, 4);
    expect(after.slice(1).map(({ kind, phase }) => [kind, phase])).toEqual([['backup', 'COMPLETED'], ['forget', 'COMPLETED'], ['prune', 'COMPLETED']]);
    expect(after[2]?.summary).toMatchObject({ snapshots_removed: 3, snapshots_kept: 2 });
    expect(new Set(await present())).toEqual(new Set([after[1]?.snapshot_id, old[0], ...others]));
    writeFileSync(path.join(source, 'letter.txt'), 'my dear');
    await run(`/api/plans/${planId}/run`);
    expect((await jobsOf(planId, 6)).slice(4).map(({ kind, phase }) => [kind, phase])).toEqual([['backup', 'COMPLETED'], ['forget', 'COMPLETED']]);
    expect(await agent.must('GET', `/api/repositories/${id}`)).toMatchObject({ last_pruned_at: expect.any(String) as string });
    const refused = await agent.call('POST', '/api/plans', { name: 'Twin', repository_id: id, paths: [`${source}/`], tags: ['letters'], retention: { keep_last: 1, enabled: true } });
    expect(refused).toMatchObject({ status: 400, body: { error: { path: 'tags' } } });
  });

  it('odd snapshots raise an alert and freeze their group, until a person confirms exactly them', async () => {
    const last = (await insideRepository(url, (repository) => listSnapshots(repository))).at(-1);
    const [newest, here] = [last?.id ?? '', last?.snapshot.hostname ?? ''];
    await run('/api/start_forget', { repository_id: id, policy: { keep_last: 10 } });
    const forged = await copies(newest, { time: '2199-01-01T00:00:00Z', tags: [] });
    writeFileSync(path.join(source, 'letter.txt'), 'dear me');
    await run('/api/start_backup', { paths: [source], repository_id: id });
    const [alert] = await alerts(true);
    expect(alert).toMatchObject({ code: 'retention_frozen', severity: 'critical', values: { repository_id: id, count: 1, reasons: 'time-in-future' }, message: expect.stringContaining('Nothing is forgotten on their account') as string });
    expect(await run('/api/start_forget', { repository_id: id, policy: { keep_last: 1 } })).toMatchObject({ phase: 'PARTIAL', summary: { groups: 2, groups_frozen: 1 } });
    expect(await run('/api/start_forget', { repository_id: id, policy: { keep_last: 1 }, paths: [source], hosts: [here] })).toMatchObject({ phase: 'FAILED', error: { code: 'RETENTION_FROZEN' } });
    expect(await run('/api/start_prune', { repository_id: id })).toMatchObject({ phase: 'FAILED', error: { code: 'RETENTION_FROZEN' } });
    const shown = await agent.must<{ freezes: RetentionFreeze[] }>('GET', `/api/repositories/${id}/retention_freezes`);
    expect(shown.freezes).toMatchObject([{ since: alert?.at, oddities: [{ code: 'time-in-future', snapshots: forged, sentence: `${forged[0]?.slice(0, 8) ?? ''}: has a time in the future` }] }]);
    const { confirmation = '' } = shown.freezes[0] ?? {};
    const preview = await agent.must<{ groups: ForgetPreview[] }>('POST', `/api/repositories/${id}/preview_forget`, { policy: { keep_last: 1 }, hosts: [here] });
    expect(preview.groups).toMatchObject([{ keep: [{ id: forged[0], reasons: ['last snapshot'] }], frozen: { confirmation } }]);
    // Another comes: what was shown is not what is there.
    const more = await copies(newest, { time: '2199-01-02T00:00:00Z', tags: [] });
    const confirm = async (code: string): Promise<number> => (await agent.call('POST', `/api/repositories/${id}/confirm_retention`, { confirmation: code })).status;
    expect(await confirm(confirmation)).toBe(409);
    const [now] = (await agent.must<{ freezes: RetentionFreeze[] }>('GET', `/api/repositories/${id}/retention_freezes`)).freezes;
    expect(await confirm(now?.confirmation ?? '')).toBe(200);
    expect((await alerts(false)).length).toBeGreaterThan(0);
    expect(await confirm(now?.confirmation ?? '')).toBe(409);
    const pinned = await agent.must<{ snapshot_id: string }>('POST', `/api/repositories/${id}/snapshots/${forged[0] ?? ''}/pin`, {});
    expect(await agent.call('POST', `/api/repositories/${id}/remove_snapshots`, { snapshots: [pinned.snapshot_id] })).toMatchObject({ status: 409, body: { error: { code: 'SNAPSHOT_PINNED' } } });
    expect(await run('/api/start_forget', { repository_id: id, policy: { keep_last: 1 }, hosts: [here], prune: true })).toMatchObject({ phase: 'COMPLETED' });
    expect((await present()).slice(1)).toEqual([pinned.snapshot_id, more[0]]);
    const tagged = await agent.must<{ changed: { old_snapshot_id: string; new_snapshot_id: string }[] }>('POST', `/api/repositories/${id}/tag_snapshots`, { snapshots: [pinned.snapshot_id], set: ['kept'] });
    const [change] = tagged.changed;
    expect(change?.old_snapshot_id).toBe(pinned.snapshot_id);
    const snapshots = await insideRepository(url, (repository) => listSnapshots(repository));
    expect(snapshots.find(({ id: name }) => name === change?.new_snapshot_id)?.snapshot.tags?.toSorted()).toEqual(['kept', 'pinned']);
    const days = await agent.must<{ groups: unknown[]; days: { snapshots: number }[] }>('POST', `/api/repositories/${id}/simulate_retention`, { policy: { keep_daily: 7 }, days: 30 });
    expect(days.days).toHaveLength(31);
    expect(await run(`/api/repositories/${id}/remove_snapshots`, { snapshots: more, prune: true })).toMatchObject({ phase: 'COMPLETED', summary: { snapshots_removed: 1, pruned: true } });
    expect(resticApproves(newestRestic(), url, password)).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('a prune whose worker is killed begins anew by itself, and leaves everything that is needed', async () => {
    const folder = path.join(place, 'large');
    mkdirSync(folder);
    for (let at = 0; at < 20; at++) writeFileSync(path.join(folder, `${at}.bin`), noise(300_000, `large ${at}`));
    const first = await run('/api/start_backup', { paths: [folder], repository_id: id });
    for (let at = 0; at < 10; at++) rmSync(path.join(folder, `${at}.bin`));
    await run('/api/start_backup', { paths: [folder], repository_id: id });
    expect(await run(`/api/repositories/${id}/remove_snapshots`, { snapshots: [first.snapshot_id] })).toMatchObject({ phase: 'COMPLETED', summary: { snapshots_removed: 1 } });
    await limitDownloads(512);
    const { job_id: prune } = await agent.must<{ job_id: string }>('POST', '/api/start_prune', { repository_id: id, max_unused: { bytes: 0 } });
    await agent.until(prune, ({ phase }) => phase === 'TRANSFERRING');
    const workers = childrenOf(agent.pid);
    for (const pid of workers) process.kill(pid, 'SIGKILL');
    expect(workers).toHaveLength(1);
    await agent.until(prune, ({ attempts }) => attempts.length > 1);
    await limitDownloads(0);
    expect(await agent.over(prune)).toMatchObject({ phase: 'COMPLETED', attempt: 2, attempts: [{ error: { code: 'WORKER_CRASHED' } }, { error: null }], summary: { bytes_unused_after: 0, packs_left: 0 } });
    expect(resticApproves(newestRestic(), url, password)).toBe(true);
  });
});
