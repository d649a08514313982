/**
 * Tries storage operations again (interfaces, section 5).
 *
 * Vocabulary: the *budget* is the time, from the first attempt, within which a new attempt may begin.
 *
 * Invariants: only `temporary`, `unreachable` and `mismatch` are tried again; a stream to be stored is never sent twice;
 * a list returns each object once, a stream each byte once, although the connection broke between.
 */
import type { Clock } from '../platform/clock.ts';
import type { ObjectBatches } from './object-batches.ts';
import { isInMemory } from './object-body.ts';
import { StorageError, describeObject } from './object-store.ts';
import type { ByteRange, ObjectBody, ObjectHandle, ObjectInfo, ObjectStore, StorageErrorKind } from './object-store.ts';
import { retryDelay } from './retry-delay.ts';

export interface RetryEvent {
  /** What is tried, for people. */
  readonly operation: string;
  readonly kind: StorageErrorKind;
  /** Text of the error; holds no credentials. */
  readonly message: string;
  /** 1 for the first repetition. */
  readonly attempt: number;
  /** Milliseconds until the repetition. */
  readonly delay: number;
}

export interface RetryOptions {
  readonly clock: Clock;
  /** Milliseconds; default 15 minutes. */
  readonly budget?: number;
  /** From 0 to below 1; default Math.random. */
  readonly random?: () => number;
  readonly onRetry?: (event: RetryEvent) => void;
}

const defaultBudget = 15 * 60_000;
/** Repetitions while no operation ever succeeded: the address may be wrong, and a person waits. */
const firstContactRepetitions = 4;
/** Repetitions after bytes arrived damaged: a line does that once, a defect always. */
const mismatchRepetitions = 3;

export function withRetry(store: ObjectStore, options: RetryOptions): ObjectStore {
  return new RetryStore(store, options);
}

class RetryStore implements ObjectStore {
  readonly location: string;
  readonly connections: number;
  readonly smallOperations: number;
  readonly batches?: ObjectBatches;
  readonly #inner: ObjectStore;
  readonly #options: RetryOptions;
  #everSucceeded = false;

  constructor(inner: ObjectStore, options: RetryOptions) {
    this.#inner = inner;
    this.#options = options;
    this.location = inner.location;
    this.connections = inner.connections;
    this.smallOperations = inner.smallOperations;
    if (inner.batches !== undefined) this.batches = inner.batches;
  }

  get listsAreCurrent(): boolean {
    return this.#inner.listsAreCurrent;
  }

  create(signal?: AbortSignal): Promise<void> {
    return this.#repeat('making the folders of the repository', signal, () => this.#inner.create(signal));
  }

  put(handle: ObjectHandle, body: ObjectBody, signal?: AbortSignal): Promise<void> {
    const operation = `storing the ${describeObject(handle)}`;
    if (isInMemory(body)) return this.#repeat(operation, signal, () => this.#inner.put(handle, body, signal));
    let consumed = false;
    async function* noted(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      consumed = true;
      yield* stream;
    }
    const once: ObjectBody = { ...body, stream: noted(body.stream) };
    return this.#repeat(operation, signal, () => this.#inner.put(handle, once, signal), () => !consumed);
  }

  get(handle: ObjectHandle, range?: ByteRange, signal?: AbortSignal): Promise<Buffer> {
    return this.#repeat(`reading the ${describeObject(handle)}`, signal, () => this.#inner.get(handle, range, signal));
  }

  getInto(handle: ObjectHandle, offset: number, target: Buffer, signal?: AbortSignal): Promise<void> {
    return this.#repeat(`reading the ${describeObject(handle)}`, signal, () => this.#inner.getInto(handle, offset, target, signal));
  }

  async stream(handle: ObjectHandle, range?: ByteRange, signal?: AbortSignal): Promise<{ size: number; body: AsyncIterable<Buffer> }> {
    const operation = `reading the ${describeObject(handle)}`;
    const first = await this.#repeat(operation, signal, () => this.#inner.stream(handle, range, signal));
    return { size: first.size, body: this.#resumed(operation, first, handle, range?.offset ?? 0, signal) };
  }

  stat(handle: ObjectHandle, signal?: AbortSignal): Promise<ObjectInfo> {
    return this.#repeat(`looking at the ${describeObject(handle)}`, signal, () => this.#inner.stat(handle, signal));
  }

  async *list(type: Exclude<ObjectHandle['type'], 'config'>, signal?: AbortSignal): AsyncGenerator<ObjectInfo> {
    const seen = new Set<string>();
    const attempts = new Attempts(`listing the ${type} objects`, this.#options);
    for (;;) {
      try {
        for await (const info of this.#inner.list(type, signal)) {
          if (seen.has(info.name)) continue;
          seen.add(info.name);
          yield info;
        }
        this.#everSucceeded = true;
        return;
      } catch (error) {
        await attempts.pause(error, this.#everSucceeded, signal);
      }
    }
  }

  remove(handle: ObjectHandle, signal?: AbortSignal): Promise<void> {
    return this.#repeat(`removing the ${describeObject(handle)}`, signal, () => this.#inner.remove(handle, signal));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async #repeat<T>(operation: string, signal: AbortSignal | undefined, run: () => Promise<T>, mayRepeat: () => boolean = () => true): Promise<T> {
    const attempts = new Attempts(operation, this.#options);
    for (;;) {
      try {
        const result = await run();
        this.#everSucceeded = true;
        return result;
      } catch (error) {
        if (!mayRepeat()) throw error;
        await attempts.pause(error, this.#everSucceeded, signal);
      }
    }
  }

  /** Goes on at the byte where the connection broke. */
  async *#resumed(
    operation: string,
    first: { readonly size: number; readonly body: AsyncIterable<Buffer> },
    handle: ObjectHandle,
    offset: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Buffer> {
    let body: AsyncIterable<Buffer> | undefined = first.body;
    let done = 0;
    let attempts = new Attempts(operation, this.#options);
    while (done < first.size || body !== undefined) {
      try {
        body ??= (await this.#inner.stream(handle, { offset: offset + done, length: first.size - done }, signal)).body;
        for await (const piece of body) {
          done += piece.length;
          // Progress: what breaks later is another failure, with a budget of its own.
          attempts = new Attempts(operation, this.#options);
          yield piece;
        }
        return;
      } catch (error) {
        body = undefined;
        await attempts.pause(error, this.#everSucceeded, signal);
      }
    }
  }
}

/** The attempts of one operation. */
class Attempts {
  readonly #operation: string;
  readonly #options: RetryOptions;
  readonly #start: number;
  #count = 0;
  #mismatches = 0;

  constructor(operation: string, options: RetryOptions) {
    this.#operation = operation;
    this.#options = options;
    this.#start = options.clock.monotonic();
  }

  /** Waits before the next attempt; throws the error itself where there is none. */
  async pause(error: unknown, everSucceeded: boolean, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (!(error instanceof StorageError) || !this.#isRepeatable(error, everSucceeded)) throw error;
    const { clock, budget = defaultBudget, random = Math.random, onRetry } = this.#options;
    const delay = retryDelay(this.#count, random(), error.retryAfter);
    if (clock.monotonic() - this.#start + delay > budget) throw error;
    this.#count++;
    onRetry?.({ operation: this.#operation, kind: error.kind, message: error.message, attempt: this.#count, delay });
    await clock.sleep(delay, signal);
  }

  #isRepeatable(error: StorageError, everSucceeded: boolean): boolean {
    if (error.kind === 'mismatch') return ++this.#mismatches <= mismatchRepetitions;
    if (error.kind === 'unreachable') return everSucceeded || this.#count < firstContactRepetitions;
    return error.kind === 'temporary';
  }
}
