/**
 * Retention: what is kept, what is odd, and how much a prune may do.
 *
 * Vocabulary: a *policy* is restic's rules under restic's names; a *selection* says which snapshots it is applied to, a
 * *group* what snapshots have in common that it is applied to on its own. A group with *oddities* is *frozen*: nothing of it is
 * forgotten until a person confirms them (decision 14).
 */
import { z } from 'zod';
import { byteCount, count, identifier, timestamp } from './common.ts';

/** -1: all. 0: no rule. */
const keep = z.number().int().min(-1).max(100_000);
const duration = z.string().max(64).regex(/^(\d{1,9}[ymdh])+$/, 'a duration as in "2y5m7d3h"');
/** Tags joined by commas: all of them. */
const tagList = z.string().min(1).max(4096);
const path = z.string().min(1).max(65_536);

/** Names and meanings are restic's. */
export const retentionPolicy = z.strictObject({
  keep_last: keep.optional(),
  keep_hourly: keep.optional(),
  keep_daily: keep.optional(),
  keep_weekly: keep.optional(),
  keep_monthly: keep.optional(),
  keep_yearly: keep.optional(),
  keep_within: duration.optional(),
  keep_within_hourly: duration.optional(),
  keep_within_daily: duration.optional(),
  keep_within_weekly: duration.optional(),
  keep_within_monthly: duration.optional(),
  keep_within_yearly: duration.optional(),
  keep_tags: z.array(tagList).max(100).optional().describe('snapshots with one of these; "a,b": with both'),
});
export type RetentionPolicyFields = z.infer<typeof retentionPolicy>;

export const groupBy = z.array(z.enum(['host', 'paths', 'tags'])).max(3);
export type GroupByFields = z.infer<typeof groupBy>;

/** restic's filters. */
export const snapshotFilter = z.strictObject({
  hosts: z.array(z.string().min(1).max(255)).max(100).default([]).describe('one of them; none: any'),
  tags: z.array(tagList).max(100).default([]).describe('one of them; "a,b": both'),
  paths: z.array(path).max(100).default([]).describe('all of them'),
});
export type SnapshotFilterFields = z.infer<typeof snapshotFilter>;

/** `like`: snapshots of the same host, the same paths and the same tags, whatever is pinned. */
export const retentionSelection = z.discriminatedUnion('by', [snapshotFilter.extend({ by: z.literal('filter') }), z.strictObject({ by: z.literal('like'), snapshot_id: z.string().regex(/^[0-9a-f]{64}$/) })]);
export type RetentionSelection = z.infer<typeof retentionSelection>;

/** A policy with what it is applied to. */
export const retentionScope = z.strictObject({ selection: retentionSelection, policy: retentionPolicy, group_by: groupBy });
export type RetentionScope = z.infer<typeof retentionScope>;

export const unusedLimit = z.union([z.literal('unlimited'), z.strictObject({ percent: z.number().min(0).lt(100) }), z.strictObject({ bytes: byteCount })]);

export const pruneOptions = z.strictObject({
  max_unused: unusedLimit.optional().describe('how much that is not needed may stay; default 5 percent'),
  max_repack_size: byteCount.optional().describe('write no more than this anew'),
  repack_smaller_than: byteCount.max(16 * 1024 * 1024).optional().describe('write packs below this size anew, together'),
  repack_cacheable_only: z.boolean().optional().describe('write only packs of folders anew'),
  repack_uncompressed: z.boolean().optional().describe('compress what is stored without compression'),
});
export type PruneOptionFields = z.infer<typeof pruneOptions>;

/** What becomes of the snapshots of a plan after each of its backups; `prune`: no more often than that. */
export const planRetention = z.strictObject({
  ...retentionPolicy.shape,
  enabled: z.boolean().optional().describe('default: false, nothing is forgotten'),
  prune: z.enum(['never', 'daily', 'weekly', 'monthly']).optional().describe('default: weekly'),
});
export type PlanRetention = z.infer<typeof planRetention>;

export const oddityCode = z.enum(['time-in-future', 'time-before-parent', 'time-after-arrival', 'arrived-out-of-order', 'time-before-seen', 'too-many-new', 'many-files-changed', 'data-incompressible']);
export type OddityCode = z.infer<typeof oddityCode>;

export const snapshotGroup = z.strictObject({
  host: z.string().describe('empty where snapshots were not grouped by it'),
  paths: z.array(z.string()).nullable(),
  tags: z.array(z.string()).nullable(),
});

const oddity = z.strictObject({
  code: oddityCode,
  snapshots: z.array(z.string()).describe('full ids'),
  endangered: z.array(z.string()).exactOptional().describe('snapshots that would go for them'),
  share: z.number().exactOptional(),
  usual: z.number().exactOptional(),
  sentence: z.string().describe('in English, about the snapshots'),
});

export const frozen = z.strictObject({ oddities: z.array(oddity), confirmation: z.string().describe('confirms exactly these oddities of these snapshots') });

export const retentionFreeze = frozen.extend({ group: snapshotGroup, name: z.string().describe('of the group, for people'), since: timestamp });
export type RetentionFreeze = z.infer<typeof retentionFreeze>;

const keptSnapshot = z.strictObject({ id: z.string().nullable().describe('null: one that is yet to come'), time: z.string(), reasons: z.array(z.string()).describe("restic's, as in \"daily snapshot\"") });

export const forgetPreview = z.strictObject({
  group: snapshotGroup,
  keep: z.array(keptSnapshot),
  remove: z.array(z.strictObject({ id: z.string(), time: z.string() })),
  frozen: frozen.nullable().describe('where set, `remove` is what would go after a confirmation'),
});
export type ForgetPreview = z.infer<typeof forgetPreview>;

export const retentionSimulation = z.strictObject({
  groups: z.array(z.strictObject({ group: snapshotGroup, seconds_between_backups: z.number().nullable().describe('null: too few to tell a rhythm, so none is counted with'), kept: z.array(keptSnapshot).describe('on the last day, newest first') })),
  bytes_stored: byteCount.describe('of the whole repository, now'),
  days: z.array(z.strictObject({ at: timestamp, snapshots: count, bytes_low: byteCount, bytes_expected: byteCount, bytes_high: byteCount })).describe('today and each day after; bytes of the whole repository after a prune'),
});
export type RetentionSimulation = z.infer<typeof retentionSimulation>;

/** Snapshots whose tags were changed have new ids. */
export const replacedSnapshots = z.strictObject({ changed: z.array(z.strictObject({ old_snapshot_id: z.string(), new_snapshot_id: z.string() })) });

export const retentionFrozen = z.strictObject({ repository_id: identifier, freezes: z.array(retentionFreeze) });

/** What an agent remembers of frozen groups over a restart: by repository, with the scopes that found them. */
export const keptFreezes = z.strictObject({ version: z.literal(1), repositories: z.record(identifier, z.strictObject({ freezes: z.array(retentionFreeze), scopes: z.array(retentionScope) })) });
export type KeptFreezes = z.infer<typeof keptFreezes>;
