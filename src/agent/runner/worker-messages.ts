/** What a worker says besides how far it is: passed on to log, metrics and whoever watches destinations and traces. */
import type { DestinationHealth } from '../../shared/contract/schemas/connection-health.ts';
import type { Span } from '../../shared/contract/schemas/observability.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { JobRecord } from '../queue/job-record.ts';
import type { WorkerMessage } from './attempt.ts';

export interface WorkerListeners {
  /** `worker`: the attempt it does, for those that add up what workers count from zero. */
  readonly onDestination?: (worker: string, health: DestinationHealth) => void;
  readonly onWorkerEnded?: (worker: string) => void;
  readonly onSpans?: (spans: readonly Span[]) => void;
}

export function passOn(message: Exclude<WorkerMessage, { readonly type: 'progress' }>, job: JobRecord, { logger, metrics }: Telemetry, listeners: WorkerListeners): void {
  const about = { component: 'worker', job_id: job.id, trace_id: job.traceId };
  switch (message.type) {
    case 'item-error':
      metrics.count('job_item_errors_total', 1, { kind: job.kind });
      logger.warn({ ...about, item: message.item, during: message.during, error: message.message }, 'item failed');
      break;
    case 'retry':
      metrics.count('storage_retries_total', 1, { repository_id: job.repositoryId });
      logger.warn({ ...about, operation: message.operation, error: message.message, attempt: message.attempt, delay_ms: message.delay }, 'storage operation tried again');
      break;
    case 'log':
      logger[message.level]({ ...message.fields, ...about }, message.message);
      break;
    case 'metrics':
      for (const [name, by] of Object.entries(message.counters)) metrics.count(name, by, { repository_id: job.repositoryId });
      for (const [name, values] of Object.entries(message.timers)) for (const value of values) metrics.time(name, value, { repository_id: job.repositoryId });
      break;
    case 'destination':
      listeners.onDestination?.(workerName(job), message.health);
      break;
    case 'spans':
      listeners.onSpans?.(message.spans);
      break;
  }
}

/** One worker for each attempt. */
export function workerName({ id, attempt }: JobRecord): string {
  return `${id} ${attempt}`;
}
