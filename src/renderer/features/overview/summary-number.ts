/** A number of a job's summary; 0 where it has none of that name. */
import type { Job } from '../../../shared/contract/schemas/job.ts';

export function summaryNumber(job: Job, field: string): number {
  const value = job.summary?.[field];
  return typeof value === 'number' ? value : 0;
}
