/** A runner on a real queue, with workers that tests play. */
import { setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';
import type { EventName, EventPayload } from '../../../shared/contract/events.ts';
import { events as contractEvents } from '../../../shared/contract/events.ts';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import { settings as settingsSchema } from '../../../shared/contract/schemas/settings.ts';
import type { Settings } from '../../../shared/contract/schemas/settings.ts';
import { Failure } from '../../../shared/errors.ts';
import type { StopReason, WorkerEnd, WorkerLimits, WorkerTask } from '../../../shared/worker-protocol.ts';
import type { ActiveSpan, Attributes, Telemetry } from '../../../telemetry/telemetry.ts';
import { sampleJob } from '../../queue/testing/sample-jobs.ts';
import type { NewJob } from '../../queue/job-record.ts';
import { newQueue } from '../../queue/testing/test-queue.ts';
import type { TestQueue } from '../../queue/testing/test-queue.ts';
import type { WorkerMessage } from '../attempt.ts';
import type { RunnerParts } from '../dispatcher.ts';
import { JobRunner } from '../runner.ts';

export class PlayedWorker {
  readonly task: WorkerTask;
  readonly say: (message: WorkerMessage) => void;
  readonly stops: StopReason[] = [];
  readonly limits: WorkerLimits[] = [];
  readonly #ended = Promise.withResolvers<WorkerEnd>();

  constructor(task: WorkerTask, say: (message: WorkerMessage) => void) {
    this.task = task;
    this.say = say;
  }

  get ended(): Promise<WorkerEnd> {
    return this.#ended.promise;
  }

  async end(end: WorkerEnd): Promise<void> {
    this.#ended.resolve(end);
    for (let turn = 0; turn < 3; turn++) await setImmediate();
  }
}

export interface Heard {
  readonly name: EventName;
  readonly payload: EventPayload<EventName>;
  /** Monotonic milliseconds. */
  readonly at: number;
}

export interface TestRunner extends TestQueue {
  readonly runner: JobRunner;
  readonly workers: PlayedWorker[];
  readonly heard: Heard[];
  readonly metrics: { readonly name: string; readonly value: number; readonly labels: Attributes }[];
  readonly log: { readonly level: string; readonly fields: Record<string, unknown>; readonly message: string }[];
  readonly spans: { readonly name: string; readonly parent: string | undefined; readonly attributes: Record<string, unknown>; failed: boolean }[];
  readonly used: { readonly id: string; readonly error: string | null }[];
  settings: Settings;
  /** Ends a worker's stop at once with `stopped`; false leaves that to the test. */
  obedient: boolean;
  end(): Promise<void>;
  /** A job whose worker runs. */
  running(job?: NewJob): Promise<{ id: string; worker: PlayedWorker }>;
  /** Of all events. */
  names(): EventName[];
  /** The job that the latest event of this name told of. */
  last(name: EventName): Job;
  /** The sum of a counter. */
  counted(name: string): number;
}

export const completed: WorkerEnd = { outcome: 'completed', partial: false, snapshotId: 'abc123', summary: { files_new: 2 }, message: '2 files saved' };
export const unreachable: WorkerEnd = { outcome: 'failed', error: { code: 'STORAGE_UNREACHABLE', message: 'The server cannot be reached', retryable: true } };

/** On the queue of `on`, else on a new one. */
export function newRunner(on: TestQueue = newQueue(), parts: Partial<RunnerParts> = {}): TestRunner {
  const { clock } = on;
  const test: Omit<TestRunner, 'runner'> = {
    ...on,
    workers: [],
    heard: [],
    metrics: [],
    log: [],
    spans: [],
    used: [],
    settings: settingsSchema.parse({}),
    obedient: true,
    end: async () => {
      await runner.close();
      on.close();
    },
    running: async (job = sampleJob) => {
      const { id } = runner.enqueue(job);
      await settled();
      const worker = test.workers.findLast(({ task }) => task.jobId === id);
      if (worker === undefined) throw new Error('no worker runs');
      return { id, worker };
    },
    names: () => test.heard.map(({ name }) => name),
    last: (name) => test.heard.findLast((event) => event.name === name)?.payload as Job,
    counted: (name) => test.metrics.filter((metric) => metric.name === name).reduce((sum, { value }) => sum + value, 0),
  };
  const note = (level: string) => (fields: Record<string, unknown>, message: string) => void test.log.push({ level, fields, message });
  const measure = (name: string, value = 1, labels: Attributes = {}): void => void test.metrics.push({ name, value, labels });
  const telemetry: Telemetry = {
    logger: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
    metrics: { count: measure, gauge: measure, time: measure, observe: measure },
    tracer: {
      active: () => undefined,
      within<T>(name: string, options: { readonly parent?: string; readonly attributes?: Attributes }, body: (span: ActiveSpan) => T): T {
        const span = { name, parent: options.parent, attributes: { ...options.attributes } as Record<string, unknown>, failed: false };
        test.spans.push(span);
        const run = body({ traceparent: `00-${options.parent?.slice(3, 35) ?? ''}-00000000000000aa-01`, traceId: '', spanId: '00000000000000aa', set: (attributes) => void Object.assign(span.attributes, attributes), event: () => undefined });
        const watched = async (): Promise<unknown> => {
          try {
            return await run;
          } catch (error) {
            span.failed = true;
            throw error;
          }
        };
        return watched() as T;
      },
    },
  };
  const runner = new JobRunner({
    queue: on.queue,
    clock,
    telemetry,
    random: () => 0.5,
    programVersion: '1.2.3',
    memoryFolder: '/home/ann/.config',
    settings: () => test.settings,
    emit: (name, payload) => {
      contractEvents[name].payload.parse(payload);
      test.heard.push({ name, payload, at: clock.monotonic() });
    },
    registry: {
      access: async (repositoryId) => {
        await setImmediate();
        if (repositoryId === 'gone') throw new Failure('REPOSITORY_NOT_FOUND', { what: 'There is no repository gone' });
        return { repositoryId, url: `/repositories/${repositoryId}`, password: 'secret' };
      },
      used: (id, { error }) => void test.used.push({ id, error }),
    },
    startWorker: (task, say) => {
      const worker = new PlayedWorker(task, say);
      test.workers.push(worker);
      return {
        pid: 2 ** 22 + test.workers.length,
        ended: worker.ended,
        limit: (limits) => void worker.limits.push(limits),
        stop: (reason) => {
          worker.stops.push(reason);
          if (test.obedient) void worker.end({ outcome: 'stopped', reason });
        },
      };
    },
    ...parts,
  });
  return Object.assign(test, { runner });
}

/** For `beforeEach`. */
export async function startedRunner(): Promise<TestRunner> {
  const test = newRunner();
  await test.runner.start();
  return test;
}

/** For `afterEach`: ends what still runs, and looks that nothing waits for the clock. */
export async function endRunner(test: TestRunner): Promise<void> {
  test.obedient = true;
  for (const worker of test.workers) await worker.end({ outcome: 'stopped', reason: 'shutdown' });
  await test.end();
  expect(test.clock.sleeping).toBe(0);
}

/** Lets everything that is ready run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate();
}
