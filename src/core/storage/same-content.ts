/**
 * Whether a stored object has the bytes that an upload wanted to store, when the server refused the upload or its answer
 * was lost. Constant memory.
 */
import { createHash } from 'node:crypto';
import { bodyLength, isInMemory } from './object-body.ts';
import { StorageError } from './object-store.ts';
import type { ObjectBody, ObjectHandle, ObjectStore } from './object-store.ts';

type Stored = Pick<ObjectStore, 'stat' | 'stream'>;

/** A body on its way, and the digest of what was sent. */
export interface HashedBody {
  readonly body: ObjectBody;
  /** Hex SHA-256 of the body; undefined while a stream was not sent whole. */
  digest(): string | undefined;
}

/** Streams are hashed while they pass, bodies in memory only when somebody asks. */
export function hashed(body: ObjectBody): HashedBody {
  if (isInMemory(body)) return { body, digest: () => createHash('sha256').update(body).digest('hex') };
  let digest: string | undefined;
  async function* passing(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    for await (const piece of stream) {
      hash.update(piece);
      yield piece;
    }
    digest = hash.digest('hex');
  }
  return { body: { ...body, stream: passing(body.stream) }, digest: () => digest };
}

/**
 * Compares with what is stored. A stream that was not sent whole is not known any more: its object is then judged by its
 * name, which is the hash of the right bytes, and config is taken as different.
 */
export async function sameContent(store: Stored, handle: ObjectHandle, sent: HashedBody, signal: AbortSignal | undefined): Promise<boolean> {
  const wanted = sent.digest() ?? handle.name;
  if (handle.type !== 'config' && wanted !== handle.name) return false;
  const hash = createHash('sha256');
  for await (const piece of (await store.stream(handle, undefined, signal)).body) hash.update(piece);
  return hash.digest('hex') === wanted;
}

/** After a broken upload: whether its object is stored whole; false also where the store cannot tell now. */
export async function isStored(store: Stored, handle: ObjectHandle, sent: HashedBody, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    const { size } = await store.stat(handle, signal);
    return size === bodyLength(sent.body) && (await sameContent(store, handle, sent, signal));
  } catch (error) {
    if (error instanceof StorageError) return false;
    throw error;
  }
}
