/**
 * What a job of each kind is asked to do: kept in the queue, given to a worker. Holds no secret.
 */
import { z } from 'zod';
import { excludes } from './contract/schemas/plan.ts';

export const backupPayload = z.strictObject({ kind: z.literal('backup'), paths: z.array(z.string()).min(1), excludes, tags: z.array(z.string()) });

export const restorePayload = z.strictObject({
  kind: z.literal('restore'),
  snapshot: z.string(),
  subpath: z.string().optional(),
  include: z.array(z.string()),
  exclude: z.array(z.string()),
  target: z.string(),
  overwrite: z.enum(['always', 'if-changed', 'if-newer', 'never']),
  verify: z.boolean(),
});

export const checkPayload = z.strictObject({ kind: z.literal('check'), read_data_percent: z.number().min(0).max(100) });

export const jobPayload = z.discriminatedUnion('kind', [backupPayload, restorePayload, checkPayload]);
export type JobPayload = z.infer<typeof jobPayload>;
