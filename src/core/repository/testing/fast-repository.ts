/** Repositories for tests: real encryption, in memory, with a key derivation that takes no time. */
import { loadAddon } from '../../native/load-addon.ts';
import { systemClock, type Clock } from '../../platform/clock.ts';
import { createRepository, type Repository, type RepositoryPorts } from '../repository.ts';
import { MemoryStore } from './memory-store.ts';

export const fastDerivation = { N: 2, r: 8, p: 1 } as const;
export const testPassword = (): Buffer => Buffer.from('correct horse');

export interface MemoryRepository {
  readonly repository: Repository;
  readonly store: MemoryStore;
  readonly ports: RepositoryPorts;
}

export async function memoryRepository(options: { readonly version?: 1 | 2; readonly clock?: Clock } = {}): Promise<MemoryRepository> {
  const store = new MemoryStore();
  const ports: RepositoryPorts = { store, addon: loadAddon(), clock: options.clock ?? systemClock };
  const repository = await createRepository(ports, { password: testPassword(), version: options.version ?? 2, kdf: fastDerivation, username: 'tester', hostname: 'testhost' });
  store.history.length = 0;
  return { repository, store, ports };
}

/** Puts blobs into one pack, stores it and lists it in the repository's index; resolves with the pack's name. */
export async function storeBlobs(repository: Repository, type: 'data' | 'tree', blobs: readonly Buffer[]): Promise<{ packId: Buffer; records: Buffer; ids: Buffer[] }> {
  const { addon, keys, store } = repository;
  const ids = blobs.map((blob) => addon.sha256(blob));
  const sealed = blobs.map((blob) => keys.seal(blob));
  const entries: Buffer[] = [];
  const records = Buffer.alloc(blobs.length * 48);
  let offset = 0;
  for (const [index, blob] of sealed.entries()) {
    const id = ids[index] ?? Buffer.alloc(32);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(blob.length);
    entries.push(Buffer.of(type === 'tree' ? 1 : 0), length, id);
    records[index * 48] = type === 'tree' ? 1 : 0;
    records.writeUInt32LE(offset, index * 48 + 4);
    records.writeUInt32LE(blob.length, index * 48 + 8);
    id.copy(records, index * 48 + 16);
    offset += blob.length;
  }
  const header = keys.seal(Buffer.concat(entries));
  const headerLength = Buffer.alloc(4);
  headerLength.writeUInt32LE(header.length);
  const pack = Buffer.concat([...sealed, header, headerLength]);
  const packId = addon.sha256(pack);
  await store.put({ type: 'data', name: packId.toString('hex') }, pack);
  repository.index.addPack(packId, records);
  return { packId, records, ids };
}
