/** Handlers: this machine as a person who chooses sees it. */
import type { machineOperations } from '../../shared/contract/operations/machine.ts';
import { requireAbsolute, requirePatterns, requireRepository } from './checks.ts';
import type { Services, SomeHandlers } from './services.ts';

export function machineHandlers({ machine, repositories }: Services): SomeHandlers<typeof machineOperations> {
  return {
    async get_machine() {
      return machine.describe();
    },

    async list_places() {
      return { places: await machine.places() };
    },

    async list_folder(question) {
      requireAbsolute(question.path, 'path');
      return await machine.folder(question);
    },

    async look_at_target({ path }) {
      requireAbsolute(path, 'path');
      return await machine.target(path);
    },

    async start_measure({ paths, excludes, repository_id: id }) {
      if (id !== undefined) requireRepository(repositories, id);
      for (const [at, path] of paths.entries()) requireAbsolute(path, `paths.${at}`);
      requirePatterns(excludes, 'excludes');
      return machine.startMeasure({ paths, excludes, destination: id === undefined ? undefined : destinationFolder(id, { machine, repositories }) });
    },

    async get_measure({ measure_id: id }) {
      return machine.measure(id);
    },

    async cancel_measure({ measure_id: id }) {
      await machine.cancelMeasure(id);
      return { success: true };
    },
  };
}

/** Undefined for a repository that lies elsewhere. The embedded default may not be made yet. */
function destinationFolder(id: string, { machine, repositories }: Pick<Services, 'machine' | 'repositories'>): string | undefined {
  const known = repositories.list().find(({ repository_id }) => repository_id === id);
  if (known === undefined) return machine.describe().default_repository.path;
  return known.kind === 'embedded' || known.kind === 'local' ? known.url : undefined;
}
