/** Handlers: repositories that the agent knows, and what is in them. */
import type { repositoryOperations } from '../../shared/contract/operations/repositories.ts';
import { Failure } from '../../shared/errors.ts';
import { requireAbsolute } from './checks.ts';
import { askReader } from './history.ts';
import type { Services, SomeHandlers } from './services.ts';

export function repositoryHandlers(services: Services): SomeHandlers<typeof repositoryOperations> {
  const { repositories, emit } = services;
  return {
    async list_repositories() {
      return { repositories: repositories.list() };
    },

    async add_repository(input) {
      const added = await repositories.add(input);
      emit('repositories_changed', {});
      return added;
    },

    async test_repository(input) {
      return await repositories.test(input);
    },

    async set_up_default_repository({ password }) {
      const made = await repositories.setUpDefault(password);
      emit('repositories_changed', {});
      return made;
    },

    async get_recovery_sheet({ repository_id: id }) {
      repositories.get(id);
      return await repositories.recoverySheet(id);
    },

    async draft_recovery_sheet(input) {
      return repositories.draftSheet(input);
    },

    async check_password({ repository_id: id, password }) {
      repositories.get(id);
      return { matches: await repositories.passwordMatches(id, password) };
    },

    async get_repository({ repository_id: id }) {
      return repositories.get(id);
    },

    async update_repository({ repository_id: id, ...change }) {
      repositories.get(id);
      const updated = await repositories.update(id, change);
      emit('repositories_changed', {});
      return updated;
    },

    async remove_repository({ repository_id: id }) {
      repositories.get(id);
      requireUnused(services, id);
      await repositories.remove(id);
      emit('repositories_changed', {});
      return { success: true };
    },

    async diagnose_repository({ repository_id: id }) {
      repositories.get(id);
      return await repositories.diagnose(id);
    },

    list_snapshots: askReader(services, 'list_snapshots'),
    list_tree: askReader(services, 'list_tree'),

    async preview_restore(input, context) {
      requireAbsolute(input.target, 'target');
      return await askReader(services, 'preview_restore')(input, context);
    },
  };
}

function requireUnused({ plans, jobs }: Services, id: string): void {
  const plan = plans.list().find((one) => one.repository_id === id);
  const job = jobs.activeOn(id);
  if (plan === undefined && job === undefined) return;
  throw new Failure('REPOSITORY_IN_USE', {
    what: plan === undefined ? `The job ${job?.job_id ?? ''} still uses the repository` : `The plan "${plan.name}" uses the repository`,
    safe: 'Nothing was changed',
    next: plan === undefined ? 'Wait for the job, or cancel it' : 'Remove the plan, or give it another repository',
  });
}
