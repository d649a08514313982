/**
 * The next job that may run: the highest priority first, then in order of arrival, waiting ones when their time came, no
 * more at once than the limits allow. A job that needs its repository for itself begins when no other of it runs, and nothing
 * that comes after it overtakes it meanwhile.
 *
 * Candidates are the first jobs of each repository that has room, found by hopping from repository to repository in the
 * index: ten thousand jobs behind a busy repository cost one hop.
 */
import { Failure } from '../../shared/errors.ts';
import { withAttempt } from './attempt-history.ts';
import { writing } from './connection.ts';
import { follow } from './job-lookup.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobRecord } from './job-record.ts';
import { readRow } from './job-row.ts';
import type { JobRow } from './job-row.ts';
import type { ClaimLimits, JobQueue } from './queue-port.ts';

interface Candidate {
  readonly sequence: number;
  readonly priority: number;
  /** 1 where the job needs its repository for itself. */
  readonly exclusive: number;
}

const inTurn = (a: Candidate, b: Candidate): number => b.priority - a.priority || a.sequence - b.sequence;

const claimable = ['queued', 'waiting'] as const;

export function prepareClaim(context: QueueContext): JobQueue['claim'] {
  const { database, clock, logger } = context;
  const running = database.prepare<[], { repository_id: string; jobs: number; exclusive: number }>("SELECT repository_id, count(*) AS jobs, max(exclusive) AS exclusive FROM jobs WHERE state = 'running' GROUP BY repository_id");
  const nextRepository = database.prepare<[string, string], string | null>('SELECT min(repository_id) FROM jobs WHERE state = ? AND repository_id > ?').pluck();
  const first = database.prepare<[string, string, number], Candidate>(`
    SELECT sequence, priority, exclusive FROM jobs
    WHERE state = ? AND repository_id = ? AND (next_attempt_at IS NULL OR next_attempt_at <= ?)
    ORDER BY priority DESC, sequence LIMIT 1`);
  const bySequence = database.prepare<[number], JobRow>('SELECT * FROM jobs WHERE sequence = ?');
  const start = database.prepare(`
    UPDATE jobs SET state = @state, phase = 'CONNECTING', attempt = attempt + 1, attempts = @attempts, next_attempt_at = NULL, error_code = NULL, error_message = NULL, error_parts = NULL,
      worker_pid = NULL, worker_start = NULL, message = 'Connecting', started_at = coalesce(started_at, @now)
    WHERE sequence = @sequence`);
  const giveUp = database.prepare(`
    UPDATE jobs SET state = @state, phase = 'FAILED', error_code = 'DAMAGED', error_message = @message, message = @message, finished_at = @now WHERE sequence = @sequence`);

  const best = (limits: ClaimLimits, now: number): Candidate | undefined => {
    const atWork = running.all();
    if (atWork.reduce((sum, { jobs }) => sum + jobs, 0) >= limits.total) return undefined;
    const busy = new Map(atWork.map(({ repository_id, jobs, exclusive }) => [repository_id, exclusive === 1 ? Number.POSITIVE_INFINITY : jobs]));
    /** The next of each repository that has room. */
    const candidates = new Map<string, Candidate>();
    for (const state of claimable) {
      for (let repository = nextRepository.get(state, ''); typeof repository === 'string'; repository = nextRepository.get(state, repository)) {
        if ((busy.get(repository) ?? 0) >= limits.perRepository) continue;
        const candidate = first.get(state, repository, now);
        if (candidate === undefined) continue;
        const other = candidates.get(repository);
        if (other === undefined || inTurn(candidate, other) < 0) candidates.set(repository, candidate);
      }
    }
    const mayBegin = [...candidates].filter(([repository, { exclusive }]) => exclusive === 0 || !busy.has(repository));
    return mayBegin.map(([, candidate]) => candidate).sort(inTurn)[0];
  };

  return writing(context, (limits: ClaimLimits): JobRecord | undefined => {
    const now = clock.now();
    for (;;) {
      const candidate = best(limits, now);
      const row = candidate && bySequence.get(candidate.sequence);
      if (row === undefined) return undefined;
      const state = follow(row, 'claim', 'started');
      try {
        readRow(row);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        // A job that nobody can read would stand at the head of the queue for ever.
        logger.error({ job_id: row.id, error: error.message }, 'job given up');
        giveUp.run({ sequence: row.sequence, state: follow({ ...row, state }, 'fail', 'ended'), message: error.message, now });
        continue;
      }
      start.run({ sequence: row.sequence, state, attempts: withAttempt(row, now), now });
      return context.jobs.record(row.id);
    }
  });
}
