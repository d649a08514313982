/**
 * Reading the blobs of many trees at once.
 *
 * Vocabulary: a *run* is a stretch of one pack that holds several of the trees asked for, read in one request; bytes
 * between them are read along where that costs less than a request of its own.
 *
 * Invariants: a blob is verified against its id; what cannot be read in this way is left to `Repository.readBlob`, which
 * tries every copy, so that only its failure counts.
 */
import { Failure } from '../../shared/errors.ts';
import type { BlobLocation } from '../native/blob-index.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import type { Repository } from '../repository/repository.ts';

interface Wanted {
  readonly id: string;
  readonly location: BlobLocation;
}

const largestGap = 64 * 1024;
const largestRun = 2 * 1024 * 1024;

/** `ids`: 64 hex digits each. Of each the plaintext, or Failure DAMAGED; rejects with any other failure, and the signal's reason. */
export async function readTreeBlobs(repository: Repository, ids: Iterable<string>, signal?: AbortSignal): Promise<Map<string, Buffer | Failure>> {
  const blobs = new Map<string, Buffer | Failure>();
  const found: Wanted[] = [];
  const alone: string[] = [];
  for (const id of new Set(ids)) {
    const [location] = repository.index.lookup('tree', Buffer.from(id, 'hex'));
    if (location === undefined) alone.push(id);
    else found.push({ id, location });
  }
  const read = async (run: readonly Wanted[]): Promise<void> => {
    const bytes = await runBytes(repository, run, signal);
    const start = run[0]?.location.offset ?? 0;
    const open = async ({ id, location }: Wanted): Promise<void> => {
      const at = location.offset - start;
      const blob = bytes === undefined ? undefined : await opened(repository, id, location, bytes.subarray(at, at + location.length));
      if (blob === undefined) alone.push(id);
      else blobs.set(id, blob);
    };
    // A run is short; every processor opens its share.
    await Promise.all(run.map(open));
  };
  await mapConcurrently(runsOf(found), repository.store.connections, read, signal);
  await mapConcurrently(alone, repository.store.connections, async (id) => void blobs.set(id, await readAlone(repository, id, signal)), signal);
  return blobs;
}

function runsOf(found: readonly Wanted[]): Wanted[][] {
  const sorted = found.map((wanted) => ({ wanted, pack: wanted.location.packId.toString('latin1') })).sort((a, b) => (a.pack < b.pack ? -1 : a.pack > b.pack ? 1 : a.wanted.location.offset - b.wanted.location.offset));
  const runs: Wanted[][] = [];
  let pack = '';
  for (const { wanted, pack: itsPack } of sorted) {
    const run = runs.at(-1);
    const last = run?.at(-1)?.location;
    const begin = run?.[0]?.location.offset ?? 0;
    const { offset, length } = wanted.location;
    const joins = run !== undefined && last !== undefined && itsPack === pack && offset - last.offset - last.length <= largestGap && offset + length - begin <= largestRun;
    if (joins) run.push(wanted);
    else runs.push([wanted]);
    pack = itsPack;
  }
  return runs;
}

async function runBytes(repository: Repository, run: readonly Wanted[], signal: AbortSignal | undefined): Promise<Buffer | undefined> {
  const [first, last] = [run[0]?.location, run.at(-1)?.location];
  if (first === undefined || last === undefined) return undefined;
  const name = first.packId.toString('hex');
  try {
    return await repository.store.get({ type: 'data', name }, { offset: first.offset, length: last.offset + last.length - first.offset }, signal);
  } catch (error) {
    signal?.throwIfAborted();
    repository.logger.warn({ pack: name, error: String(error) }, 'reading several trees at once failed; reading one by one');
    return undefined;
  }
}

async function opened(repository: Repository, id: string, location: BlobLocation, sealed: Buffer): Promise<Buffer | undefined> {
  try {
    return await repository.addon.decodeBlob(repository.keys, sealed, location.uncompressedLength, Buffer.from(id, 'hex'));
  } catch (error) {
    repository.logger.warn({ tree: id, error: String(error) }, 'tree blob is damaged; trying other copies');
    return undefined;
  }
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
