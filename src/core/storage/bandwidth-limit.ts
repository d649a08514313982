/**
 * Limits the bytes a second of a store, each direction for itself, over all its operations together.
 *
 * Vocabulary: a *slice* is what passes at once; it is small against the rate, so that the line is used evenly instead of
 * in bursts.
 */
import type { Clock } from '../platform/clock.ts';
import type { ObjectBatches } from './object-batches.ts';
import { bodyLength, isInMemory, slicesOf } from './object-body.ts';
import { StorageError } from './object-store.ts';
import type { ByteRange, ObjectBody, ObjectHandle, ObjectInfo, ObjectStore } from './object-store.ts';

export interface BandwidthOptions {
  readonly clock: Clock;
  /** Bytes a second; without it that direction is not limited. */
  readonly upload?: number;
  readonly download?: number;
}

const largestSlice = 64 * 1024;
const smallestSlice = 1024;
/** Bodies up to this size go out in one piece, so that they can be sent again. */
const smallBody = 16 * 1024;

export function withBandwidthLimit(store: ObjectStore, options: BandwidthOptions): ObjectStore {
  return withBandwidth(store, new Bandwidth(options.clock, { upload: options.upload ?? 0, download: options.download ?? 0 }));
}

export function withBandwidth(store: ObjectStore, bandwidth: Bandwidth): ObjectStore {
  return new LimitedStore(store, bandwidth);
}

/** Bytes a second of each direction; 0: no limit. */
export interface Rates {
  readonly upload: number;
  readonly download: number;
}

/** The rates of a store, which may change while it works: what is on its way then follows within a slice, whole objects at the latest. */
export class Bandwidth {
  readonly upload: TokenBucket;
  readonly download: TokenBucket;

  constructor(clock: Clock, { upload, download }: Rates = { upload: 0, download: 0 }) {
    this.upload = new TokenBucket(clock, upload);
    this.download = new TokenBucket(clock, download);
  }

  set({ upload, download }: Rates): void {
    this.upload.rate = upload;
    this.download.rate = download;
  }
}

/**
 * Hands out time: each taker gets the next free stretch of the line. A token bucket that holds a tenth of a second.
 */
export class TokenBucket {
  readonly #clock: Clock;
  #rate = 0;
  #freeAt = -Infinity;

  /** `rate`: bytes a second; 0: no limit. */
  constructor(clock: Clock, rate: number) {
    this.#clock = clock;
    this.rate = rate;
  }

  get rate(): number {
    return this.#rate;
  }

  /** Whoever waits already waits as long as the earlier rate wanted. */
  set rate(rate: number) {
    if (!(rate >= 0)) throw new RangeError('a bandwidth limit is not below zero');
    if (rate === this.#rate) return;
    this.#rate = rate;
    this.#freeAt = -Infinity;
  }

  /** Bytes that one taker should take at once: an eighth of a second's. */
  get slice(): number {
    if (this.#rate === 0) return largestSlice;
    return Math.max(smallestSlice, Math.min(largestSlice, Math.floor(this.#rate / 8)));
  }

  /** Resolves when `bytes` may pass. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#rate === 0) return;
    const now = this.#clock.monotonic();
    const start = Math.max(this.#freeAt, now - 100);
    this.#freeAt = start + (bytes * 1000) / this.#rate;
    if (start > now) await this.#clock.sleep(start - now, signal);
  }
}

class LimitedStore implements ObjectStore {
  readonly location: string;
  readonly connections: number;
  readonly smallOperations: number;
  readonly batches?: ObjectBatches;
  readonly #inner: ObjectStore;
  readonly #bandwidth: Bandwidth;

  constructor(inner: ObjectStore, bandwidth: Bandwidth) {
    this.#inner = inner;
    this.location = inner.location;
    this.connections = inner.connections;
    this.smallOperations = inner.smallOperations;
    this.#bandwidth = bandwidth;
    const { batches } = inner;
    if (batches === undefined) return;
    // What is to come slowly comes one by one.
    const slow = (): boolean => bandwidth.download.rate !== 0;
    this.batches = {
      get: async (type, names) => (slow() ? names.map(() => undefined) : await batches.get(type, names)),
      getRanges: async (type, ranges, target) => (slow() ? ranges.map(() => false) : await batches.getRanges(type, ranges, target)),
      remove: (type, names) => batches.remove(type, names),
    };
  }

  get listsAreCurrent(): boolean {
    return this.#inner.listsAreCurrent;
  }

  create(signal?: AbortSignal): Promise<void> {
    return this.#inner.create(signal);
  }

  async put(handle: ObjectHandle, body: ObjectBody, signal?: AbortSignal): Promise<void> {
    const bucket = this.#bandwidth.upload;
    if (bucket.rate === 0) return this.#inner.put(handle, body, signal);
    if (isInMemory(body) && body.byteLength <= smallBody) {
      await bucket.take(body.byteLength, signal);
      return this.#inner.put(handle, body, signal);
    }
    const stream = isInMemory(body) ? paced([body], bucket, signal) : paced(body.stream, bucket, signal);
    const length = bodyLength(body);
    return this.#inner.put(handle, length === undefined ? { stream } : { stream, length }, signal);
  }

  async get(handle: ObjectHandle, range?: ByteRange, signal?: AbortSignal): Promise<Buffer> {
    if (this.#bandwidth.download.rate === 0) return this.#inner.get(handle, range, signal);
    const { size, body } = await this.stream(handle, range, signal);
    const result = Buffer.allocUnsafeSlow(size);
    await fill(result, body);
    return result;
  }

  async getInto(handle: ObjectHandle, offset: number, target: Buffer, signal?: AbortSignal): Promise<void> {
    if (this.#bandwidth.download.rate === 0) return this.#inner.getInto(handle, offset, target, signal);
    const { body } = await this.stream(handle, { offset, length: target.length }, signal);
    await fill(target, body);
  }

  async stream(handle: ObjectHandle, range?: ByteRange, signal?: AbortSignal): Promise<{ size: number; body: AsyncIterable<Buffer> }> {
    const inner = await this.#inner.stream(handle, range, signal);
    const bucket = this.#bandwidth.download;
    return bucket.rate === 0 ? inner : { size: inner.size, body: paced(inner.body, bucket, signal) as AsyncIterable<Buffer> };
  }

  stat(handle: ObjectHandle, signal?: AbortSignal): Promise<ObjectInfo> {
    return this.#inner.stat(handle, signal);
  }

  list(type: Exclude<ObjectHandle['type'], 'config'>, signal?: AbortSignal): AsyncIterable<ObjectInfo> {
    return this.#inner.list(type, signal);
  }

  remove(handle: ObjectHandle, signal?: AbortSignal): Promise<void> {
    return this.#inner.remove(handle, signal);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

async function fill(target: Buffer, body: AsyncIterable<Buffer>): Promise<void> {
  let filled = 0;
  for await (const piece of body) {
    piece.copy(target, filled);
    filled += piece.length;
  }
  if (filled !== target.length) throw new StorageError('temporary', 'the object has another length than announced');
}

async function* paced<Piece extends Uint8Array>(stream: AsyncIterable<Piece> | Iterable<Piece>, bucket: TokenBucket, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for await (const piece of stream) {
    for (const slice of slicesOf(piece, bucket.slice)) {
      await bucket.take(slice.byteLength, signal);
      yield slice;
    }
  }
}
