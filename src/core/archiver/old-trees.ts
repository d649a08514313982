/**
 * The trees of the parent snapshot, read with few requests.
 *
 * Vocabulary: a *segment* is the tree blobs of one pack that start in one window of it. A backup stores the trees of a
 * folder and its neighbours one after the other, so that one request brings those that are asked for next.
 *
 * Invariants: a few segments are in memory, whatever the size of the snapshot. Whatever goes wrong on this quick way is
 * left to `Repository.readTree`, which tries every copy; a tree that it cannot read either is as if there were none, and
 * its files are read again.
 */
import { Failure } from '../../shared/errors.ts';
import { recordSize, type BlobLocation } from '../native/addon.ts';
import type { Repository } from '../repository/repository.ts';
import { decodeTree, type Tree } from '../repository/tree.ts';

const windowSize = 1024 * 1024;
const segmentsKept = 12;

interface Segment {
  readonly start: number;
  readonly bytes: Promise<Buffer | undefined>;
}

export class OldTrees {
  readonly #repository: Repository;
  readonly #signal: AbortSignal;
  /** In the order of last use. */
  readonly #segments = new Map<string, Segment>();

  constructor(repository: Repository, signal: AbortSignal) {
    this.#repository = repository;
    this.#signal = signal;
  }

  /** Undefined where the tree is missing or damaged. Rejects when the storage fails or the signal is aborted. */
  async read(id: Buffer): Promise<Tree | undefined> {
    const location = this.#repository.index.lookup('tree', id)[0];
    if (location === undefined) return undefined;
    const segment = this.#segmentOf(location);
    const bytes = await segment.bytes;
    const sealed = bytes?.subarray(location.offset - segment.start, location.offset - segment.start + location.length);
    if (sealed?.length !== location.length) return this.#readAlone(id);
    try {
      return decodeTree(await this.#repository.addon.decodeBlob(this.#repository.keys, sealed, location.uncompressedLength, id));
    } catch (error) {
      this.#repository.logger.debug({ tree: id.toString('hex'), error: String(error) }, 'a tree read among others is damaged');
      return this.#readAlone(id);
    }
  }

  async #readAlone(id: Buffer): Promise<Tree | undefined> {
    try {
      return await this.#repository.readTree(id, this.#signal);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
      this.#repository.logger.warn({ tree: id.toString('hex'), error: error.text.what }, 'a folder of the parent snapshot cannot be read; its files are read again');
      return undefined;
    }
  }

  #segmentOf(location: BlobLocation): Segment {
    const key = `${location.packId.toString('latin1')}${Math.floor(location.offset / windowSize)}`;
    const segment = this.#segments.get(key) ?? this.#fetch(location);
    this.#segments.delete(key);
    this.#segments.set(key, segment);
    const [oldest] = this.#segments.keys();
    if (this.#segments.size > segmentsKept && oldest !== undefined) this.#segments.delete(oldest);
    return segment;
  }

  #fetch(location: BlobLocation): Segment {
    const { start, end } = rangeAround(location, this.#repository.index.packRecords(location.packId));
    const handle = { type: 'data', name: location.packId.toString('hex') } as const;
    const read = async (): Promise<Buffer | undefined> => {
      try {
        return await this.#repository.store.get(handle, { offset: start, length: end - start }, this.#signal);
      } catch (error) {
        this.#signal.throwIfAborted();
        this.#repository.logger.debug({ pack: handle.name, error: String(error) }, 'reading several trees at once failed');
        return undefined;
      }
    };
    return { start, bytes: read() };
  }
}

/** From the first to the last tree blob that starts in the same window. */
function rangeAround(wanted: BlobLocation, records: Buffer): { readonly start: number; readonly end: number } {
  const window = Math.floor(wanted.offset / windowSize);
  let start = wanted.offset;
  let end = wanted.offset + wanted.length;
  for (let at = 0; at < records.length; at += recordSize) {
    const offset = records.readUInt32LE(at + 4);
    if (records[at] !== 1 || Math.floor(offset / windowSize) !== window) continue;
    start = Math.min(start, offset);
    end = Math.max(end, offset + records.readUInt32LE(at + 8));
  }
  return { start, end };
}
