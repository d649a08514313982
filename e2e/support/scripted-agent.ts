/**
 * An agent that does no work: the real local API (HTTP, checks, Socket.IO, the interface's files) in front of answers that a
 * script keeps in memory. For what no real agent shows on demand: 10,000 jobs, ten updates a second of 200 jobs, every
 * state at a fixed time.
 *
 * Invariants: every answer fits the contract, or the request fails; an operation that the script does not know is refused.
 */
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startApi } from '../../src/agent/api/api-server.ts';
import type { RunningApi } from '../../src/agent/api/api-server.ts';
import { Credentials } from '../../src/agent/api/credentials.ts';
import { EventHub } from '../../src/agent/event-hub.ts';
import type { Handlers } from '../../src/agent/operations/services.ts';
import { recordTelemetry } from '../../src/agent/testing/fake-telemetry.ts';
import { systemClock } from '../../src/core/platform/clock.ts';
import { events } from '../../src/shared/contract/events.ts';
import type { EventName, EventPayload } from '../../src/shared/contract/events.ts';
import { operationNames } from '../../src/shared/contract/operations.ts';
import type { Job } from '../../src/shared/contract/schemas/job.ts';
import { Failure } from '../../src/shared/errors.ts';

export type ScriptedAnswers = { readonly [Name in keyof Handlers]?: Handlers[Name] };

const root = fileURLToPath(new URL('../../', import.meta.url));
const unlimited = { burst: 1_000_000, perSecond: 1_000_000 };

export class ScriptedAgent {
  /** Newest first. */
  jobs: Job[];
  readonly #api: RunningApi;
  readonly #hub: EventHub;
  readonly #credentials: Credentials;
  #ended: Promise<void> | undefined;

  private constructor(jobs: Job[], api: RunningApi, hub: EventHub, credentials: Credentials) {
    this.jobs = jobs;
    this.#api = api;
    this.#hub = hub;
    this.#credentials = credentials;
  }

  /** `answers` besides those about jobs, which come from `jobs`. `port` 0: any. */
  static async start(jobs: readonly Job[], answers: ScriptedAnswers, { port = 0, checkOutput = true } = {}): Promise<ScriptedAgent> {
    const telemetry = recordTelemetry();
    const hub = new EventHub(telemetry.logger);
    const credentials = new Credentials('scripted', systemClock);
    const all: ScriptedAnswers = { ...jobAnswers(() => made.jobs), ...answers };
    const handlers = Object.fromEntries(operationNames.map((name) => [name, all[name] ?? (() => Promise.reject(unscripted(name)))])) as unknown as Handlers;
    const api = await startApi(
      { listen: { host: '127.0.0.1', port }, interfaceFolder: `${root}dist/interface`, programVersion: '0.0.0-scripted', rateLimits: unlimited, checkOutput },
      { clock: systemClock, telemetry, credentials, handlers, hub, prometheus: () => '' },
    );
    const made = new ScriptedAgent([...jobs], api, hub, credentials);
    return made;
  }

  /** Resolves when somebody hears its events: what is told before is found in the lists, without any news of it. */
  async isHeard(): Promise<void> {
    while (this.#api.clients() === 0) await setTimeout(20);
  }

  /** Opens the interface once, at a path of it. */
  address(path = '/'): string {
    return `${this.#api.url}${path}#login=${this.#credentials.makeLoginCode()}`;
  }

  get port(): number {
    return this.#api.port;
  }

  get listeners(): number {
    return this.#api.clients();
  }

  emit<Name extends EventName>(name: Name, payload: EventPayload<Name>): void {
    this.#hub.emit(name, events[name].payload.parse(payload) as EventPayload<Name>);
  }

  /** The job moves on, and everyone hears of it. */
  move(id: string, change: Partial<Job>): Job {
    const at = this.jobs.findIndex((job) => job.job_id === id);
    const before = this.jobs[at];
    if (before === undefined) throw new Error(`The script has no job ${id}`);
    const job = { ...before, ...change };
    this.jobs[at] = job;
    if (job.phase === 'CANCELLED') this.emit('job_cancelled', { job_id: id, phase: 'CANCELLED', reason: job.cancel_reason });
    else this.emit(job.phase === 'FAILED' ? 'job_failed' : job.state === 'done' ? 'job_completed' : 'job_updated', job);
    return job;
  }

  add(job: Job): void {
    this.jobs.unshift(job);
    this.emit('job_created', job);
  }

  /** Once more changes nothing. */
  async stop(): Promise<void> {
    await (this.#ended ??= this.#api.close());
  }
}

function jobAnswers(jobs: () => readonly Job[]): ScriptedAnswers {
  const one = (id: string): Job => {
    const found = jobs().find((job) => job.job_id === id);
    if (found === undefined) throw new Failure('JOB_NOT_FOUND', { what: `There is no job ${id}` });
    return found;
  };
  return {
    async list_jobs({ state, limit, before }) {
      const all = jobs().filter((job) => state === undefined || job.state === state);
      const from = before === undefined ? 0 : all.findIndex((job) => job.job_id === before) + 1;
      return { jobs: all.slice(from, from + limit) };
    },
    get_job: async ({ job_id: id }) => one(id),
  };
}

function unscripted(name: string): Failure {
  return new Failure('NOT_FOUND', { what: `The script has no answer for ${name}` });
}
