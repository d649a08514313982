/** Objects whose name is the SHA-256 of their bytes: everything but the config. */
import type { Addon } from '../native/addon.ts';
import { StorageError, type ObjectHandle, type ObjectInfo, type ObjectStore } from '../storage/object-store.ts';
import { damaged } from './damage.ts';

/** Loads a whole object and checks its name; loads it once more if that is wrong, since the way may have damaged it. Failure DAMAGED. */
export async function loadNamed(ports: { readonly store: ObjectStore; readonly addon: Addon }, handle: ObjectHandle, signal?: AbortSignal): Promise<Buffer> {
  const first = await ports.store.get(handle, undefined, signal);
  if (nameOf(ports.addon, first) === handle.name) return first;
  const second = await ports.store.get(handle, undefined, signal);
  if (nameOf(ports.addon, second) === handle.name) return second;
  throw damaged(`The ${handle.type} ${handle.name} is damaged: its content does not match its name`);
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
