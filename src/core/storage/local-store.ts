/**
 * Objects in a folder.
 *
 * Invariants (beside those of the port): an object appears by a rename after its bytes are hashed and synced, and put
 * returns after the folder is synced too. Files have mode 0400, folders 0700. A temporary file is touched only by the
 * put that made it, and by `removeLeftovers` once its process is gone.
 */
import { mkdir, open, stat as statFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Addon } from '../native/addon.ts';
import type { SendableFile } from '../native/sendable-file.ts';
import { checkedRange, exactRange, sliceOf } from './byte-range.ts';
import { errorCode, fileError } from './file-errors.ts';
import { GatheredCalls } from './gathered-calls.ts';
import { isOnThisMachine } from './file-system-kind.ts';
import { folderMode, hashOf, makeFolder, readExactly, syncFolder } from './local-files.ts';
import { localBatches } from './local-batches.ts';
import { fanOut, objectPath, temporaryPath, typeFolders } from './local-layout.ts';
import type { ListedType } from './local-layout.ts';
import { listFolder, removeTemporaryFiles } from './local-list.ts';
import type { ObjectBatches } from './object-batches.ts';
import { bodyLength, exactly, isInMemory } from './object-body.ts';
import { StorageError, describeObject } from './object-store.ts';
import type { ByteRange, ObjectBody, ObjectHandle, ObjectInfo, ObjectStore } from './object-store.ts';

/** What the store needs of the native addon. */
export type ObjectFiles = Pick<Addon, 'createObjectFile' | 'removeObjectFiles' | 'readObject' | 'readRanges' | 'readSmallObject' | 'readSmallObjects' | 'listFiles' | 'openSendableFile'>;

const fileMode = 0o400;
/** One read of the file system; the signal is looked at between reads. */
const readSize = 8 * 1024 * 1024;
/** Objects that are not asked for by length are mostly keys, snapshots and index files: read in one go up to this size. */
const smallObject = 256 * 1024;
/** Files that are removed as one piece of work; with `smallOperations` at once four are under way. */
const largestBatch = 32;
const streamPieceSize = 1024 * 1024;

/** Temporary files that this process is writing now, by whichever store. */
const activeTemporaries = new Set<string>();

export class LocalStore implements ObjectStore {
  readonly location: string;
  readonly connections = 4;
  readonly smallOperations = 4 * largestBatch;
  readonly batches: ObjectBatches;
  readonly openToSend?: (handle: ObjectHandle) => Promise<SendableFile>;
  #listsAreCurrent: boolean | undefined;
  readonly #root: string;
  readonly #files: ObjectFiles;
  readonly #removals: GatheredCalls<string, null>;

  /** `root`: absolute path of the repository's folder, which need not exist before `create`. */
  constructor(root: string, options: { readonly addon: ObjectFiles }) {
    this.#root = root;
    this.#files = options.addon;
    this.location = root;
    this.batches = localBatches(root, options.addon, smallObject);
    this.#removals = new GatheredCalls(largestBatch, (paths) => this.#files.removeObjectFiles(paths));
    const { openSendableFile } = options.addon;
    if (openSendableFile === undefined) return;
    this.openToSend = async (handle) => {
      const path = objectPath(root, handle);
      return this.#guard(`opening the ${describeObject(handle)}`, () => openSendableFile(path));
    };
  }

  get listsAreCurrent(): boolean {
    this.#listsAreCurrent ??= isOnThisMachine(this.#root);
    return this.#listsAreCurrent;
  }

  async create(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await this.#guard('making the folders of the repository', async () => {
      await mkdir(this.#root, { recursive: true, mode: folderMode });
      for (const folder of Object.values(typeFolders)) await mkdir(join(this.#root, folder), { recursive: true, mode: folderMode });
      for (const folder of fanOut) await mkdir(join(this.#root, 'data', folder), { recursive: true, mode: folderMode });
      await syncFolder(join(this.#root, 'data'));
      await syncFolder(this.#root);
    });
  }

  async put(handle: ObjectHandle, body: ObjectBody, signal?: AbortSignal): Promise<void> {
    const path = objectPath(this.#root, handle);
    signal?.throwIfAborted();
    await this.#guard(`storing the ${describeObject(handle)}`, async () => {
      const temporary = temporaryPath(this.#root, handle);
      activeTemporaries.add(temporary);
      try {
        await this.#store(handle, path, temporary, body, signal);
      } finally {
        activeTemporaries.delete(temporary);
      }
    });
  }

  async get(handle: ObjectHandle, range?: ByteRange, signal?: AbortSignal): Promise<Buffer> {
    const path = objectPath(this.#root, handle);
    signal?.throwIfAborted();
    return this.#guard(`reading the ${describeObject(handle)}`, async () => {
      const { offset, length } = checkedRange(range);
      if (length !== undefined && length > 0 && length <= readSize) return await this.#filled(path, offset, length, signal);
      const found = await this.#files.readSmallObject(path, smallObject);
      signal?.throwIfAborted();
      return typeof found === 'number' ? await this.#filled(path, offset, exactRange(range, found).length, signal) : sliceOf(found, range);
    });
  }

  async getInto(handle: ObjectHandle, offset: number, target: Buffer, signal?: AbortSignal): Promise<void> {
    const path = objectPath(this.#root, handle);
    signal?.throwIfAborted();
    await this.#guard(`reading the ${describeObject(handle)}`, async () => {
      checkedRange({ offset, length: target.length });
      if (target.length > 0) await this.#fill(path, offset, target, signal);
      else exactRange({ offset, length: 0 }, (await statFile(path)).size);
    });
  }

  async stream(handle: ObjectHandle, range?: ByteRange, signal?: AbortSignal, buffers: readonly Buffer[] = []): Promise<{ size: number; body: AsyncIterable<Buffer> }> {
    const path = objectPath(this.#root, handle);
    signal?.throwIfAborted();
    return this.#guard(`reading the ${describeObject(handle)}`, async () => {
      const { file, size } = await this.#open(path);
      try {
        const wanted = exactRange(range, size);
        return { size: wanted.length, body: this.#pieces(handle, file, wanted, buffers, signal) };
      } catch (error) {
        await file.close();
        throw error;
      }
    });
  }

  async stat(handle: ObjectHandle, signal?: AbortSignal): Promise<ObjectInfo> {
    const path = objectPath(this.#root, handle);
    signal?.throwIfAborted();
    return this.#guard(`looking at the ${describeObject(handle)}`, async () => {
      const found = await statFile(path);
      if (!found.isFile()) throw new StorageError('not-found', `the ${describeObject(handle)} is not a file`);
      return { name: handle.name, size: found.size };
    });
  }

  async *list(type: ListedType, signal?: AbortSignal): AsyncGenerator<ObjectInfo> {
    signal?.throwIfAborted();
    try {
      yield* listFolder(this.#files, this.#root, type, signal);
    } catch (error) {
      throw fileError(error, `listing the folder ${typeFolders[type]}`);
    }
  }

  async remove(handle: ObjectHandle, signal?: AbortSignal): Promise<void> {
    const path = objectPath(this.#root, handle);
    signal?.throwIfAborted();
    await this.#guard(`removing the ${describeObject(handle)}`, async () => {
      await this.#removals.call(path);
    });
  }

  /** Nothing stays open between operations. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Removes temporary files that a process of ours left behind, and returns their paths below the root. Files of
   * this process's running uploads and of other living processes stay; after a day every one counts as left behind.
   */
  async removeLeftovers(now: number, signal?: AbortSignal): Promise<string[]> {
    return this.#guard('removing leftover temporary files', () =>
      removeTemporaryFiles(this.#root, { now, active: activeTemporaries, remove: async (path) => void (await this.#removals.call(path)) }, signal),
    );
  }

  async #store(handle: ObjectHandle, path: string, temporary: string, body: ObjectBody, signal: AbortSignal | undefined): Promise<void> {
    const file = await this.#createTemporary(handle, temporary);
    try {
      if (isInMemory(body)) {
        await file.append([body]);
      } else {
        for await (const piece of exactly(body.stream, bodyLength(body))) {
          signal?.throwIfAborted();
          await file.append([piece]);
        }
      }
      signal?.throwIfAborted();
      const digest = file.digest();
      if (await this.#alreadyStored(handle, path, digest)) {
        await file.abort();
        return;
      }
      if (handle.type !== 'config' && digest.toString('hex') !== handle.name) {
        throw new StorageError('mismatch', `the bytes of the ${describeObject(handle)} do not hash to its name`);
      }
      await this.#commit(handle, path, digest, file);
    } catch (error) {
      // The first error is the one to report; abort only removes the file.
      await file.abort().catch((second: unknown) => {
        if (error instanceof Error && error.cause === undefined) error.cause = second;
      });
      throw error;
    }
  }

  async #commit(handle: ObjectHandle, path: string, digest: Buffer, file: Awaited<ReturnType<ObjectFiles['createObjectFile']>>): Promise<void> {
    try {
      // Replacing is harmless for a name that is the hash of the bytes; only config must not be replaced.
      await file.commit(path, { mode: fileMode, exclusive: handle.type === 'config' });
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
      await file.abort();
      if (!(await this.#alreadyStored(handle, path, digest))) {
        throw new StorageError('temporary', `the ${describeObject(handle)} appeared and vanished while it was stored`);
      }
    }
  }

  async #createTemporary(handle: ObjectHandle, temporary: string): ReturnType<ObjectFiles['createObjectFile']> {
    try {
      return await this.#files.createObjectFile(temporary, 0o600);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' || handle.type === 'config') throw error;
    }
    // Never makes the root itself: it may be the mount point of a drive that is not there.
    await statFile(this.#root);
    const folder = join(this.#root, typeFolders[handle.type]);
    await makeFolder(folder);
    if (handle.type === 'data') await makeFolder(join(folder, handle.name.slice(0, 2)));
    return this.#files.createObjectFile(temporary, 0o600);
  }

  /** True if the object exists with this content, false if it does not exist; other content throws `exists`. */
  async #alreadyStored(handle: ObjectHandle, path: string, digest: Buffer): Promise<boolean> {
    let existing: FileHandle;
    try {
      existing = await open(path, 'r');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    }
    try {
      const right = handle.type === 'config' || digest.toString('hex') === handle.name;
      if (right && (await hashOf(existing)).equals(digest)) return true;
    } finally {
      await existing.close();
    }
    throw new StorageError('exists', `the ${describeObject(handle)} exists with other content`);
  }

  async #filled(path: string, offset: number, length: number, signal: AbortSignal | undefined): Promise<Buffer> {
    const result = Buffer.allocUnsafeSlow(length);
    await this.#fill(path, offset, result, signal);
    return result;
  }

  async #fill(path: string, offset: number, target: Buffer, signal: AbortSignal | undefined): Promise<void> {
    for (let done = 0; done < target.length; done += readSize) {
      signal?.throwIfAborted();
      const piece = target.subarray(done, done + readSize);
      const read = await this.#files.readObject(path, offset + done, piece);
      if (read < piece.length) throw new StorageError('range', `bytes ${offset} to ${offset + target.length} leave an object of at most ${offset + done + read} bytes`);
    }
  }

  async #open(path: string): Promise<{ readonly file: FileHandle; readonly size: number }> {
    const file = await open(path, 'r');
    try {
      const found = await file.stat();
      if (!found.isFile()) throw new StorageError('not-found', 'it is not a file');
      return { file, size: found.size };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async *#pieces(handle: ObjectHandle, file: FileHandle, { offset, length }: Required<ByteRange>, buffers: readonly Buffer[], signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
    try {
      for (let done = 0, turn = 0; done < length; turn += 1) {
        signal?.throwIfAborted();
        const size = Math.min(streamPieceSize, length - done);
        const piece = buffers[turn % buffers.length]?.subarray(0, size) ?? Buffer.allocUnsafeSlow(size);
        await readExactly(file, piece, offset + done);
        done += piece.length;
        yield piece;
      }
    } catch (error) {
      throw fileError(error, `reading the ${describeObject(handle)}`);
    } finally {
      await file.close();
    }
  }

  async #guard<T>(what: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw fileError(error, what);
    }
  }
}
