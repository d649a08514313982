/** Index files in one go, sealed and opened by the addon: the text of one may have tens of megabytes. */
import type { BlobIndex } from '../native/blob-index.ts';
import { damaged } from './damage.ts';
import { loadCached } from './named-objects.ts';
import type { Repository } from './repository.ts';
import { doesNotDecode, isUndecodable } from './unpacked-files.ts';

/** What an index file says of its packs, as rows (blob-marks.ts). Failure DAMAGED names it. */
export async function readIndexedPacks(repository: Repository, name: string, signal?: AbortSignal): Promise<Buffer> {
  const file = await loadCached(repository, { type: 'index', name }, signal);
  try {
    return await repository.addon.indexedPacks(repository.keys, file, repository.config.version);
  } catch (error) {
    if (!isUndecodable(error)) throw error;
    throw damaged(`Index ${name} is damaged: ${error.message}`, { cause: error });
  }
}

/** Stores a file that lists these packs (n·32 bytes); resolves with its name when it is durable. Failure INTERNAL if it does not open to what was sealed. */
export async function writeIndexFile(repository: Repository, index: BlobIndex, packIds: Buffer, signal?: AbortSignal): Promise<string> {
  const file = await sealed(repository, index, packIds);
  const name = (await repository.addon.hash(file)).toString('hex');
  await repository.store.put({ type: 'index', name }, file, signal);
  await repository.cache?.put('index', name, file);
  return name;
}

async function sealed({ keys, config }: Repository, index: BlobIndex, packIds: Buffer): Promise<Buffer> {
  try {
    return await index.sealIndex(keys, packIds, config.version);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'E_VERIFY') throw doesNotDecode(error);
    throw error;
  }
}
