/** Fields of the progress that are the same for every kind of job. */
import type { TimeLeft } from '../core/platform/pace.ts';
import type { StageName } from '../shared/contract/schemas/job.ts';
import type { WorkerProgress } from '../shared/worker-protocol.ts';

export function etaFields(left: Partial<TimeLeft>): Pick<WorkerProgress, 'etaSeconds' | 'etaRange'> {
  const { seconds_remaining: middle, seconds_remaining_low: low, seconds_remaining_high: high } = left;
  return {
    etaSeconds: middle ?? null,
    etaRange: low === undefined || high === undefined ? null : { low, high },
  };
}

/** The stage that was busiest; null while none was. */
export function busiest(stages: WorkerProgress['stages']): StageName | null {
  const known = Object.entries(stages) as [StageName, { readonly busy: number }][];
  const [stage, { busy }] = known.reduce<[StageName | null, { readonly busy: number }]>((most, next) => (next[1].busy > most[1].busy ? next : most), [null, { busy: 0 }]);
  return busy > 0 ? stage : null;
}

/** `1 file`, `12 files`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The fields of a summary that a job keeps: numbers, texts and flags, no lists. */
export function summaryFields(fields: object): Record<string, number | string | boolean> {
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, number | string | boolean] => ['number', 'string', 'boolean'].includes(typeof entry[1])));
}
