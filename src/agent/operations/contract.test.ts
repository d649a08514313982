/** Every operation of the contract has a handler, a route, a description, and a test of each failure that it announces. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { toHttpRequest } from '../../shared/contract/http-request.ts';
import { operationNames, operations } from '../../shared/contract/operations.ts';
import type { OperationInput, OperationName } from '../../shared/contract/operations.ts';
import type { FailureCode } from '../../shared/errors.ts';
import { failureCodes } from '../../shared/errors.ts';
import type { ReaderQuestion } from '../../shared/reader-protocol.ts';
import { knownPartial, knownTrace } from '../testing/fake-parts.ts';
import { repositoryId } from '../testing/fake-repositories.ts';
import { refused } from '../testing/faults.ts';
import type { Faults } from '../testing/faults.ts';
import { startTestAgent } from '../testing/test-agent.ts';
import type { Answer, TestAgent } from '../testing/test-agent.ts';

const folder = temporaryFolder('contract');
const source = join(folder, 'source');
const newRepository = { url: '/media/new', password: 'correct horse' };
const newPlan = { name: 'Documents', repository_id: repositoryId, paths: [source] };

/** How a failure is provoked: another input, or a part that refuses. `before` brings the job or plan `$id` into the state. */
interface Provocation<Name extends OperationName> {
  readonly code: FailureCode;
  readonly input?: Partial<Record<keyof OperationInput<Name>, unknown>>;
  readonly fault?: keyof Faults;
  readonly before?: (agent: TestAgent) => Promise<string> | string;
}

interface Example<Name extends OperationName> {
  readonly input: OperationInput<Name>;
  readonly before?: (agent: TestAgent) => Promise<string> | string;
  readonly failures: readonly Provocation<Name>[];
}

const makeJob = async ({ client }: TestAgent): Promise<string> => (await client.start_backup({ paths: [source] })).job_id;
const makeMeasure = async ({ client }: TestAgent): Promise<string> => (await client.start_measure({ paths: [source] })).measure_id;
const makeOver = async (agent: TestAgent): Promise<string> => (await agent.client.cancel_job({ job_id: await makeJob(agent) })).job_id;
const makePaused = async (agent: TestAgent): Promise<string> => {
  const id = await makeJob(agent);
  await agent.client.pause_job({ job_id: id });
  return id;
};
const makePlan = async ({ client }: TestAgent): Promise<string> => (await client.add_plan(newPlan)).plan_id;
const makeOrphan = async (agent: TestAgent): Promise<string> => {
  const { repository_id: id } = await agent.client.add_repository(newRepository);
  const { plan_id: plan } = await agent.client.add_plan({ ...newPlan, repository_id: id });
  await agent.parts.repositories.remove(id);
  return plan;
};

const makeServerUser = async ({ client }: TestAgent): Promise<string> => {
  const { users } = await client.list_server_users();
  if (users.length === 0) await client.add_server_user({ name: 'mara' });
  return 'mara';
};
const withoutServerUsers = async ({ client }: TestAgent): Promise<string> => {
  for (const { name } of (await client.list_server_users()).users) await client.remove_server_user({ name });
  return '';
};
const makeRemoved = async (agent: TestAgent): Promise<string> => {
  const id = await makePlan(agent);
  await agent.client.remove_plan({ plan_id: id });
  return id;
};
const makeRemovedOrphan = async (agent: TestAgent): Promise<string> => {
  const id = await makeOrphan(agent);
  await agent.client.remove_plan({ plan_id: id });
  return id;
};

const unknownJob = { code: 'JOB_NOT_FOUND', input: { job_id: 'nobody' } } as const;
const unknownMeasure = { code: 'MEASURE_NOT_FOUND', input: { measure_id: 'nobody' } } as const;
const unknownPlan = { code: 'PLAN_NOT_FOUND', input: { plan_id: 'nobody' } } as const;
const unknownRepository = { code: 'REPOSITORY_NOT_FOUND', input: { repository_id: 'nobody' } } as const;
const fullDisk = { code: 'QUEUE_FULL', fault: 'enqueue' } as const;
const noServer = { code: 'SERVER_NOT_RUNNING', fault: 'companion' } as const;
const over = { code: 'JOB_OVER', before: makeOver } as const;
const refusals = (codes: readonly FailureCode[], fault: keyof Faults) => codes.map((code) => ({ code, fault }));

const storageErrors = ['REPOSITORY_MISSING', 'WRONG_PASSWORD', 'STORAGE_UNREACHABLE', 'STORAGE_DENIED', 'STORAGE_FAILED', 'FINGERPRINT_CHANGED', 'DAMAGED', 'INTERRUPTED'] as const;
const readerFailures = (name: ReaderQuestion) => [unknownRepository, ...refusals(operations[name].errors.filter((code) => code !== 'REPOSITORY_NOT_FOUND'), 'readers')];

const examples: { readonly [Name in OperationName]: Example<Name> } = {
  start_backup: { input: { paths: [source] }, failures: [{ code: 'PATH_NOT_FOUND', input: { paths: [source, join(folder, 'missing')] } }, unknownRepository, unknownPlan, fullDisk] },
  start_restore: { input: { repository_id: repositoryId, snapshot: 'latest', target: join(folder, 'target') }, failures: [unknownRepository, fullDisk] },
  start_check: { input: { repository_id: repositoryId }, failures: [unknownRepository, fullDisk] },
  list_jobs: { input: {}, failures: [{ code: 'JOB_NOT_FOUND', input: { before: 'nobody' } }] },
  get_job: { input: { job_id: '$id' }, before: makeJob, failures: [unknownJob] },
  cancel_job: { input: { job_id: '$id', reason: 'enough' }, before: makeJob, failures: [unknownJob, over] },
  cancel_all: { input: {}, failures: [] },
  list_cancelable_jobs: { input: {}, failures: [] },
  pause_job: { input: { job_id: '$id' }, before: makeJob, failures: [unknownJob, over, { code: 'JOB_STATE', before: makePaused }] },
  resume_job: { input: { job_id: '$id' }, before: makePaused, failures: [unknownJob, over, { code: 'JOB_STATE', before: makeJob }] },
  pause_all: { input: { until: '2126-01-01T00:00:00+01:00' }, failures: [] },
  resume_all: { input: {}, failures: [] },
  retry_job: { input: { job_id: '$id' }, before: makeOver, failures: [unknownJob, { code: 'JOB_STATE', before: makeJob }, { ...fullDisk, before: makeOver }] },
  list_skipped: { input: { job_id: '$id' }, before: makeOver, failures: [unknownJob] },
  delete_job: { input: { job_id: '$id' }, before: makeOver, failures: [unknownJob, { code: 'JOB_STATE', before: makeJob }] },

  list_repositories: { input: {}, failures: [] },
  add_repository: { input: newRepository, failures: refusals(operations.add_repository.errors, 'repositories') },
  test_repository: { input: { url: '/media/new' }, failures: refusals(['USAGE'], 'repositories') },
  set_up_default_repository: { input: { password: 'correct horse' }, failures: refusals(operations.set_up_default_repository.errors, 'repositories') },
  get_recovery_sheet: { input: { repository_id: repositoryId }, failures: [unknownRepository, ...refusals(['PASSWORD_MISSING'], 'repositories')] },
  draft_recovery_sheet: { input: { password: 'correct horse' }, failures: [] },
  check_password: { input: { repository_id: repositoryId, password: 'correct horse' }, failures: [unknownRepository, ...refusals(['PASSWORD_MISSING'], 'repositories')] },
  get_repository: { input: { repository_id: repositoryId }, failures: [unknownRepository] },
  update_repository: { input: { repository_id: repositoryId, name: 'Drive' }, failures: [unknownRepository, ...refusals(['WRONG_PASSWORD', 'STORAGE_UNREACHABLE', 'STORAGE_DENIED', 'FINGERPRINT_CHANGED'], 'repositories')] },
  remove_repository: { input: { repository_id: repositoryId }, failures: [unknownRepository, { code: 'REPOSITORY_IN_USE', before: makePlan }] },
  diagnose_repository: { input: { repository_id: repositoryId }, failures: [unknownRepository] },
  list_snapshots: { input: { repository_id: repositoryId }, failures: readerFailures('list_snapshots') },
  preview_restore: { input: { repository_id: repositoryId, snapshot: 'latest', target: join(folder, 'target') }, failures: readerFailures('preview_restore') },
  list_tree: { input: { repository_id: repositoryId, snapshot: 'latest' }, failures: readerFailures('list_tree') },

  search_files: { input: { repository_id: repositoryId, pattern: 'letter' }, failures: readerFailures('search_files') },
  get_catalogue: { input: { repository_id: repositoryId }, failures: readerFailures('get_catalogue') },
  rebuild_catalogue: { input: { repository_id: repositoryId }, failures: readerFailures('rebuild_catalogue') },
  browse_folder: { input: { repository_id: repositoryId, snapshot: 'latest' }, failures: readerFailures('browse_folder') },
  preview_file: { input: { repository_id: repositoryId, snapshot: 'latest', path: '/letter.txt' }, failures: readerFailures('preview_file') },
  list_versions: { input: { repository_id: repositoryId, path: '/letter.txt' }, failures: readerFailures('list_versions') },
  compare_snapshots: { input: { repository_id: repositoryId, before: 'abcdef', after: 'latest' }, failures: readerFailures('compare_snapshots') },
  get_statistics: { input: { repository_id: repositoryId }, failures: readerFailures('get_statistics') },
  list_type_sizes: { input: { repository_id: repositoryId }, failures: readerFailures('list_type_sizes') },
  list_snapshot_sizes: { input: { repository_id: repositoryId }, failures: readerFailures('list_snapshot_sizes') },
  list_folder_sizes: { input: { repository_id: repositoryId, snapshot: 'latest' }, failures: readerFailures('list_folder_sizes') },
  list_folder_growth: { input: { repository_id: repositoryId }, failures: readerFailures('list_folder_growth') },

  start_forget: { input: { repository_id: repositoryId, policy: { keep_daily: 7 }, prune: true }, failures: [unknownRepository, { code: 'RETENTION_REFUSED', input: { policy: { keep_last: 0 } } }, fullDisk] },
  start_prune: { input: { repository_id: repositoryId, max_unused: { percent: 10 }, dry_run: true }, failures: [unknownRepository, fullDisk] },
  remove_snapshots: { input: { repository_id: repositoryId, snapshots: ['cccccccc'] }, failures: [unknownRepository, fullDisk, ...refusals([...storageErrors, 'SNAPSHOT_NOT_FOUND', 'SNAPSHOT_PINNED'], 'repositories')] },
  preview_forget: { input: { repository_id: repositoryId, policy: { keep_last: 3, keep_within_daily: '30d' }, hosts: ['laptop'] }, failures: [unknownRepository, ...refusals([...storageErrors, 'RETENTION_REFUSED', 'CONFIGURATION'], 'repositories')] },
  simulate_retention: { input: { repository_id: repositoryId, policy: { keep_last: 3 }, days: 3 }, failures: [unknownRepository, { code: 'RETENTION_REFUSED', input: { policy: {} } }, ...refusals([...storageErrors, 'USAGE'], 'repositories')] },
  pin_snapshot: { input: { repository_id: repositoryId, snapshot: 'cccccccc' }, failures: [unknownRepository, ...refusals([...storageErrors, 'SNAPSHOT_NOT_FOUND', 'REPOSITORY_LOCKED'], 'repositories')] },
  unpin_snapshot: { input: { repository_id: repositoryId, snapshot: 'cccccccc' }, failures: [unknownRepository, ...refusals([...storageErrors, 'SNAPSHOT_NOT_FOUND', 'REPOSITORY_LOCKED'], 'repositories')] },
  tag_snapshots: { input: { repository_id: repositoryId, snapshots: ['cccccccc'], add: ['a'], remove: ['b'] }, failures: [unknownRepository, ...refusals([...storageErrors, 'SNAPSHOT_NOT_FOUND', 'REPOSITORY_LOCKED'], 'repositories')] },
  list_retention_freezes: { input: { repository_id: repositoryId }, failures: [unknownRepository, ...refusals([...storageErrors, 'CONFIGURATION'], 'repositories')] },
  confirm_retention: { input: { repository_id: repositoryId, confirmation: '12345678' }, failures: [unknownRepository, ...refusals([...storageErrors, 'RETENTION_FROZEN', 'REPOSITORY_LOCKED', 'CONFIGURATION'], 'repositories')] },

  list_plans: { input: {}, failures: [] },
  add_plan: { input: newPlan, failures: [unknownRepository, { code: 'QUEUE_FULL', fault: 'plans' }] },
  get_plan: { input: { plan_id: '$id' }, before: makePlan, failures: [unknownPlan] },
  update_plan: { input: { ...newPlan, plan_id: '$id' }, before: makePlan, failures: [unknownPlan, { ...unknownRepository, before: makePlan }, { code: 'QUEUE_FULL', fault: 'plans', before: makePlan }] },
  remove_plan: { input: { plan_id: '$id' }, before: makePlan, failures: [unknownPlan] },
  restore_plan: { input: { plan_id: '$id' }, before: makeRemoved, failures: [unknownPlan, { code: 'REPOSITORY_NOT_FOUND', before: makeRemovedOrphan }, { code: 'QUEUE_FULL', fault: 'plans', before: makeRemoved }] },
  run_plan: { input: { plan_id: '$id' }, before: makePlan, failures: [unknownPlan, { code: 'REPOSITORY_NOT_FOUND', before: makeOrphan }, { ...fullDisk, before: makePlan }] },
  pause_plan: { input: { plan_id: '$id' }, before: makePlan, failures: [unknownPlan] },
  resume_plan: { input: { plan_id: '$id' }, before: makePlan, failures: [unknownPlan] },
  preview_schedule: { input: { schedule: { kind: 'daily', at: '21:30' } }, failures: [] },

  get_machine: { input: {}, failures: [] },
  list_places: { input: {}, failures: [] },
  list_folder: { input: { path: source }, failures: [{ code: 'PATH_NOT_FOUND', input: { path: join(folder, 'missing') } }, { code: 'PATH_UNREADABLE', input: { path: join(folder, 'circle') } }] },
  look_at_target: { input: { path: join(folder, 'target') }, failures: [] },
  start_measure: { input: { paths: [source], repository_id: repositoryId }, failures: [unknownRepository] },
  get_measure: { input: { measure_id: '$id' }, before: makeMeasure, failures: [unknownMeasure] },
  cancel_measure: { input: { measure_id: '$id' }, before: makeMeasure, failures: [unknownMeasure] },

  get_server: { input: {}, failures: [] },
  get_server_use: { input: {}, failures: [noServer] },
  list_server_users: { input: {}, failures: refusals(['CONFIGURATION'], 'serverUsers') },
  add_server_user: { input: { name: 'mara' }, failures: [{ code: 'SERVER_USER_EXISTS', before: makeServerUser }, ...refusals(['CONFIGURATION'], 'serverUsers')] },
  update_server_user: { input: { name: 'mara', append_only: true }, before: makeServerUser, failures: [{ code: 'SERVER_USER_NOT_FOUND', input: { name: 'nobody' } }, ...refusals(['CONFIGURATION'], 'serverUsers')] },
  remove_server_user: { input: { name: 'mara' }, before: makeServerUser, failures: [{ code: 'SERVER_USER_NOT_FOUND', input: { name: 'nobody' } }, ...refusals(['CONFIGURATION'], 'serverUsers')] },
  get_connection_health: { input: {}, failures: [noServer] },
  list_closed_connections: { input: {}, failures: [noServer] },
  list_partials: { input: {}, failures: [noServer] },
  abort_partial: { input: { partial_id: knownPartial }, failures: [{ code: 'PARTIAL_NOT_FOUND', input: { partial_id: 'nobody' } }, noServer] },
  list_destinations: { input: {}, failures: [] },

  get_health: { input: {}, failures: [] },
  get_metrics: { input: { window: 60 }, failures: [] },
  get_system: { input: {}, failures: [] },
  list_traces: { input: {}, failures: [] },
  get_trace: { input: { trace_id: knownTrace }, failures: [{ code: 'TRACE_NOT_FOUND', input: { trace_id: 'f'.repeat(32) } }] },
  list_alerts: { input: {}, failures: [] },
  get_settings: { input: {}, failures: [] },
  update_settings: { input: { concurrency: 3 }, failures: [{ code: 'QUEUE_FULL', fault: 'settings' }, { code: 'SERVER_USERS_NEEDED', input: { embedded_server: { network: true } }, before: withoutServerUsers }, ...refusals(['PORT_IN_USE', 'CONFIGURATION'], 'network')] },
};

const cases = operationNames.map((name) => ({ name, example: examples[name] as Example<OperationName> }));
const failures = cases.flatMap(({ name, example }) => example.failures.map((provocation) => ({ name, code: provocation.code, example, provocation })));

let agent: TestAgent;

beforeAll(async () => {
  mkdirSync(source);
  writeFileSync(join(source, 'letter.txt'), 'dear');
  symlinkSync('circle', join(folder, 'circle'));
  agent = await startTestAgent();
});

beforeEach(async () => {
  // Each case finds the same plans and repositories.
  for (const plan of agent.parts.plans.list()) agent.parts.plans.remove(plan.plan_id);
  await agent.client.cancel_all();
  if (!agent.parts.repositories.list().some(({ repository_id: id }) => id === repositoryId)) {
    await agent.stop();
    agent = await startTestAgent();
  }
});

afterAll(async () => {
  await agent.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function call(name: OperationName, input: Record<string, unknown>, id: string | undefined): Promise<Answer> {
  const filled = Object.fromEntries(Object.entries(input).map(([field, value]) => [field, value === '$id' ? id : value]));
  const { method, target, body } = toHttpRequest(operations[name], filled);
  return await agent.send({ method, target, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

describe('the contract', () => {
  it('describes every operation and every field of a path', () => {
    for (const [name, { description, path, input }] of Object.entries(operations)) {
      expect(description, name).toMatch(/^[A-Z].{5,}\.$/);
      for (const field of path.matchAll(/\{(\w+)\}/g)) expect(Object.keys(input.shape), name).toContain(field[1]);
    }
  });

  it('has no two operations at the same address', () => {
    const addresses = Object.values(operations).map(({ method, path }) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`);
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  it('has a handler for each operation and no other', () => {
    expect(Object.keys(agent.agent.handlers).toSorted()).toEqual(operationNames.toSorted());
  });

  it('has a test for each failure that an operation announces, and no other', () => {
    for (const { name, example } of cases) expect(new Set(example.failures.map(({ code }) => code)), name).toEqual(new Set(operations[name].errors));
  });
});

describe('an operation over HTTP', () => {
  it.each(cases)('$name succeeds, with the answer of the contract', async ({ name, example }) => {
    const id = await example.before?.(agent);
    const answer = await call(name, example.input, id);
    expect(answer.body).toEqual(operations[name].output.parse(answer.body));
    expect(answer.status).toBe((operations[name] as { status?: number }).status ?? 200);
  });

  it.each(failures)('$name fails with $code, and nothing changes', async ({ name, code, example, provocation }) => {
    const id = await (provocation.before ?? (provocation.input === undefined ? example.before : undefined))?.(agent);
    const jobs = JSON.stringify(agent.parts.runner.all);
    const plans = JSON.stringify(agent.parts.plans.list());
    const { fault } = provocation;
    if (fault !== undefined && fault !== 'unexpected') agent.faults[fault] = refused(code);
    try {
      const answer = await call(name, { ...example.input, ...provocation.input }, id);
      expect(answer.body).toMatchObject({ success: false, error: { code, message: expect.any(String) as string } });
      expect(answer.status).toBe(failureCodes[code].http);
    } finally {
      if (fault !== undefined) delete agent.faults[fault];
    }
    expect(JSON.stringify(agent.parts.runner.all)).toBe(jobs);
    expect(JSON.stringify(agent.parts.plans.list())).toBe(plans);
  });
});
