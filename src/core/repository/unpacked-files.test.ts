import { describe, expect, it } from 'vitest';
import type { Addon } from '../native/addon.ts';
import { createRepository } from './repository.ts';
import { fastDerivation, memoryRepository, testPassword } from './testing/fast-repository.ts';

/** The real addon with one function replaced by a broken one. */
const broken = (addon: Addon, members: Partial<Addon>): Addon => Object.assign(Object.create(addon) as Addon, members);

describe('what was encoded is decoded and compared before it is stored', () => {
  it('stores nothing when compression went wrong', async () => {
    const { ports, store } = await memoryRepository();
    for (const compress of [
      (data: Uint8Array) => ports.addon.compress(data.subarray(1), 3),
      (data: Uint8Array) => ports.addon.compress(data, 3).subarray(1),
    ]) {
      store.objects.clear();
      const repository = await createRepository({ ...ports, addon: broken(ports.addon, { compress }) }, { password: testPassword(), kdf: fastDerivation });
      await expect(repository.writeUnpacked('index', Buffer.from('{"packs":[]}\n'))).rejects.toMatchObject({ code: 'INTERNAL' });
      expect(store.names('index')).toEqual([]);
    }
  });
});
