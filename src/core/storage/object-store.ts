/**
 * The storage port.
 *
 * Vocabulary: an *object* is one immutable file of a repository, addressed by type and name. The name is the lower-case
 * hex SHA-256 of the stored bytes (64 digits), except for `config`, which has the empty name. An *adapter* stores
 * objects somewhere; a *decorator* wraps a store and adds behaviour.
 *
 * Invariants that every adapter keeps, and the conformance suite checks:
 * - an object is visible (get, stat, list) only when it is whole and durable;
 * - put never changes an existing object: the same bytes again succeed, other bytes fail with kind `exists`;
 * - put of a type other than config fails with kind `mismatch` when the bytes do not hash to the name, leaving nothing;
 * - remove of an absent object succeeds;
 * - a list that fails half-way throws: it never looks like a shorter list. Foreign and temporary files are not listed;
 * - an aborted operation rejects with the signal's reason and leaves no partial object.
 */
import type { SendableFile } from '../native/sendable-file.ts';
import type { ObjectBatches } from './object-batches.ts';

export const objectTypes = ['config', 'key', 'lock', 'snapshot', 'index', 'data'] as const;
export type ObjectType = (typeof objectTypes)[number];

export interface ObjectHandle {
  readonly type: ObjectType;
  /** 64 lower-case hex digits; the empty string for `config`. */
  readonly name: string;
}

export interface ObjectInfo {
  readonly name: string;
  /** Stored size in bytes. */
  readonly size: number;
  /** When the store got the object, in milliseconds since the epoch, where its lists tell. */
  readonly received?: number;
}

export interface ByteRange {
  readonly offset: number;
  /** Number of bytes; without it, to the end. A range that leaves the object is an error of kind `range`. */
  readonly length?: number;
}

/** Bytes in memory, or a stream of them with the total announced where it is known. */
export type ObjectBody = Uint8Array | { readonly stream: AsyncIterable<Uint8Array>; readonly length?: number };

export interface ObjectStore {
  /** Where the objects are, for people and logs; never holds credentials. */
  readonly location: string;
  /** How many operations may usefully run at once. */
  readonly connections: number;
  /** The same for operations on small objects, which a store may do together: several times `connections` where it does. */
  readonly smallOperations: number;
  /**
   * True if a list that begins after a put was answered always holds the object, whoever put it. Two programs that lock
   * the repository then cannot miss each other, and need no pause between writing a lock and looking again. False where
   * that is not known; a server tells it with its lists.
   */
  readonly listsAreCurrent: boolean;
  /** Makes the place ready for a new repository (folders). Idempotent; creates no object. */
  create(signal?: AbortSignal): Promise<void>;
  put(handle: ObjectHandle, body: ObjectBody, signal?: AbortSignal): Promise<void>;
  get(handle: ObjectHandle, range?: ByteRange, signal?: AbortSignal): Promise<Buffer>;
  /**
   * Fills `target` with the bytes from `offset` on, for callers that use the same memory again and again. Where it
   * rejects, what `target` holds is undefined; once it has settled either way, nothing writes to `target` any more.
   */
  getInto(handle: ObjectHandle, offset: number, target: Buffer, signal?: AbortSignal): Promise<void>;
  /**
   * The same bytes as get, in pieces of at most about 1 MiB, with constant memory. A store may put the pieces into
   * `buffers` in turn: with n buffers a piece then holds its bytes until the n-th piece after it is asked for. Without
   * them every piece has memory of its own.
   */
  stream(handle: ObjectHandle, range?: ByteRange, signal?: AbortSignal, buffers?: readonly Buffer[]): Promise<{ readonly size: number; readonly body: AsyncIterable<Buffer> }>;
  /** Only a store of files has them. */
  readonly batches?: ObjectBatches;
  /**
   * Opens an object whose bytes the system can hand to a socket itself; the caller closes it. Only a store of files has
   * this, and not on every platform; a decorator does not pass it on, since it would not see the bytes.
   */
  readonly openToSend?: (handle: ObjectHandle) => Promise<SendableFile>;
  stat(handle: ObjectHandle, signal?: AbortSignal): Promise<ObjectInfo>;
  list(type: Exclude<ObjectType, 'config'>, signal?: AbortSignal): AsyncIterable<ObjectInfo>;
  remove(handle: ObjectHandle, signal?: AbortSignal): Promise<void>;
  /** Ends connections and handles; the store is unusable afterwards. */
  close(): Promise<void>;
}

/**
 * Why a storage operation failed; adapters decide, callers compare this and never a text.
 * Retried by the retry decorator: `temporary`, `unreachable` and `mismatch` (section 5 of the interfaces); the rest are
 * final.
 */
export type StorageErrorKind =
  | 'not-found'
  | 'exists'
  | 'mismatch'
  | 'range'
  | 'denied'
  /** An administrator of the server ended this upload. */
  | 'ended'
  | 'full'
  | 'too-large'
  | 'unreachable'
  /** The server shows another certificate than the pinned one. */
  | 'untrusted'
  | 'temporary'
  | 'permanent';

export class StorageError extends Error {
  readonly kind: StorageErrorKind;
  /** What the server asked us to wait, in milliseconds (`Retry-After`). */
  readonly retryAfter: number | undefined;

  constructor(kind: StorageErrorKind, message: string, options?: ErrorOptions & { retryAfter?: number }) {
    super(message, options);
    this.name = 'StorageError';
    this.kind = kind;
    this.retryAfter = options?.retryAfter;
  }
}

const idPattern = /^[0-9a-f]{64}$/;

/** True for a name that an object of this type may have; checked at every border before a path or URL is built. */
export function isObjectName(type: ObjectType, name: string): boolean {
  return type === 'config' ? name === '' : idPattern.test(name);
}

/** The object for people and logs: `config`, or the type and the first ten digits. */
export function describeObject(handle: ObjectHandle): string {
  return handle.type === 'config' ? 'config' : `${handle.type} ${handle.name.slice(0, 10)}`;
}
