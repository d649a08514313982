/** The queue: every statement group, prepared once on one connection. */
import { prepareCancel } from './cancel.ts';
import { prepareCheckpoint } from './checkpoint.ts';
import { prepareClaim } from './claim.ts';
import { prepareComplete } from './complete.ts';
import { writing } from './connection.ts';
import type { QueueConnection } from './connection.ts';
import { prepareCounts } from './counts.ts';
import { prepareEnqueue } from './enqueue.ts';
import { prepareFail } from './fail.ts';
import { prepareGet } from './get.ts';
import { prepareLookup } from './job-lookup.ts';
import { prepareList } from './list.ts';
import { prepareNextDueAt } from './next-due.ts';
import { prepareOldestQueuedAt } from './oldest-queued.ts';
import { preparePause } from './pause.ts';
import type { JobQueue } from './queue-port.ts';
import { prepareRecover } from './recover.ts';
import { prepareRemove } from './remove.ts';
import { prepareRetry } from './retry.ts';
import { prepareSkipped } from './skipped.ts';
import { prepareTrimHistory } from './trim-history.ts';
import { prepareWorkerStarted } from './worker-started.ts';

/** The schema must be the latest one (migrate.ts). The queue owns the connection: `close` closes it. */
export function createQueue(connection: QueueConnection): JobQueue {
  const context = { ...connection, jobs: prepareLookup(connection) };
  const cancel = prepareCancel(context);
  const together = writing(context, (calls: () => unknown) => calls());
  return {
    enqueue: prepareEnqueue(context),
    get: prepareGet(context),
    ...prepareList(context),
    counts: prepareCounts(context),
    claim: prepareClaim(context),
    nextDueAt: prepareNextDueAt(context),
    oldestQueuedAt: prepareOldestQueuedAt(context),
    workerStarted: prepareWorkerStarted(context),
    checkpoint: prepareCheckpoint(context),
    complete: prepareComplete(context),
    skipped: prepareSkipped(context),
    fail: prepareFail(context),
    ...cancel,
    ...preparePause(context),
    retry: prepareRetry(context),
    remove: prepareRemove(context),
    recover: prepareRecover(context, cancel.cancelled),
    together: <T>(calls: () => T) => together(calls) as T,
    trimHistory: prepareTrimHistory(context),
    close: () => {
      connection.database.close();
    },
  };
}
