/**
 * What a job of each kind is asked to do: kept in the queue, given to a worker. Holds no secret.
 */
import { z } from 'zod';
import type { JobKind } from './contract/schemas/job.ts';
import { excludes } from './contract/schemas/plan.ts';
import { pruneOptions, retentionScope } from './contract/schemas/retention.ts';

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

/** By rules, or these very snapshots (full ids). `prune`: afterwards, where snapshots went. `of`: what the plan saved that wants it. */
export const forgetPayload = z.strictObject({
  kind: z.literal('forget'),
  what: z.discriminatedUnion('by', [z.strictObject({ by: z.literal('policy'), ...retentionScope.shape }), z.strictObject({ by: z.literal('ids'), snapshots: z.array(z.string()).min(1) })]),
  prune: pruneOptions.nullable(),
  dry_run: z.boolean(),
  of: z.strictObject({ paths: z.array(z.string()), tags: z.array(z.string()) }).optional(),
});

export const prunePayload = z.strictObject({ kind: z.literal('prune'), options: pruneOptions, dry_run: z.boolean() });

export const jobPayload = z.discriminatedUnion('kind', [backupPayload, restorePayload, checkPayload, forgetPayload, prunePayload]);
export type JobPayload = z.infer<typeof jobPayload>;

/** Jobs of these kinds need the repository for themselves: no other job of it runs meanwhile. */
export const exclusiveKinds: ReadonlySet<JobKind> = new Set<JobKind>(['forget', 'prune']);
