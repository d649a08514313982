/**
 * Reads many trees of one repository with few requests.
 *
 * Vocabulary: a *segment* is the part of a tree pack that starts in one window of `segmentSize` bytes, blobs whole.
 * The trees of one snapshot lie together, so one request brings the neighbours that will be asked for next.
 *
 * Invariants: at most `segmentsKept` segments are in memory; whatever goes wrong on this quick way (a damaged pack, a
 * short read, a blob in several places) is left to `Repository.readTree`, which verifies and tries every copy, so that
 * only its failure counts.
 */
import { recordSize } from '../native/addon.ts';
import type { BlobLocation } from '../native/blob-index.ts';
import type { Repository } from './repository.ts';
import { decodeTree } from './tree.ts';
import type { Tree } from './tree.ts';

const segmentSize = 1024 * 1024;
const segmentsKept = 16;
const lookAhead = 8;

interface Segment {
  readonly start: number;
  readonly bytes: Promise<Buffer | undefined>;
}

export class TreeReader {
  readonly #repository: Repository;
  readonly #signal: AbortSignal | undefined;
  readonly #segments = new Map<string, Segment>();
  /** Undefined where the quick way failed. */
  readonly #ahead = new Map<string, Promise<Buffer | undefined>>();

  constructor(repository: Repository, signal?: AbortSignal) {
    this.#repository = repository;
    this.#signal = signal;
  }

  /** The tree with this id. Rejects with `DAMAGED` where no copy can be read, and with the signal's reason. */
  async read(id: Buffer): Promise<Tree> {
    this.#signal?.throwIfAborted();
    const blob = await this.#takeBlob(id);
    return (blob === undefined ? undefined : this.#decode(id, blob)) ?? this.#repository.readTree(id, this.#signal);
  }

  /** The blob of a tree, verified but not decoded. Rejects as `read` does. */
  async readBlob(id: Buffer): Promise<Buffer> {
    this.#signal?.throwIfAborted();
    return (await this.#takeBlob(id)) ?? this.#repository.readBlob('tree', id, this.#signal);
  }

  /** Starts reading trees that will be asked for soon, first come first; more than a few are ignored. */
  prefetch(ids: Iterable<Buffer>): void {
    for (const id of ids) {
      if (this.#ahead.size >= lookAhead) return;
      const key = id.toString('latin1');
      if (this.#ahead.has(key)) continue;
      const blob = this.#quickBlob(id);
      // Whoever asks for it gets the rejection; nobody asking must not be an unhandled one.
      blob.catch(() => undefined);
      this.#ahead.set(key, blob);
    }
  }

  #takeBlob(id: Buffer): Promise<Buffer | undefined> {
    const key = id.toString('latin1');
    const started = this.#ahead.get(key);
    if (started === undefined) return this.#quickBlob(id);
    this.#ahead.delete(key);
    return started;
  }

  #decode(id: Buffer, blob: Buffer): Tree | undefined {
    try {
      return decodeTree(blob);
    } catch (error) {
      this.#repository.logger.warn({ tree: id.toString('hex'), error: String(error) }, 'tree blob is damaged; trying other copies');
      return undefined;
    }
  }

  async #quickBlob(id: Buffer): Promise<Buffer | undefined> {
    const location = this.#repository.index.lookup('tree', id)[0];
    if (location === undefined) return undefined;
    const segment = this.#segment(location);
    const bytes = await segment.bytes;
    if (bytes === undefined) return undefined;
    const start = location.offset - segment.start;
    const sealed = bytes.subarray(start, start + location.length);
    if (start < 0 || sealed.length !== location.length) return undefined;
    try {
      return await this.#repository.addon.decodeBlob(this.#repository.keys, sealed, location.uncompressedLength, id);
    } catch (error) {
      this.#repository.logger.warn({ tree: id.toString('hex'), pack: location.packId.toString('hex'), error: String(error) }, 'tree blob is damaged; trying other copies');
      return undefined;
    }
  }

  #segment(location: BlobLocation): Segment {
    const window = Math.floor(location.offset / segmentSize);
    const key = `${location.packId.toString('latin1')}${window}`;
    const known = this.#segments.get(key);
    if (known !== undefined) {
      // Moved to the end: the map's order is the order of last use.
      this.#segments.delete(key);
      this.#segments.set(key, known);
      return known;
    }
    const range = treeRange(this.#repository.index.packRecords(location.packId), window, location);
    const segment: Segment = { start: range.start, bytes: this.#fetch(location.packId, range) };
    this.#segments.set(key, segment);
    const oldest = this.#segments.keys().next();
    if (this.#segments.size > segmentsKept && oldest.done !== true) this.#segments.delete(oldest.value);
    return segment;
  }

  async #fetch(packId: Buffer, range: { readonly start: number; readonly end: number }): Promise<Buffer | undefined> {
    const name = packId.toString('hex');
    try {
      return await this.#repository.store.get({ type: 'data', name }, { offset: range.start, length: range.end - range.start }, this.#signal);
    } catch (error) {
      this.#signal?.throwIfAborted();
      this.#repository.logger.warn({ pack: name, error: String(error) }, 'reading several trees at once failed; reading one by one');
      return undefined;
    }
  }
}

/** The bytes from the first to the last tree blob that starts in this window; a mixed pack's data in between comes along. */
function treeRange(records: Buffer, window: number, wanted: BlobLocation): { readonly start: number; readonly end: number } {
  let start = wanted.offset;
  let end = wanted.offset + wanted.length;
  for (let at = 0; at < records.length; at += recordSize) {
    const offset = records.readUInt32LE(at + 4);
    if (records[at] !== 1 || Math.floor(offset / segmentSize) !== window) continue;
    start = Math.min(start, offset);
    end = Math.max(end, offset + records.readUInt32LE(at + 8));
  }
  return { start, end };
}
