/**
 * An object store in memory, with the invariants of the port, for tests of what stands on it.
 */
import { createHash } from 'node:crypto';
import { type ByteRange, isObjectName, type ObjectBody, type ObjectHandle, type ObjectInfo, type ObjectStore, type ObjectType, StorageError } from '../../storage/object-store.ts';

/** Called before each operation; what it throws is what the caller gets. */
export type Fault = (operation: 'put' | 'get' | 'stat' | 'list' | 'remove', handle: ObjectHandle) => void | Promise<void>;

export class MemoryStore implements ObjectStore {
  readonly location = 'memory';
  readonly connections = 4;
  readonly smallOperations = 4;
  listsAreCurrent = false;
  readonly objects = new Map<string, Buffer>();
  /** Every operation so far, as `put lock/…`. */
  readonly history: string[] = [];
  fault: Fault | undefined;

  create(): Promise<void> {
    return Promise.resolve();
  }

  async put(handle: ObjectHandle, body: ObjectBody, signal?: AbortSignal): Promise<void> {
    await this.#begin('put', handle, signal);
    const bytes = body instanceof Uint8Array ? Buffer.from(body) : await collect(body.stream);
    if (handle.type !== 'config' && createHash('sha256').update(bytes).digest('hex') !== handle.name) throw new StorageError('mismatch', 'wrong hash');
    const existing = this.objects.get(keyOf(handle));
    if (existing !== undefined && !existing.equals(bytes)) throw new StorageError('exists', 'exists with other content');
    this.objects.set(keyOf(handle), bytes);
  }

  async get(handle: ObjectHandle, range?: ByteRange, signal?: AbortSignal): Promise<Buffer> {
    await this.#begin('get', handle, signal);
    const bytes = this.#find(handle);
    const start = range?.offset ?? 0;
    const end = range?.length === undefined ? bytes.length : start + range.length;
    if (end > bytes.length) throw new StorageError('range', 'outside of the object');
    return Buffer.from(bytes.subarray(start, end));
  }

  async getInto(handle: ObjectHandle, offset: number, target: Buffer, signal?: AbortSignal): Promise<void> {
    (await this.get(handle, { offset, length: target.length }, signal)).copy(target);
  }

  async stream(handle: ObjectHandle, range?: ByteRange, signal?: AbortSignal): Promise<{ size: number; body: AsyncIterable<Buffer> }> {
    const bytes = await this.get(handle, range, signal);
    // oxlint-disable-next-line require-await
    const body = async function* (): AsyncGenerator<Buffer> {
      yield bytes;
    };
    return { size: bytes.length, body: body() };
  }

  async stat(handle: ObjectHandle, signal?: AbortSignal): Promise<ObjectInfo> {
    await this.#begin('stat', handle, signal);
    return { name: handle.name, size: this.#find(handle).length };
  }

  async *list(type: Exclude<ObjectType, 'config'>, signal?: AbortSignal): AsyncGenerator<ObjectInfo> {
    await this.#begin('list', { type, name: '' }, signal);
    for (const name of this.names(type)) {
      const bytes = this.objects.get(`${type}/${name}`);
      if (bytes !== undefined) yield { name, size: bytes.length };
    }
  }

  async remove(handle: ObjectHandle, signal?: AbortSignal): Promise<void> {
    await this.#begin('remove', handle, signal);
    this.objects.delete(keyOf(handle));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  names(type: ObjectType): string[] {
    return [...this.objects.keys()].filter((key) => key.startsWith(`${type}/`)).map((key) => key.slice(type.length + 1));
  }

  /** Stores bytes under any name, without the checks. */
  plant(type: ObjectType, name: string, bytes: Buffer): void {
    this.objects.set(`${type}/${name}`, bytes);
  }

  async #begin(operation: Parameters<Fault>[0], handle: ObjectHandle, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (operation !== 'list' && !isObjectName(handle.type, handle.name)) throw new StorageError('permanent', 'not an object name');
    this.history.push(`${operation} ${keyOf(handle)}`);
    await this.fault?.(operation, handle);
  }

  #find(handle: ObjectHandle): Buffer {
    const bytes = this.objects.get(keyOf(handle));
    if (bytes === undefined) throw new StorageError('not-found', `no ${handle.type} ${handle.name}`);
    return bytes;
  }
}

function keyOf({ type, name }: ObjectHandle): string {
  return `${type}/${name}`;
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}
