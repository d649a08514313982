/** Whether a job needs its repository for itself; those of earlier versions do not. */
export const exclusiveJobs = `
  ALTER TABLE jobs ADD COLUMN exclusive INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX jobs_exclusive ON jobs (repository_id, sequence) WHERE exclusive = 1 AND state <> 'done';
`;
