/**
 * A span for each storage operation: what it was, of which type, how many bytes, how often it was tried.
 *
 * It encloses the repetitions, so that every attempt, and what the server did in it, belongs to one span. The names of
 * objects stay out: there are too many of them, and they say nothing to anybody.
 */
import type { ObjectBatches } from './object-batches.ts';
import { isInMemory } from './object-body.ts';
import type { ByteRange, ObjectBody, ObjectHandle, ObjectInfo, ObjectStore } from './object-store.ts';
import type { RetryEvent } from './retry.ts';

type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface StorageSpan {
  /** W3C; sent along with every request. */
  readonly traceparent: string;
  set(attributes: Attributes): void;
  event(name: string, attributes?: Attributes): void;
}

/** The tracer of `telemetry`, which core code does not import. */
export interface StorageTracer {
  within<T>(name: string, options: { readonly parent?: string; readonly attributes?: Attributes }, body: (span: StorageSpan) => T): T;
  active(): StorageSpan | undefined;
}

export interface StorageTracing {
  readonly tracer: StorageTracer;
  /** W3C, for operations that no active span encloses, such as those that native threads ask for. */
  readonly parent?: string;
}

/** Notes a repetition in the span of its operation. */
export function noteRetry({ tracer }: StorageTracing, { kind, attempt, delay }: RetryEvent): void {
  const span = tracer.active();
  span?.set({ attempts: attempt + 1 });
  span?.event('retry', { kind, delay_ms: delay });
}

export function withTracing(store: ObjectStore, tracing: StorageTracing): ObjectStore {
  return new TracedStore(store, tracing);
}

class TracedStore implements ObjectStore {
  readonly location: string;
  readonly connections: number;
  readonly smallOperations: number;
  readonly batches?: ObjectBatches;
  readonly #inner: ObjectStore;
  readonly #tracing: StorageTracing;

  constructor(inner: ObjectStore, tracing: StorageTracing) {
    this.#inner = inner;
    this.#tracing = tracing;
    this.location = inner.location;
    this.connections = inner.connections;
    this.smallOperations = inner.smallOperations;
    const { batches } = inner;
    if (batches === undefined) return;
    this.batches = {
      get: (type, names) => this.#span('get', type, () => batches.get(type, names)),
      getRanges: (type, ranges, target) =>
        this.#span('get', type, (span) => {
          span.set({ bytes: target.length });
          return batches.getRanges(type, ranges, target);
        }),
      remove: (type, names) => this.#span('remove', type, () => batches.remove(type, names)),
    };
  }

  get listsAreCurrent(): boolean {
    return this.#inner.listsAreCurrent;
  }

  create(signal?: AbortSignal): Promise<void> {
    return this.#span('create', undefined, () => this.#inner.create(signal));
  }

  put(handle: ObjectHandle, body: ObjectBody, signal?: AbortSignal): Promise<void> {
    const length = isInMemory(body) ? body.byteLength : body.length;
    return this.#span('put', handle.type, (span) => {
      if (length !== undefined) span.set({ bytes: length });
      return this.#inner.put(handle, body, signal);
    });
  }

  get(handle: ObjectHandle, range?: ByteRange, signal?: AbortSignal): Promise<Buffer> {
    return this.#span('get', handle.type, async (span) => {
      const bytes = await this.#inner.get(handle, range, signal);
      span.set({ bytes: bytes.length });
      return bytes;
    });
  }

  getInto(handle: ObjectHandle, offset: number, target: Buffer, signal?: AbortSignal): Promise<void> {
    return this.#span('get', handle.type, (span) => {
      span.set({ bytes: target.length });
      return this.#inner.getInto(handle, offset, target, signal);
    });
  }

  /** The span ends when the bytes begin. */
  stream(handle: ObjectHandle, range?: ByteRange, signal?: AbortSignal): Promise<{ size: number; body: AsyncIterable<Buffer> }> {
    return this.#span('stream', handle.type, async (span) => {
      const opened = await this.#inner.stream(handle, range, signal);
      span.set({ bytes: opened.size });
      return opened;
    });
  }

  stat(handle: ObjectHandle, signal?: AbortSignal): Promise<ObjectInfo> {
    return this.#span('stat', handle.type, () => this.#inner.stat(handle, signal));
  }

  async *list(type: Exclude<ObjectHandle['type'], 'config'>, signal?: AbortSignal): AsyncGenerator<ObjectInfo> {
    const over = Promise.withResolvers<undefined>();
    let count = 0;
    const told = this.#span('list', type, async (span) => {
      try {
        await over.promise;
      } finally {
        span.set({ objects: count });
      }
    });
    // The consumer gets the error from the list itself; here it only ends the span.
    told.catch(() => undefined);
    try {
      for await (const info of this.#inner.list(type, signal)) {
        count++;
        yield info;
      }
    } catch (error) {
      over.reject(error);
      throw error;
    } finally {
      over.resolve(undefined);
    }
  }

  remove(handle: ObjectHandle, signal?: AbortSignal): Promise<void> {
    return this.#span('remove', handle.type, () => this.#inner.remove(handle, signal));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #span<T>(operation: string, type: string | undefined, body: (span: StorageSpan) => Promise<T>): Promise<T> {
    const { tracer, parent } = this.#tracing;
    const outside = tracer.active() === undefined && parent !== undefined ? { parent } : {};
    return tracer.within(`storage ${operation}${type === undefined ? '' : ` ${type}`}`, outside, body);
  }
}
