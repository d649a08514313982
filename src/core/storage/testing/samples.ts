/** Bytes, names and answers that the storage tests share. */
import { createHash } from 'node:crypto';
import { StorageError } from '../object-store.ts';
import type { ObjectHandle, ObjectInfo, ObjectStore } from '../object-store.ts';

/** Deterministic bytes of a given length; `seed` tells samples of one length apart. */
export function sampleBytes(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = (seed * 2654435761 + 12345) >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** The name that an object of these bytes has. */
export function nameOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The kind of the `StorageError` that the promise rejects with; anything else is described. */
export async function kindOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return 'succeeded';
  } catch (error) {
    return error instanceof StorageError ? error.kind : `not a StorageError: ${String(error)}`;
  }
}

/** What a store lists, by name. */
export async function listed(store: ObjectStore, type: 'key' | 'lock' | 'snapshot' | 'index' | 'data', signal?: AbortSignal): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for await (const info of store.list(type, signal)) found.push({ name: info.name, size: info.size });
  return byName(found);
}

/** Sorted for comparison. */
export function byName(infos: readonly ObjectInfo[]): ObjectInfo[] {
  return [...infos].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Stores the bytes under the name that is theirs. */
export async function putData(store: ObjectStore, bytes: Buffer): Promise<ObjectHandle> {
  const handle: ObjectHandle = { type: 'data', name: nameOf(bytes) };
  await store.put(handle, bytes);
  return handle;
}
