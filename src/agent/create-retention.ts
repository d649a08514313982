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
  /** Ends what is being looked at, and resolves when nothing is. */
  close(): Promise<void>;
}

export function createRetention({ clock, logger, emit, alerts, folder, queue, use, enqueue, settings }: RetentionSurroundings): RunningRetention {
  const known = (id: string) => settings.document.repositories.find(({ repository_id }) => repository_id === id);
  const book = new FreezeBook({ clock, logger, emit, alerts, folder, nameOf: (id) => known(id)?.name });
  const closing = new AbortController();
  const watch = new RetentionWatch({ book, use, logger, folder, closing: closing.signal });
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
  const service = new Retention({ use, watch, logger, folder, closing: closing.signal });
  return {
    service: {
      previewForget: (id, scope, signal) => service.previewForget(id, scope, signal),
      simulate: (id, scope, days, signal) => service.simulate(id, scope, days, signal),
      chosen: (id, starts, signal) => service.chosen(id, starts, signal),
      pin: (id, start, pinned, signal) => service.pin(id, start, pinned, signal),
      tag: (id, starts, wish, signal) => service.tag(id, starts, wish, signal),
      freezes: (id, signal) => watch.freezes(id, signal),
      confirm: (id, confirmation, signal) => watch.confirm(id, confirmation, signal),
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
    async close() {
      closing.abort(new Failure('INTERRUPTED', { what: 'The agent is being stopped', safe: 'What was changed before is whole', next: 'Ask again when it runs' }));
      await watch.ended();
    },
  };
}

/** Whether the snapshots of the repository may be others than before the job, or may be odd. */
function bringsOrRemoves({ payload, phase, error }: JobRecord): boolean {
  const acts = payload.kind === 'backup' || ((payload.kind === 'forget' || payload.kind === 'prune') && !payload.dry_run);
  return acts && (phase !== 'FAILED' || error?.code === 'RETENTION_FROZEN');
}

function scopeOf({ selection, policy, group_by }: Extract<Extract<JobRecord['payload'], { kind: 'forget' }>['what'], { by: 'policy' }>) {
  return { selection, policy, group_by };
}
