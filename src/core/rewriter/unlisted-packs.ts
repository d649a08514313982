/** Packs that no index lists: what they say themselves is put into an index. */
import { Failure } from '../../shared/errors.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import { damaged } from '../repository/damage.ts';
import { IndexWriter } from '../repository/index-writer.ts';
import type { Repository } from '../repository/repository.ts';
import { StorageError } from '../storage/object-store.ts';

const lengthSize = 4;

export interface ListedPacks {
  /** Packs that are listed now. */
  readonly listed: number;
  /** Packs whose header cannot be read. */
  readonly damaged: readonly Failure[];
}

/** Adds them to the repository's index too. To be called under a confirmed lock, with the index loaded. */
export async function listUnlistedPacks(repository: Repository, signal?: AbortSignal): Promise<ListedPacks> {
  const unlisted: { readonly name: string; readonly size: number }[] = [];
  for await (const { name, size } of repository.store.list('data', signal)) {
    if (repository.index.packRecords(Buffer.from(name, 'hex')).length === 0) unlisted.push({ name, size });
  }
  const writer = new IndexWriter(repository);
  const failures: Failure[] = [];
  let listed = 0;
  const read = async ({ name, size }: { readonly name: string; readonly size: number }): Promise<void> => {
    try {
      const records = await readHeader(repository, name, size, signal);
      await writer.addPack(Buffer.from(name, 'hex'), records, signal);
      listed += 1;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
      failures.push(error);
    }
  };
  await mapConcurrently(unlisted, repository.store.connections, read, signal);
  await writer.flush(signal);
  return { listed, damaged: failures };
}

/** The record list of a pack. Failure DAMAGED. */
async function readHeader({ store, addon, keys }: Repository, name: string, size: number, signal?: AbortSignal): Promise<Buffer> {
  const unreadable = (why: string, cause?: unknown): Failure => damaged(`Pack ${name} is in no index, and its header cannot be read: ${why}`, { cause });
  if (size <= lengthSize) throw unreadable('it is too short');
  const handle = { type: 'data', name } as const;
  try {
    const headerLength = (await store.get(handle, { offset: size - lengthSize, length: lengthSize }, signal)).readUInt32LE();
    const tailLength = headerLength + lengthSize;
    if (tailLength > size) throw unreadable('it is cut off');
    return addon.readPackHeader(keys, await store.get(handle, { offset: size - tailLength, length: tailLength }, signal), size);
  } catch (error) {
    if (error instanceof Failure || (error instanceof StorageError && error.kind !== 'not-found' && error.kind !== 'range')) throw error;
    throw unreadable((error as Error).message, error);
  }
}
