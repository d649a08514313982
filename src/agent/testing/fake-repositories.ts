/** Repositories in memory; no storage behind them. */
import type { Repository } from '../../shared/contract/schemas/repository.ts';
import type { Repositories } from '../operations/ports.ts';
import type { Faults } from './faults.ts';
import { epoch, refused } from './faults.ts';

export const repositoryId = 'drive';

export function fakeRepositories(faults: Faults): Repositories {
  const known = new Map<string, Repository>();
  const make = (id: string, kind: Repository['kind'], name = id): Repository => {
    const made: Repository = { repository_id: id, name, url: `/media/${id}`, kind, created_at: epoch, certificate_fingerprint: null, last_used_at: null, last_error: null };
    known.set(id, made);
    return made;
  };
  make(repositoryId, 'local');
  const get = (id: string): Repository => {
    const found = known.get(id);
    if (found === undefined) throw refused('REPOSITORY_NOT_FOUND');
    return found;
  };
  const reach = (): void => {
    if (faults.repositories !== undefined) throw faults.repositories;
  };
  return {
    list: () => [...known.values()],
    get,
    has: (id) => known.has(id),
    ensureDefault: async () => known.get('embedded') ?? make('embedded', 'embedded'),
    access: async (id) => ({ repositoryId: id, url: get(id).url, password: '' }),
    used: () => undefined,
    async add({ name }) {
      reach();
      return make(`added-${known.size}`, 'local', name);
    },
    setUpDefault: async () => {
      reach();
      return known.get('default') ?? make('default', 'embedded');
    },
    async recoverySheet(id) {
      reach();
      return { location: get(id).url, file_name: 'sheet.txt', text: 'sheet' };
    },
    draftSheet: ({ url = '/embedded' }) => ({ location: url, file_name: 'sheet.txt', text: 'sheet' }),
    async passwordMatches(_, password) {
      reach();
      return password === 'correct horse';
    },
    async diagnose() {
      return { location: '/embedded', steps: [{ step: 'folder', ok: true, subject: '/embedded', detail: '', took_ms: 1 }] };
    },
    async test() {
      reach();
      return { reachable: true, exists: true, password_opens: null, version: 2, latency_ms: 1, certificate_fingerprint: null, message: 'reachable' };
    },
    async update(id, { name }) {
      reach();
      return make(id, get(id).kind, name);
    },
    async remove(id) {
      get(id);
      known.delete(id);
    },
  };
}
