/** When the worker's process started, beside its id: an id alone may be another process's after a crash. */
export const workerStart = `
  ALTER TABLE jobs ADD COLUMN worker_start TEXT;
`;
