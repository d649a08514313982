/**
 * Reading the blobs of many trees at once.
 *
 * Invariants: a blob is verified against its id; what cannot be read together with others is left to `Repository.readBlob`, which
 * tries every copy, so that only its failure counts.
 */
import { Failure } from '../../shared/errors.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import type { Repository } from '../repository/repository.ts';
import { spansOfTrees, treesOf, TreeSpanReader } from '../repository/tree-spans.ts';

/** `ids`: 64 hex digits each; all are held at once, so whoever asks sees to it that they are not too large together. Of each the plaintext, or Failure DAMAGED; rejects with any other failure, and the signal's reason. */
export async function readTreeBlobs(repository: Repository, ids: Iterable<string>, signal?: AbortSignal): Promise<Map<string, Buffer | Failure>> {
  const blobs = new Map<string, Buffer | Failure>();
  const wanted = new Set(ids);
  const { connections } = repository.store;
  const reader = new TreeSpanReader(repository, signal);
  const { spans } = spansOfTrees(repository.index, Array.from(wanted, (id) => Buffer.from(id, 'hex')));
  await mapConcurrently(
    spans,
    connections,
    async (span) => {
      const opened = await reader.open(span);
      for (const [place, { key }] of [...treesOf(span)].entries()) {
        const blob = opened[place];
        if (blob !== undefined && blob !== null) blobs.set(Buffer.from(key, 'latin1').toString('hex'), blob);
      }
    },
    signal,
  );
  const alone = [...wanted].filter((id) => !blobs.has(id));
  await mapConcurrently(alone, connections, async (id) => void blobs.set(id, await readAlone(repository, id, signal)), signal);
  return blobs;
}

/** Bytes of a tree's blob, by the index; 0 for one that it does not list. `id`: 64 hex digits. */
export function treeSize({ index }: Repository, id: string): number {
  return Math.max(0, index.plainLength('tree', Buffer.from(id, 'hex')));
}

async function readAlone(repository: Repository, id: string, signal: AbortSignal | undefined): Promise<Buffer | Failure> {
  try {
    return await repository.readBlob('tree', Buffer.from(id, 'hex'), signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Failure && error.code === 'DAMAGED') return error;
    throw error;
  }
}
