/**
 * Parts of the agent that keep everything in memory and do no work: behind the API's own tests, which are about what gets
 * through to them. Jobs follow the state machine; a test moves them on with `advance`.
 */
import { join } from 'node:path';
import type { Job, JobPhase, JobState, SkippedItem } from '../../shared/contract/schemas/job.ts';
import type { Plan } from '../../shared/contract/schemas/plan.ts';
import { settings as settingsSchema } from '../../shared/contract/schemas/settings.ts';
import { isCancelable } from '../../shared/job-states.ts';
import type { ServerUserUse } from '../../shared/server-users.ts';
import { ThisMachine } from '../machine/machine.ts';
import type { AgentParts, Surroundings } from '../agent-parts.ts';
import { planJob } from '../operations/new-job.ts';
import type { Companion, HealthMonitor, JobHistory, JobRunner, TraceReader } from '../operations/ports.ts';
import type { Plans } from '../plans/plans-port.ts';
import type { NewJob } from '../queue/job-record.ts';
import type { SettingsDocument } from '../settings/settings-port.ts';
import { fakeReaders, type FakeReaders } from './fake-readers.ts';
import { fakeRepositories } from './fake-repositories.ts';
import { fakeRetention } from './fake-retention.ts';
import type { Faults } from './faults.ts';
import { epoch, refused } from './faults.ts';

export const knownTrace = 'a'.repeat(32);
export const knownPartial = 'upload-1';

export class FakeJobs implements JobRunner, JobHistory {
  readonly all: Job[] = [];
  readonly #surroundings: Surroundings;
  readonly #faults: Faults;

  constructor(surroundings: Surroundings, faults: Faults) {
    this.#surroundings = surroundings;
    this.#faults = faults;
  }

  enqueue(job: NewJob): Job {
    if (this.#faults.enqueue !== undefined) throw this.#faults.enqueue;
    const { payload } = job;
    const made: Job = {
      job_id: `job-${this.all.length + 1}`, kind: payload.kind, state: 'queued', phase: 'QUEUED', file: null, progress: 0, message: '', bytes_done: 0, bytes_total: 0,
      files_done: 0, files_total: 0, speed_bytes_per_second: 0, eta_seconds: null, eta_range_seconds: null, bottleneck: null, stages: {}, attempt: 0, attempts: [],
      next_attempt_at: null, cancel_reason: null, error: null, error_count: 0, priority: job.priority, trace_id: job.traceId, created_at: epoch, started_at: null, finished_at: null,
      paused_until: null, repository_id: job.repositoryId, plan_id: job.planId,
      paths: payload.kind === 'backup' ? payload.paths : payload.kind === 'restore' ? [payload.target] : [], snapshot_id: null, summary: null,
    };
    this.all.push(made);
    this.#surroundings.emit('job_created', made);
    return made;
  }

  /** Moves a job on, as a worker would. */
  advance(id: string, change: Partial<Job>): Job {
    const job = { ...this.get(id), ...change };
    this.all[this.all.findIndex((one) => one.job_id === id)] = job;
    this.#surroundings.emit(job.phase === 'COMPLETED' ? 'job_completed' : job.phase === 'FAILED' ? 'job_failed' : 'job_updated', job);
    return job;
  }

  get(id: string): Job {
    if (this.#faults.unexpected !== undefined) throw this.#faults.unexpected;
    const job = this.all.find((one) => one.job_id === id);
    if (job === undefined) throw refused('JOB_NOT_FOUND');
    return job;
  }

  list({ state, limit, before }: Parameters<JobHistory['list']>[0]): Job[] {
    const end = before === undefined ? this.all.length : this.all.indexOf(this.get(before));
    return this.all.slice(0, end).filter((job) => state === undefined || job.state === state).toReversed().slice(0, limit);
  }

  cancelable(): Job[] {
    return this.all.filter(({ state, phase }) => isCancelable(state, phase));
  }

  skipped(id: string): SkippedItem[] {
    this.get(id);
    return [];
  }

  activeOn(repositoryId: string): Job | undefined {
    return this.#active().find(({ repository_id }) => repository_id === repositoryId);
  }

  #active(): Job[] {
    return this.all.filter(({ state }) => state !== 'done');
  }

  remove(id: string): void {
    if (this.get(id).state !== 'done') throw refused('JOB_STATE');
    this.all.splice(this.all.indexOf(this.get(id)), 1);
  }

  async cancel(id: string, reason: string | null): Promise<Job> {
    if (this.get(id).state === 'done') throw refused('JOB_OVER');
    const job = this.#set(id, 'done', 'CANCELLED', { cancel_reason: reason, finished_at: epoch });
    this.#surroundings.emit('job_cancelled', { job_id: id, phase: 'CANCELLED', reason });
    return job;
  }

  async cancelAll(reason: string | null, reasons: Readonly<Record<string, string>>): Promise<Record<string, boolean>> {
    const results: Record<string, boolean> = {};
    for (const { job_id: id } of this.cancelable()) results[id] = (await this.cancel(id, reasons[id] ?? reason)).phase === 'CANCELLED';
    this.#surroundings.emit('jobs_cancelled', { results, reason, reasons: { ...reasons } });
    return results;
  }

  async pause(id: string): Promise<Job> {
    this.#require(id, ['queued', 'waiting', 'running']);
    return this.#set(id, 'paused', 'PAUSED');
  }

  async resume(id: string): Promise<Job> {
    this.#require(id, ['paused']);
    return this.#set(id, 'queued', 'QUEUED');
  }

  async pauseAll(): Promise<void> {
    for (const { job_id: id, state } of this.#active()) if (state !== 'paused') await this.pause(id);
  }

  async resumeAll(): Promise<void> {
    for (const { job_id: id, state } of this.#active()) if (state === 'paused') await this.resume(id);
  }

  async retry(id: string): Promise<Job> {
    const { phase } = this.get(id);
    if (!['FAILED', 'CANCELLED', 'WAITING_RETRY'].includes(phase)) throw refused('JOB_STATE');
    if (this.#faults.enqueue !== undefined) throw this.#faults.enqueue;
    return this.#set(id, 'queued', 'QUEUED');
  }

  #require(id: string, states: readonly JobState[]): void {
    const { state } = this.get(id);
    if (state === 'done') throw refused('JOB_OVER');
    if (!states.includes(state)) throw refused('JOB_STATE');
  }

  #set(id: string, state: JobState, phase: JobPhase, more: Partial<Job> = {}): Job {
    return this.advance(id, { ...more, state, phase });
  }
}

function fakePlans(faults: Faults, hasRepository: (id: string) => boolean): Plans {
  const known = new Map<string, Plan>();
  const removed = new Map<string, Plan>();
  let made = 0;
  const get = (id: string, among = known): Plan => {
    const found = among.get(id);
    if (found === undefined) throw refused('PLAN_NOT_FOUND');
    return found;
  };
  const put = (plan: Plan): Plan => {
    if (faults.plans !== undefined) throw faults.plans;
    known.set(plan.plan_id, plan);
    return plan;
  };
  const pause = (id: string, until: number | null): Plan => put({ ...get(id), paused_until: until === null ? '9999-12-31T00:00:00.000Z' : new Date(until).toISOString() });
  return {
    list: () => [...known.values()],
    get: (id) => get(id),
    add: (plan) => put({ ...plan, plan_id: `plan-${++made}`, created_at: epoch, updated_at: epoch, paused_until: null, last_run_at: null, last_job_id: null, missed_since: null, next_runs: [] }),
    update: (id, plan) => put({ ...get(id), ...plan }),
    remove: (id) => {
      removed.set(id, get(id));
      known.delete(id);
    },
    removed: (id) => get(id, removed),
    restore: (id) => {
      const plan = get(id, removed);
      if (!hasRepository(plan.repository_id)) throw refused('REPOSITORY_NOT_FOUND');
      return put(plan);
    },
    pause,
    resume: (id) => put({ ...get(id), paused_until: null }),
    pauseAll: (until) => void [...known.keys()].map((id) => pause(id, until)),
    resumeAll: () => void [...known.values()].map((plan) => put({ ...plan, paused_until: null })),
    preview: () => [Date.parse(epoch)],
  };
}

function fakeCompanion(faults: Faults): Companion {
  const reach = (): void => {
    if (faults.companion !== undefined) throw faults.companion;
  };
  const users = new Map<string, ServerUserUse>();
  const readable = (): void => {
    if (faults.serverUsers !== undefined) throw faults.serverUsers;
  };
  const known = (name: string): void => {
    readable();
    if (!users.has(name)) throw refused('SERVER_USER_NOT_FOUND');
  };
  const connection = {
    connection_id: 'c1', fd: 21, remote_address: '127.0.0.1:50000', client_id: null, user_agent: null, connected_at: epoch, uptime_ms: 1, last_read_at: null, last_write_at: null, idle_read_ms: 0,
    idle_write_ms: 0, bytes_in: 0, bytes_out: 0, requests: 0, read_errors: 0, write_errors: 0, last_error: null, keep_alive: true, partial_clears: 0, state: 'idle' as const,
  };
  const partials = [{ id: knownPartial, repository: '', name: 'data/ab', client_id: null, bytes: 1, started_at: epoch }];
  return {
    async use() {
      reach();
      return { since: epoch, stored_bytes: 0, disk: null, network: null };
    },
    async users() {
      readable();
      return [...users.values()];
    },
    async addUser({ name, password, quota_bytes, append_only }) {
      readable();
      if (users.has(name)) throw refused('SERVER_USER_EXISTS');
      users.set(name, { name, quota_bytes, append_only, stored_bytes: 0, last_seen_at: null, computers: 0 });
      return password === undefined ? 'made-by-the-fake' : null;
    },
    async updateUser(name, { generate_password: generates = false }) {
      known(name);
      return generates ? 'made-by-the-fake' : null;
    },
    async removeUser(name) {
      known(name);
      users.delete(name);
    },
    async checkNetwork(_, { network }) {
      if (faults.network !== undefined) throw faults.network;
      if (network && users.size === 0) throw refused('SERVER_USERS_NEEDED');
    },
    status: () => ({ reach: 'reachable', url: 'http://127.0.0.1:1256', message: '', trouble: null, data_folder: '/data/server' }),
    async connections() {
      reach();
      return { '21': connection };
    },
    async closedConnections() {
      reach();
      return [connection];
    },
    async partials() {
      reach();
      return partials;
    },
    async abortPartial(id) {
      reach();
      const at = partials.findIndex((one) => one.id === id);
      if (at < 0) throw refused('PARTIAL_NOT_FOUND');
      partials.splice(at, 1);
    },
  };
}

const sample = { at: epoch, cpu: 0, rss: 1, event_loop_delay_p99_ms: 0, disk_free: 1, load: 0 };

const fakeHealth: HealthMonitor = {
  current: () => ({ status: 'healthy', checks: { disk: { status: 'healthy', message: '412 GB are free', value: 412e9, threshold: 5e9 } }, system: sample }),
  alerts: () => [],
  samples: () => [sample],
};

const fakeTraces: TraceReader = {
  list: () => [{ trace_id: knownTrace, name: 'backup', started_at: epoch, duration_ms: 1, spans: 1, status: 'ok' }],
  async get(id) {
    if (id !== knownTrace) throw refused('TRACE_NOT_FOUND');
    return [{ trace_id: id, span_id: 'b'.repeat(16), parent_span_id: null, name: 'backup', component: 'worker', started_at: epoch, duration_ms: 1, status: 'ok', attributes: {} }];
  },
};

export interface FakeParts extends AgentParts {
  readonly runner: FakeJobs;
  readonly readers: FakeReaders;
}

export function createFakeParts(surroundings: Surroundings, faults: Faults = {}): FakeParts {
  const jobs = new FakeJobs(surroundings, faults);
  let document: SettingsDocument = { settings: settingsSchema.parse({}), plans: [], repositories: [], plansPausedUntil: null };
  const repositories = fakeRepositories(faults);
  const plans = fakePlans(faults, (id) => repositories.has(id));
  // Reading folders is nothing to replace: the disk is there in every test.
  const { folders, clock, programVersion } = surroundings;
  const machine = new ThisMachine({ clock, env: {}, folders, programVersion, defaultRepository: () => ({ path: join(folders.data, 'repository'), exists: false }) });
  return {
    runner: jobs,
    jobs,
    repositories,
    readers: fakeReaders(faults),
    plans,
    retention: fakeRetention(faults),
    runPlan: async (id) => jobs.enqueue(planJob(plans.get(id), { repositoryId: plans.get(id).repository_id, maxAttempts: 1, traceId: knownTrace })).job_id,
    settingsChanged: async () => undefined,
    settings: {
      get document() {
        return document;
      },
      update(change) {
        if (faults.settings !== undefined) throw faults.settings;
        return (document = change(document));
      },
    },
    companion: fakeCompanion(faults),
    machine,
    destinations: { list: () => [] },
    health: fakeHealth,
    metrics: { read: (window) => ({ window, counters: {}, gauges: {}, timers: {}, histograms: {} }), prometheus: () => '# TYPE up gauge\nup 1\n' },
    traces: fakeTraces,
    start: async () => undefined,
    stop: () => machine.close(),
  };
}
