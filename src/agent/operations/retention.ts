/** Handlers: forgetting, pruning, pins, tags, and what is odd. */
import { isEmptyPolicy } from '../../core/retention/policy.ts';
import { policyOf } from '../../core/retention/scope.ts';
import { invalidInput } from '../../shared/contract/check-input.ts';
import type { CheckedInput } from '../../shared/contract/operations.ts';
import type { retentionOperations } from '../../shared/contract/operations/retention.ts';
import type { Job } from '../../shared/contract/schemas/job.ts';
import type { RetentionScope, RetentionSelection } from '../../shared/contract/schemas/retention.ts';
import { Failure } from '../../shared/errors.ts';
import { forgetJob, pruneJob, removalJob } from './new-job.ts';
import type { JobSettings } from './new-job.ts';
import type { OperationContext, Services, SomeHandlers } from './services.ts';

export function retentionHandlers({ repositories, retention, runner, settings }: Services): SomeHandlers<typeof retentionOperations> {
  const settingsFor = (repositoryId: string, { traceId }: OperationContext): JobSettings => ({ repositoryId, maxAttempts: settings.document.settings.max_attempts, traceId });
  return {
    async start_forget(input, context) {
      const { repository_id: id } = repositories.get(input.repository_id);
      return accepted(runner.enqueue(forgetJob({ ...input, scope: scopeOf(input) }, settingsFor(id, context))));
    },

    async start_prune(input, context) {
      const { repository_id: id } = repositories.get(input.repository_id);
      return accepted(runner.enqueue(pruneJob(input, settingsFor(id, context))));
    },

    async remove_snapshots({ snapshots, ...input }, context) {
      const { repository_id: id } = repositories.get(input.repository_id);
      return accepted(runner.enqueue(removalJob(await retention.chosen(id, snapshots, context.signal), input, settingsFor(id, context))));
    },

    async preview_forget(input, { signal }) {
      repositories.get(input.repository_id);
      return { groups: await retention.previewForget(input.repository_id, scopeOf(input), signal) };
    },

    async simulate_retention(input, { signal }) {
      repositories.get(input.repository_id);
      return await retention.simulate(input.repository_id, scopeOf(input), input.days, signal);
    },

    async pin_snapshot({ repository_id: id, snapshot }, { signal }) {
      repositories.get(id);
      return { success: true, snapshot_id: await retention.pin(id, snapshot, true, signal) };
    },

    async unpin_snapshot({ repository_id: id, snapshot }, { signal }) {
      repositories.get(id);
      return { success: true, snapshot_id: await retention.pin(id, snapshot, false, signal) };
    },

    async tag_snapshots({ repository_id: id, snapshots, ...wish }, { signal }) {
      repositories.get(id);
      return { changed: await retention.tag(id, snapshots, wish, signal) };
    },

    async list_retention_freezes({ repository_id: id }, { signal }) {
      repositories.get(id);
      return { freezes: await retention.freezes(id, signal) };
    },

    async confirm_retention({ repository_id: id, confirmation }, { signal }) {
      repositories.get(id);
      await retention.confirm(id, confirmation, signal);
      return { success: true };
    },
  };
}

/** Failure RETENTION_REFUSED for a policy without a rule: everything would go. */
function scopeOf({ policy, group_by, hosts, tags, paths, like }: Omit<CheckedInput<'preview_forget'>, 'repository_id'>): RetentionScope {
  if (like !== undefined && hosts.length + tags.length + paths.length > 0) throw invalidInput({ path: 'like', message: 'Give either filters or a snapshot that the others are like' });
  const selection: RetentionSelection = like === undefined ? { by: 'filter', hosts, tags, paths } : { by: 'like', snapshot_id: like };
  if (!isEmptyPolicy(policyOf(policy))) return { selection, policy, group_by };
  throw new Failure('RETENTION_REFUSED', { what: 'The policy has no rule, so nothing would be kept', safe: 'Nothing was changed', next: 'Say what is kept, as in {"keep_daily": 7}' }, { path: 'policy' });
}

function accepted({ job_id }: Job): { success: true; job_id: string } {
  return { success: true, job_id };
}
