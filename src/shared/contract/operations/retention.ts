/** What is kept: forgetting and pruning, looking at what a policy would do, pins and tags, and what is odd about snapshots. */
import { z } from 'zod';
import type { FailureCode } from '../../errors.ts';
import { operation } from '../operation.ts';
import { identifier, success } from '../schemas/common.ts';
import { forgetPreview, groupBy, pruneOptions, replacedSnapshots, retentionFreeze, retentionPolicy, retentionSimulation, snapshotFilter } from '../schemas/retention.ts';

const oneRepository = z.strictObject({ repository_id: identifier });
const accepted = z.strictObject({ success: z.literal(true), job_id: identifier });
const priority = z.number().int().min(-100).max(100);
const storageErrors = ['REPOSITORY_NOT_FOUND', 'REPOSITORY_MISSING', 'WRONG_PASSWORD', 'STORAGE_UNREACHABLE', 'STORAGE_DENIED', 'STORAGE_FAILED', 'FINGERPRINT_CHANGED', 'DAMAGED', 'INTERRUPTED'] as const satisfies readonly FailureCode[];
/** Changing snapshots takes restic's exclusive lock. */
const changeErrors = [...storageErrors, 'SNAPSHOT_NOT_FOUND', 'REPOSITORY_LOCKED'] as const;
/** No `latest`: what is meant must not change between looking and doing. */
const snapshotId = z.string().regex(/^[0-9a-f]{8,64}$/, 'at least eight digits of a snapshot id');
const snapshots = z.array(snapshotId).min(1).max(1000);
const tag = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^,]+$/, 'a tag has no comma')
  .refine((text) => text !== 'pinned', 'pinning has operations of its own');
const tags = z.array(tag).max(100);

/** What a policy is applied to, and how. */
const byPolicy = oneRepository.extend({
  policy: retentionPolicy,
  group_by: groupBy.default(['host', 'paths']).describe('the policy is applied to each group on its own'),
  ...snapshotFilter.shape,
  like: z.string().regex(/^[0-9a-f]{64}$/, 'a full snapshot id').optional().describe('instead of filters: snapshots of the same host, paths and tags as this one, as of one plan'),
});

export const retentionOperations = {
  start_forget: operation({
    method: 'POST',
    path: '/api/start_forget',
    description: 'Puts a forget into the queue: it removes snapshots that a policy does not keep.',
    input: byPolicy.extend({ prune: z.boolean().default(false).describe('then remove the data that nothing uses any more'), dry_run: z.boolean().default(false), priority: priority.optional() }),
    output: accepted,
    status: 202,
    errors: ['REPOSITORY_NOT_FOUND', 'RETENTION_REFUSED', 'QUEUE_FULL'],
  }),
  start_prune: operation({
    method: 'POST',
    path: '/api/start_prune',
    description: 'Puts a prune into the queue: it removes data that no snapshot needs.',
    input: oneRepository.extend({ ...pruneOptions.shape, dry_run: z.boolean().default(false), priority: priority.optional() }),
    output: accepted,
    status: 202,
    errors: ['REPOSITORY_NOT_FOUND', 'QUEUE_FULL'],
  }),
  remove_snapshots: operation({
    method: 'POST',
    path: '/api/repositories/{repository_id}/remove_snapshots',
    description: 'Puts the removal of chosen snapshots into the queue; pinned ones are refused.',
    input: oneRepository.extend({ snapshots, prune: z.boolean().default(false), priority: priority.optional() }),
    output: accepted,
    status: 202,
    errors: [...storageErrors, 'SNAPSHOT_NOT_FOUND', 'SNAPSHOT_PINNED', 'QUEUE_FULL'],
  }),
  preview_forget: operation({
    method: 'POST',
    path: '/api/repositories/{repository_id}/preview_forget',
    description: 'Says what a policy would keep and remove now, and why; changes nothing.',
    input: byPolicy,
    output: z.strictObject({ groups: z.array(forgetPreview) }),
    errors: [...storageErrors, 'RETENTION_REFUSED', 'CONFIGURATION'],
  }),
  simulate_retention: operation({
    method: 'POST',
    path: '/api/repositories/{repository_id}/simulate_retention',
    description: 'Says what a policy will have kept on a day to come, and the room that takes, while backups go on as until now.',
    input: byPolicy.extend({ days: z.number().int().min(0).max(3653).describe('from now') }),
    output: retentionSimulation,
    errors: [...storageErrors, 'RETENTION_REFUSED', 'USAGE'],
  }),
  pin_snapshot: operation({
    method: 'POST',
    path: '/api/repositories/{repository_id}/snapshots/{snapshot}/pin',
    description: 'Protects a snapshot from every policy and from removal; it gets a new id.',
    input: oneRepository.extend({ snapshot: snapshotId }),
    output: z.strictObject({ success: z.literal(true), snapshot_id: z.string() }),
    errors: changeErrors,
  }),
  unpin_snapshot: operation({
    method: 'POST',
    path: '/api/repositories/{repository_id}/snapshots/{snapshot}/unpin',
    description: 'Lets a pinned snapshot go again; it gets a new id.',
    input: oneRepository.extend({ snapshot: snapshotId }),
    output: z.strictObject({ success: z.literal(true), snapshot_id: z.string() }),
    errors: changeErrors,
  }),
  tag_snapshots: operation({
    method: 'POST',
    path: '/api/repositories/{repository_id}/tag_snapshots',
    description: 'Changes the tags of snapshots; a pin stays. Those that change get new ids.',
    input: oneRepository.extend({ snapshots, set: tags.optional().describe('these and no others; excludes the other two'), add: tags.optional(), remove: tags.optional() }).refine(({ set, add, remove }) => (set === undefined) !== (add === undefined && remove === undefined), { message: 'give either set, or add and remove', path: ['set'] }),
    output: replacedSnapshots,
    errors: changeErrors,
  }),
  list_retention_freezes: operation({
    method: 'GET',
    path: '/api/repositories/{repository_id}/retention_freezes',
    description: 'Looks at a repository, and names the groups of snapshots of which nothing is forgotten until a person confirms them.',
    input: oneRepository,
    output: z.strictObject({ freezes: z.array(retentionFreeze) }),
    errors: [...storageErrors, 'CONFIGURATION'],
  }),
  confirm_retention: operation({
    method: 'POST',
    path: '/api/repositories/{repository_id}/confirm_retention',
    description: 'Confirms that odd snapshots are all right: those that the confirmation was shown for, and no others.',
    input: oneRepository.extend({ confirmation: z.string().regex(/^[0-9a-f]{8}$/, 'eight hex digits') }),
    output: success,
    errors: [...storageErrors, 'RETENTION_FROZEN', 'REPOSITORY_LOCKED', 'CONFIGURATION'],
  }),
} as const;
