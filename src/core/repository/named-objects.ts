/** Objects whose name is the SHA-256 of their bytes: everything but the config. */
import type { Addon } from '../native/addon.ts';
import { StorageError, type ObjectHandle, type ObjectInfo, type ObjectStore } from '../storage/object-store.ts';
import type { RepositoryCache } from './cache.ts';
import { damaged } from './damage.ts';

/** Loads a whole object and checks its name; loads it once more if that is wrong, since the way may have damaged it. Failure DAMAGED. */
export async function loadNamed(ports: { readonly store: ObjectStore; readonly addon: Addon }, handle: ObjectHandle, signal?: AbortSignal): Promise<Buffer> {
  const first = await ports.store.get(handle, undefined, signal);
  if (nameOf(ports.addon, first) === handle.name) return first;
  const second = await ports.store.get(handle, undefined, signal);
  if (nameOf(ports.addon, second) === handle.name) return second;
  throw damaged(`The ${handle.type} ${handle.name} is damaged: its content does not match its name`);
}

/** The same from the cache, if there is one and it is right. */
export async function loadCached(ports: { readonly store: ObjectStore; readonly addon: Addon; readonly cache?: RepositoryCache }, handle: ObjectHandle & { readonly type: 'index' | 'snapshot' }, signal?: AbortSignal): Promise<Buffer> {
  const { type, name } = handle;
  const cached = await ports.cache?.get(type, name);
  if (cached !== undefined && nameOf(ports.addon, cached) === name) return cached;
  const file = await loadNamed(ports, handle, signal);
  await ports.cache?.put(type, name, file);
  return file;
}

export function nameOf(addon: Addon, bytes: Uint8Array): string {
  return addon.sha256(bytes).toString('hex');
}

/** All objects of a type; a place that does not exist yet has none. */
export async function listObjects(store: ObjectStore, type: 'key' | 'lock' | 'snapshot' | 'index', signal?: AbortSignal): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  try {
    for await (const info of store.list(type, signal)) found.push(info);
  } catch (error) {
    if (!(error instanceof StorageError && error.kind === 'not-found')) throw error;
    return [];
  }
  return found;
}
