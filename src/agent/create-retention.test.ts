import { rmSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { FakeClock } from '../core/platform/fake-clock.ts';
import { silentLogger } from '../core/platform/logger.ts';
import { saveSnapshot } from '../core/repository/snapshots.ts';
import { memoryRepository, type MemoryRepository } from '../core/repository/testing/fast-repository.ts';
import { createRetention, type RunningRetention } from './create-retention.ts';
import { AlertBoard } from './health/alert-board.ts';
import type { JobRecord } from './queue/job-record.ts';
import type { JobQueue } from './queue/queue-port.ts';
import { sampleJob } from './queue/testing/sample-jobs.ts';
import type { SettingsFile } from './settings/settings-port.ts';

let folder: string;
let memory: MemoryRepository;
let alerts: AlertBoard;
let ended: Partial<JobRecord>;
let opened: number;
let gate: Promise<void>;
let repositories: { readonly repository_id: string; readonly name: string }[];
let retention: RunningRetention;

beforeEach(async () => {
  folder = temporaryFolder('create-retention');
  const clock = new FakeClock();
  memory = await memoryRepository({ clock });
  alerts = new AlertBoard(clock, () => undefined);
  [opened, gate, repositories] = [0, Promise.resolve(), [{ repository_id: 'home', name: 'Home' }]];
  await saveSnapshot(memory.repository, { time: new Date(clock.now() + 86_400_000).toISOString(), tree: 'a'.repeat(64), paths: ['/home'], hostname: 'laptop' });
  const settings = { get document() { return { repositories, plans: [], settings: { max_attempts: 3 } }; } };
  retention = createRetention({
    clock,
    logger: silentLogger,
    emit: () => undefined,
    alerts,
    folder,
    queue: { get: () => ({ ...sampleJob, phase: 'COMPLETED', ...ended }) as JobRecord } as Partial<JobQueue> as JobQueue,
    use: async (_id, body, signal = new AbortController().signal) => {
      opened += 1;
      await Promise.race([gate, new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }))]);
      return await body(memory.repository, signal);
    },
    enqueue: () => undefined,
    settings: settings as unknown as SettingsFile,
  });
});

afterEach(async () => {
  await retention.close();
  rmSync(folder, { recursive: true, force: true });
});

const openAlerts = (): unknown[] => alerts.list().filter(({ resolved_at: resolved }) => resolved === null);
/** How often snapshots were looked at after such a job. */
async function looksAfter(job: Partial<JobRecord>): Promise<number> {
  const before = opened;
  ended = job;
  retention.jobEnded('job');
  // Comes after that, and is one itself.
  await retention.service.freezes('home');
  return opened - before - 1;
}

describe('snapshots are looked at', () => {
  const forget: JobRecord['payload'] = { kind: 'forget', what: { by: 'ids', snapshots: ['x'] }, prune: null, dry_run: false };
  const prune: JobRecord['payload'] = { kind: 'prune', options: {}, dry_run: false };

  it('after jobs that may have changed which there are', async () => {
    for (const payload of [sampleJob.payload, forget, prune]) expect(await looksAfter({ payload })).toBe(1);
    expect(await looksAfter({ payload: prune, phase: 'FAILED', error: { code: 'RETENTION_FROZEN', message: 'odd' } } as unknown as Partial<JobRecord>)).toBe(1);
  });

  it('after no dry run, nor what only reads', async () => {
    for (const payload of [{ ...forget, dry_run: true }, { ...prune, dry_run: true }, { kind: 'check', read_data_percent: 0 }] satisfies JobRecord['payload'][]) expect(await looksAfter({ payload })).toBe(0);
  });
});

it('a repository that is removed while it is looked at has no alert afterwards', async () => {
  const open = Promise.withResolvers<void>();
  gate = open.promise;
  ended = {};
  retention.jobEnded('job');
  const asked = retention.service.freezes('home');
  repositories = [];
  retention.removed('home');
  open.resolve();
  expect(await asked).toEqual([]);
  expect(openAlerts()).toEqual([]);
});

it('what is being looked at ends with the agent', async () => {
  gate = new Promise(() => undefined);
  const asked = [retention.service.freezes('home'), retention.service.previewForget('home', { selection: { by: 'filter', hosts: [], tags: [], paths: [] }, policy: { keep_last: 1 }, group_by: [] })];
  await setImmediate();
  const refused = asked.map((one) => expect(one).rejects.toMatchObject({ code: 'INTERRUPTED' }));
  await retention.close();
  await Promise.all(refused);
});

it('a change of tags that is begun is ended, also for one who leaves meanwhile', async () => {
  const [id = ''] = memory.store.names('snapshot');
  const leaving = new AbortController();
  memory.store.fault = (operation, { type }) => {
    if (operation === 'put' && type === 'snapshot') leaving.abort(new Error('left'));
  };
  const clock = memory.repository.clock as FakeClock;
  const pinned = retention.service.pin('home', id, true, leaving.signal);
  const outcomes: unknown[] = [];
  void pinned.then((name) => outcomes.push(name), (error: unknown) => outcomes.push(error));
  while (outcomes.length === 0) await clock.advance(100);
  const after = memory.store.names('snapshot');
  expect(after).toHaveLength(1);
  expect(after).not.toContain(id);
});
