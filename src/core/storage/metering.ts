/**
 * The health of a connection as the client sees it.
 *
 * Invariant: the meter only watches; it changes no result and never throws into what it watches.
 */
import type { Clock } from '../platform/clock.ts';
import type { ObjectBatches } from './object-batches.ts';
import { bodyLength, isInMemory } from './object-body.ts';
import { StorageError } from './object-store.ts';
import type { ByteRange, ObjectBody, ObjectHandle, ObjectInfo, ObjectStore } from './object-store.ts';

export interface ConnectionHealth {
  readonly location: string;
  /** Finished operations, failed ones included, and how many run now. */
  readonly operations: number;
  readonly active: number;
  readonly failures: number;
  readonly retries: number;
  /** Body bytes since the beginning. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Bytes a second in both directions over the last ten seconds. */
  readonly throughput: number;
  /** Milliseconds of operations that carry few bytes, a moving average; undefined before the first. */
  readonly latency: number | undefined;
  /** Milliseconds since the epoch. */
  readonly lastSuccessAt: number | undefined;
  readonly lastError: { readonly at: number; readonly kind: string; readonly message: string } | undefined;
}

const windowSeconds = 10;
/** Weight of the newest latency in the average. */
const freshness = 0.2;
/** An operation on so many bytes takes as long as the way there and back. */
const smallBytes = 16 * 1024;

export type MeteredOperation = 'create' | 'put' | 'get' | 'stream' | 'stat' | 'remove';

/** Collects what `withMetering` sees; one for each connection. */
export class ConnectionMeter {
  readonly #clock: Clock;
  readonly #onOperation: (operation: MeteredOperation, milliseconds: number) => void;
  readonly #seconds = new Map<number, number>();
  #location = '';
  #operations = 0;
  #active = 0;
  #failures = 0;
  #retries = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  #latency: number | undefined;
  #lastSuccessAt: number | undefined;
  #lastError: ConnectionHealth['lastError'];

  /** `onOperation` hears of each that succeeded; it must not throw. */
  constructor(clock: Clock, onOperation: (operation: MeteredOperation, milliseconds: number) => void = () => undefined) {
    this.#clock = clock;
    this.#onOperation = onOperation;
  }

  health(): ConnectionHealth {
    const since = this.#second() - windowSeconds;
    let moved = 0;
    for (const [second, bytes] of this.#seconds) if (second >= since && second < this.#second()) moved += bytes;
    return {
      location: this.#location,
      operations: this.#operations,
      active: this.#active,
      failures: this.#failures,
      retries: this.#retries,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      throughput: moved / windowSeconds,
      latency: this.#latency,
      lastSuccessAt: this.#lastSuccessAt,
      lastError: this.#lastError,
    };
  }

  /** Names what is watched. */
  watches(location: string): void {
    this.#location = location;
  }

  retried(): void {
    this.#retries++;
  }

  received(bytes: number): void {
    this.#bytesIn += bytes;
    this.#count(bytes);
  }

  sent(bytes: number): void {
    this.#bytesOut += bytes;
    this.#count(bytes);
  }

  /** Runs and watches one operation; `carried`: the bytes that it waited for. */
  async watch<T>(operation: MeteredOperation, run: () => Promise<T>, carried: (result: T) => number = () => 0): Promise<T> {
    const start = this.#clock.monotonic();
    const end = this.begin();
    try {
      const result = await run();
      const elapsed = this.#clock.monotonic() - start;
      if (carried(result) <= smallBytes) this.#measured(elapsed);
      this.#onOperation(operation, elapsed);
      end();
      return result;
    } catch (error) {
      end(error);
      throw error;
    }
  }

  /** One operation begins; the returned function ends it, with its error if it failed. */
  begin(): (error?: unknown) => void {
    this.#active++;
    return (error) => {
      this.#active--;
      this.#operations++;
      if (error === undefined) this.#lastSuccessAt = this.#clock.now();
      else this.#failed(error);
    };
  }

  /** An absent object is an answer, an abort is a wish; neither is a fault of the connection. */
  #failed(error: unknown): void {
    if (!(error instanceof StorageError) || error.kind === 'not-found') return;
    this.#failures++;
    this.#lastError = { at: this.#clock.now(), kind: error.kind, message: error.message };
  }

  #measured(milliseconds: number): void {
    this.#latency = this.#latency === undefined ? milliseconds : this.#latency * (1 - freshness) + milliseconds * freshness;
  }

  #count(bytes: number): void {
    const second = this.#second();
    this.#seconds.set(second, (this.#seconds.get(second) ?? 0) + bytes);
    for (const old of this.#seconds.keys()) if (old < second - windowSeconds) this.#seconds.delete(old);
  }

  #second(): number {
    return Math.floor(this.#clock.monotonic() / 1000);
  }
}

export function withMetering(store: ObjectStore, meter: ConnectionMeter): ObjectStore {
  meter.watches(store.location);
  return new MeteredStore(store, meter);
}

class MeteredStore implements ObjectStore {
  readonly location: string;
  readonly connections: number;
  readonly smallOperations: number;
  readonly batches?: ObjectBatches;
  readonly #inner: ObjectStore;
  readonly #meter: ConnectionMeter;

  constructor(inner: ObjectStore, meter: ConnectionMeter) {
    this.#inner = inner;
    this.#meter = meter;
    this.location = inner.location;
    this.connections = inner.connections;
    this.smallOperations = inner.smallOperations;
    if (inner.batches !== undefined) this.batches = meteredBatches(inner.batches, meter);
  }

  get listsAreCurrent(): boolean {
    return this.#inner.listsAreCurrent;
  }

  create(signal?: AbortSignal): Promise<void> {
    return this.#meter.watch('create', () => this.#inner.create(signal), () => Number.POSITIVE_INFINITY);
  }

  async put(handle: ObjectHandle, body: ObjectBody, signal?: AbortSignal): Promise<void> {
    if (isInMemory(body)) {
      await this.#meter.watch('put', () => this.#inner.put(handle, body, signal), () => body.byteLength);
      this.#meter.sent(body.byteLength);
      return;
    }
    const stream = counted(body.stream, (bytes) => this.#meter.sent(bytes));
    const length = bodyLength(body);
    await this.#meter.watch('put', () => this.#inner.put(handle, length === undefined ? { stream } : { stream, length }, signal), () => length ?? Number.POSITIVE_INFINITY);
  }

  async get(handle: ObjectHandle, range?: ByteRange, signal?: AbortSignal): Promise<Buffer> {
    const bytes = await this.#meter.watch('get', () => this.#inner.get(handle, range, signal), ({ length }) => length);
    this.#meter.received(bytes.length);
    return bytes;
  }

  async getInto(handle: ObjectHandle, offset: number, target: Buffer, signal?: AbortSignal): Promise<void> {
    await this.#meter.watch('get', () => this.#inner.getInto(handle, offset, target, signal), () => target.length);
    this.#meter.received(target.length);
  }

  async stream(handle: ObjectHandle, range?: ByteRange, signal?: AbortSignal): Promise<{ size: number; body: AsyncIterable<Buffer> }> {
    // Over when the bytes begin.
    const { size, body } = await this.#meter.watch('stream', () => this.#inner.stream(handle, range, signal));
    return { size, body: counted(body, (bytes) => this.#meter.received(bytes)) };
  }

  stat(handle: ObjectHandle, signal?: AbortSignal): Promise<ObjectInfo> {
    return this.#meter.watch('stat', () => this.#inner.stat(handle, signal));
  }

  async *list(type: Exclude<ObjectHandle['type'], 'config'>, signal?: AbortSignal): AsyncGenerator<ObjectInfo> {
    const end = this.#meter.begin();
    let failed: unknown;
    try {
      yield* this.#inner.list(type, signal);
    } catch (error) {
      failed = error;
      throw error;
    } finally {
      end(failed);
    }
  }

  remove(handle: ObjectHandle, signal?: AbortSignal): Promise<void> {
    return this.#meter.watch('remove', () => this.#inner.remove(handle, signal));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

function meteredBatches(batches: ObjectBatches, meter: ConnectionMeter): ObjectBatches {
  const received = async <T>(get: () => Promise<T>, sizeOf: (outcome: T) => number): Promise<T> => {
    const outcome = await meter.watch('get', get, sizeOf);
    meter.received(sizeOf(outcome));
    return outcome;
  };
  return {
    get: (type, names) => received(() => batches.get(type, names), (objects) => objects.reduce((sum, bytes) => sum + (bytes?.length ?? 0), 0)),
    getRanges: (type, ranges, target) => received(() => batches.getRanges(type, ranges, target), (filled) => ranges.reduce((sum, { length }, i) => sum + (filled[i] === true ? length : 0), 0)),
    remove: (type, names) => meter.watch('remove', () => batches.remove(type, names)),
  };
}

async function* counted<Piece extends Uint8Array>(stream: AsyncIterable<Piece>, count: (bytes: number) => void): AsyncGenerator<Piece> {
  for await (const piece of stream) {
    count(piece.byteLength);
    yield piece;
  }
}
