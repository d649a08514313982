/**
 * Jobs. `sequence` is the order of arrival; times are milliseconds since the epoch; `payload`, `progress`, `attempts` and
 * `summary` are JSON. The indexes are what claim, list and the timers walk, so that none of them depends on how many jobs
 * there are.
 */
export const jobsTable = `
  CREATE TABLE jobs (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    payload TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    plan_id TEXT,
    priority INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    trace_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'paused', 'waiting', 'done')),
    phase TEXT NOT NULL,
    progress TEXT,
    attempt INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    attempts TEXT NOT NULL,
    next_attempt_at INTEGER,
    cancel_reason TEXT,
    paused_until INTEGER,
    error_code TEXT,
    error_message TEXT,
    snapshot_id TEXT,
    summary TEXT,
    message TEXT NOT NULL,
    worker_pid INTEGER,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER
  ) STRICT;
  CREATE INDEX jobs_by_state ON jobs (state, sequence);
  CREATE INDEX jobs_by_repository ON jobs (state, repository_id, priority DESC, sequence, next_attempt_at);
  CREATE INDEX jobs_waiting ON jobs (next_attempt_at) WHERE state = 'waiting';
  CREATE INDEX jobs_paused ON jobs (paused_until) WHERE state = 'paused';
  CREATE INDEX jobs_over ON jobs (finished_at) WHERE state = 'done';
`;
