/** Whether a job needs its repository for itself; those of earlier versions do not. */
export const exclusiveJobs = `
  ALTER TABLE jobs ADD COLUMN exclusive INTEGER NOT NULL DEFAULT 0;
`;
