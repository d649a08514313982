/**
 * One attempt of one job: opens the repository and does the work with the engine. It tells what happens to its ports, and
 * ends with what the agent is told, or throws.
 */
import { loadAddon } from '../core/native/load-addon.ts';
import type { Clock } from '../core/platform/clock.ts';
import type { Logger } from '../core/platform/logger.ts';
import { openRepository } from '../core/repository/repository.ts';
import type { Repository } from '../core/repository/repository.ts';
import type { Bandwidth } from '../core/storage/bandwidth-limit.ts';
import type { ConnectionMeter } from '../core/storage/metering.ts';
import { openStore } from '../core/storage/open-store.ts';
import type { ObjectStore } from '../core/storage/object-store.ts';
import { withoutCredentials } from '../core/storage/store-url.ts';
import type { WorkerEnd, WorkerProgress, WorkerTask } from '../shared/worker-protocol.ts';
import type { ActiveSpan, Tracer } from '../telemetry/telemetry.ts';
import type { WorkerChannel } from './channel.ts';
import { watchDestination } from './destination-watch.ts';

export type Completed = Extract<WorkerEnd, { readonly outcome: 'completed' }>;

export interface AttemptPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tracer: Tracer;
  readonly channel: Pick<WorkerChannel, 'send'>;
  /** Aborted with a `StopRequest`. */
  readonly signal: AbortSignal;
  /** As the settings have it now, or will. */
  readonly bandwidth: Bandwidth;
  readonly progress: (progress: WorkerProgress) => void;
}

/** What every kind of job is given. */
export interface JobPorts extends AttemptPorts {
  readonly repository: Repository;
}

const connecting: WorkerProgress = {
  phase: 'CONNECTING',
  file: null,
  percent: 0,
  message: 'Connecting',
  bytesDone: 0,
  bytesTotal: 0,
  filesDone: 0,
  filesTotal: 0,
  bytesPerSecond: 0,
  etaSeconds: null,
  etaRange: null,
  bottleneck: null,
  stages: {},
  errorCount: 0,
};

export function runAttempt(task: WorkerTask, ports: AttemptPorts): Promise<Completed> {
  const attributes = { job_id: task.jobId, attempt: task.attempt, repository_id: task.repository.repositoryId };
  return ports.tracer.within(`worker.${task.payload.kind}`, { parent: task.traceparent, attributes }, async (span) => {
    ports.progress(connecting);
    const destination = watchDestination(ports.clock, task.repository.repositoryId, ports.channel);
    try {
      const store = open(task, ports, destination.meter, span);
      try {
        return await withRepository(task, ports, store);
      } finally {
        await store.close();
      }
    } finally {
      destination.end();
    }
  });
}

async function withRepository(task: WorkerTask, ports: AttemptPorts, store: ObjectStore): Promise<Completed> {
  const repository = await ports.tracer.within('repository.open', {}, () => unlock(task, ports, store));
  try {
    return await runJob(task, { ...ports, repository });
  } finally {
    await repository.close();
  }
}

function open({ jobId, repository }: WorkerTask, { clock, logger, channel, tracer, bandwidth }: AttemptPorts, meter: ConnectionMeter, span: ActiveSpan): ObjectStore {
  return openStore(repository.url, {
    addon: loadAddon(),
    clock,
    logger,
    meter,
    env: process.env,
    clientId: jobId,
    tracing: { tracer, parent: span.traceparent },
    ...(repository.certificateFingerprint === undefined ? {} : { certificateFingerprint: repository.certificateFingerprint }),
    bandwidth,
    onRetry: ({ operation, message, attempt, delay }) => channel.send({ type: 'retry', operation, message: withoutCredentials(message), attempt, delay }),
  });
}

async function unlock(task: WorkerTask, { clock, logger, signal }: AttemptPorts, store: ObjectStore): Promise<Repository> {
  const password = Buffer.from(task.repository.password, 'utf8');
  try {
    return await openRepository({ store, addon: loadAddon(), clock, logger }, { password }, signal);
  } finally {
    password.fill(0);
  }
}

/** Of the engine only what the job needs is loaded. */
async function runJob(task: WorkerTask, ports: JobPorts): Promise<Completed> {
  const { payload } = task;
  if (payload.kind === 'backup') return (await import('./backup-job.ts')).runBackup(payload, task.programVersion, ports);
  if (payload.kind === 'restore') return (await import('./restore-job.ts')).runRestore(payload, ports);
  if (payload.kind === 'check') return (await import('./check-job.ts')).runCheck(payload, ports);
  if (payload.kind === 'forget') return (await import('./forget-job.ts')).runForget(payload, task, ports);
  return (await import('./prune-job.ts')).runPrune(payload, task.memoryFolder, ports);
}
