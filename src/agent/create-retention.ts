/** Retention, put together: the guard's watch over finished jobs, what plans forget, and what a person asks for. */
import type { Clock } from '../core/platform/clock.ts';
import type { Logger } from '../core/platform/logger.ts';
import type { Emit } from '../shared/contract/events.ts';
import { Failure } from '../shared/errors.ts';
import type { AlertBoard } from './health/alert-board.ts';
import type { Retention as RetentionService } from './operations/ports.ts';
import type { JobRecord, NewJob } from './queue/job-record.ts';
import type { JobQueue } from './queue/queue-port.ts';
import { FreezeBook } from './retention/freeze-book.ts';
import { PlanRetention } from './retention/plan-retention.ts';
import { Retention } from './retention/retention.ts';
import { RetentionWatch, type UseRepository } from './retention/retention-watch.ts';
import type { SettingsFile } from './settings/settings-port.ts';

export interface RetentionSurroundings {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: Emit;
  readonly alerts: AlertBoard;
  /** That of the configuration. */
  readonly folder: string;
  readonly queue: JobQueue;
  readonly use: UseRepository;
  readonly enqueue: (job: NewJob) => void;
  readonly settings: SettingsFile;
}

export interface RunningRetention {
  readonly service: RetentionService;
  /** A job ended with COMPLETED, PARTIAL or FAILED. */
  jobEnded(id: string): void;
  /** Whether a job is a plan's that does not want it any more. */
  isWithdrawn(job: JobRecord): boolean;
  /** The agent does not know this repository any more. */
  removed(repositoryId: string): void;
  /** Resolves when no look is running. */
  close(): Promise<void>;
}

export function createRetention({ clock, logger, emit, alerts, folder, queue, use, enqueue, settings }: RetentionSurroundings): RunningRetention {
  const known = (id: string) => settings.document.repositories.find(({ repository_id }) => repository_id === id);
  const book = new FreezeBook({ clock, logger, emit, alerts, folder, nameOf: (id) => known(id)?.name ?? id });
  const watch = new RetentionWatch({ book, use, logger, folder });
  const plans = new PlanRetention({
    clock,
    logger,
    queue,
    enqueue,
    plans: () => settings.document.plans,
    lastPruned: (id) => known(id)?.last_pruned_at,
    notePruned: (id, last_pruned_at) => {
      settings.update((document) => ({ ...document, repositories: document.repositories.map((one) => (one.repository_id === id ? { ...one, last_pruned_at } : one)) }));
      emit('repositories_changed', {});
    },
    maxAttempts: () => settings.document.settings.max_attempts,
  });
  const service = new Retention({ use, watch, logger, folder });
  return {
    service: {
      previewForget: (id, scope) => service.previewForget(id, scope),
      simulate: (id, scope, days) => service.simulate(id, scope, days),
      chosen: (id, starts) => service.chosen(id, starts),
      pin: (id, start, pinned) => service.pin(id, start, pinned),
      tag: (id, starts, wish) => service.tag(id, starts, wish),
      freezes: (id) => watch.freezes(id),
      confirm: (id, confirmation) => watch.confirm(id, confirmation),
    },
    jobEnded(id) {
      try {
        const job = queue.get(id);
        if (bringsOrRemoves(job)) watch.jobEnded(job.repositoryId, job.payload.kind === 'forget' && job.payload.what.by === 'policy' ? scopeOf(job.payload.what) : plans.scopeAfter(job));
        plans.jobEnded(job);
      } catch (error) {
        // The end of the job is stored; what follows it must not undo that.
        if (!(error instanceof Failure)) throw error;
        logger.error({ job_id: id, error: error.message }, 'what follows a job could not be done');
      }
    },
    isWithdrawn: (job) => plans.isWithdrawn(job),
    removed: (id) => book.forget(id),
    close: () => watch.close(),
  };
}

/** Whether the snapshots of the repository may be others than before the job, or may be odd. */
function bringsOrRemoves({ payload: { kind }, phase, error }: JobRecord): boolean {
  const acts = kind === 'backup' || kind === 'forget' || kind === 'prune';
  return acts && (phase !== 'FAILED' || error?.code === 'RETENTION_FROZEN');
}

function scopeOf({ selection, policy, group_by }: Extract<Extract<JobRecord['payload'], { kind: 'forget' }>['what'], { by: 'policy' }>) {
  return { selection, policy, group_by };
}
