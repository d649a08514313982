/**
 * Reads all index files of a repository into one index.
 *
 * Invariant: each file is checked, whether it comes from the cache or from the storage, and lies in memory that the next one
 * uses again: what JavaScript is done with would count as memory of the process until it is collected.
 */
import { Failure } from '../../shared/errors.ts';
import type { BlobIndex, IndexedBlobs } from '../native/blob-index.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import { StorageError, type ObjectInfo } from '../storage/object-store.ts';
import { Semaphore } from '../storage/semaphore.ts';
import { damaged } from './damage.ts';
import type { DamagedObject, IndexLoadOptions } from './load-options.ts';
import { loadNamed, nameOf } from './named-objects.ts';
import type { IndexLoadReport, Repository } from './repository.ts';
import { Room } from './room.ts';
import { isUndecodable } from './unpacked-files.ts';

/** At once: a file that is being decoded takes some 20 MB, one that waits for it 3. */
const filesDecoded = 1;
const filesFetched = 3;
/** A list may say any size. */
const largestRoom = 64 * 2 ** 20;

type Source = Pick<Repository, 'store' | 'addon' | 'keys' | 'config' | 'cache'>;

/** Failures: DAMAGED for the first damaged file, unless damage is tolerated; those of the storage. */
export async function loadIndex(source: Source, { tolerateDamage = false, blobs = 'all' }: IndexLoadOptions, signal?: AbortSignal): Promise<{ readonly index: BlobIndex; readonly report: IndexLoadReport }> {
  const files: ObjectInfo[] = [];
  for await (const file of source.store.list('index', signal)) files.push(file);
  const index = source.addon.createIndex();
  const decoders = new Semaphore(filesDecoded);
  const rooms: Room[] = [];
  const damagedFiles: DamagedObject[] = [];
  const load = async (info: ObjectInfo): Promise<void> => {
    const room = rooms.pop() ?? new Room();
    try {
      const file = await fetchFile(source, info, room, signal);
      const release = await decoders.acquire(signal);
      try {
        await addFile(source, index, { name: info.name, file, blobs });
      } finally {
        release();
      }
    } catch (error) {
      if (!tolerateDamage || !(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
      damagedFiles.push({ name: info.name, failure: error });
    } finally {
      rooms.push(room);
    }
  };
  await mapConcurrently(files, Math.min(source.store.connections, filesFetched), load, signal);
  await source.cache?.keepOnly('index', new Set(files.map(({ name }) => name)));
  return { index, report: { files: files.length - damagedFiles.length, damaged: damagedFiles } };
}

async function fetchFile(source: Source, { name, size }: ObjectInfo, room: Room, signal: AbortSignal | undefined): Promise<Buffer> {
  const cached = await source.cache?.get('index', name);
  if (cached !== undefined && nameOf(source.addon, cached) === name) return cached;
  const file = (await fetchInto(source, { name, size }, room, signal)) ?? (await loadNamed(source, { type: 'index', name }, signal));
  await source.cache?.put('index', name, file);
  return file;
}

/** Undefined where it does not come as it was listed: then it is loaded without believing the list. */
async function fetchInto({ store, addon }: Source, { name, size }: ObjectInfo, room: Room, signal: AbortSignal | undefined): Promise<Buffer | undefined> {
  if (size > largestRoom) return undefined;
  const file = room.take(size);
  try {
    await store.getInto({ type: 'index', name }, 0, file, signal);
  } catch (error) {
    if (error instanceof StorageError && ['range', 'mismatch'].includes(error.kind)) return undefined;
    throw error;
  }
  return nameOf(addon, file) === name ? file : undefined;
}

async function addFile({ keys, config }: Source, index: BlobIndex, { name, file, blobs }: { readonly name: string; readonly file: Buffer; readonly blobs: IndexedBlobs }): Promise<void> {
  try {
    await index.addIndexFile(keys, file, config.version, blobs);
  } catch (error) {
    if (!isUndecodable(error)) throw error;
    throw damaged(`Index ${name} is damaged: ${error.message}`, { cause: error });
  }
}
