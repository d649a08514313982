/**
 * What the native addon exports: the contract between TypeScript and C++. Only `load-addon.ts` loads it.
 *
 * Vocabulary
 * - *path*: raw bytes without a NUL, since names need not be UTF-8; may be longer than PATH_MAX.
 * - *record*: one blob in a pack, 48 bytes, little-endian:
 *   `u8 type (0 data, 1 tree) · 3 zero bytes · u32 offset · u32 length (sealed) · u32 uncompressed length (0: stored plain) · id[32]`.
 *   A *record list* is a Buffer of n·48 bytes.
 * - *failure*: every error thrown or delivered has a string `code` (`E_…` below, or an errno name such as `ENOENT`).
 *
 * Invariants: no memory owned by C++ ever becomes a JavaScript Buffer (results are copies, or are written into buffers
 * that JavaScript allocated); every call that can take long is asynchronous and stops within 100 ms of `cancel`;
 * arguments are checked on both sides and a wrong one throws a TypeError.
 */
import type { BlobIndex } from './blob-index.ts';
import type { ManyBytes } from './many-bytes.ts';
import type { FolderScan, PlainFiles } from './plain-files.ts';
import type { SocketPaths } from './socket-paths.ts';

export const blobTypes = { data: 0, tree: 1 } as const;
export type BlobType = keyof typeof blobTypes;
/** Bytes that sealing adds to a blob: nonce and tag. */
export const sealOverhead = 32;
export const recordSize = 48;

/** `E_MAC` wrong key or damaged · `E_FORMAT` unreadable bytes · `E_HASH` content is not what its id says · `E_CHANGED` file changed or shrank while read · `E_CANCELLED` · `E_ESCAPE` a path would leave the restore root · `E_LIMIT` a declared size is absurd · `E_VERIFY` what was encoded does not decode to the input. */
export interface NativeFailure extends Error {
  readonly code: string;
}

/** 64 bytes of key material in locked memory that JavaScript never sees; wiped by `wipe` and when collected. */
export interface KeySet {
  /** IV(16) ‖ ciphertext ‖ tag(16), specification section 3. */
  seal(plain: Uint8Array): Buffer;
  /** Checks the tag before decrypting; throws `E_MAC`. */
  open(sealed: Uint8Array): Buffer;
  /** Seals the JSON text of a master key (section 4), for a key file. `this` is the user key. */
  sealMasterKey(master: KeySet): Buffer;
  /** The way back: throws `E_MAC` (wrong password) or `E_FORMAT`. */
  openMasterKey(sealed: Uint8Array): KeySet;
  wipe(): void;
}

export interface EntryStat {
  /** `st_mode` as the system gives it, type bits included. */
  readonly mode: number;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly atimeNs: bigint;
  readonly inode: bigint;
  readonly device: bigint;
  readonly rdev: bigint;
  readonly links: bigint;
  readonly uid: number;
  readonly gid: number;
  /** 512-byte blocks really used. */
  readonly blocks: bigint;
}

export interface ExtendedAttribute {
  readonly name: Buffer;
  readonly value: Buffer;
}

export interface DirectoryEntry extends EntryStat {
  readonly name: Buffer;
  /** Target of a symbolic link. */
  readonly linkTarget?: Buffer;
  /** In the order of the operating system; absent where there is none. ACLs are the attributes `system.posix_acl_…`. */
  readonly xattrs?: readonly ExtendedAttribute[];
  /** Set where lstat, readlink or listxattr failed; the other fields are then zero or partial. */
  readonly failure?: { readonly code: string; readonly message: string; readonly during: 'stat' | 'readlink' | 'xattr' };
}

export interface BackupEngineOptions {
  readonly keys: KeySet;
  readonly index: BlobIndex;
  /** The repository's chunker polynomial. */
  readonly polynomial: bigint;
  readonly version: 1 | 2;
  readonly compression: 'off' | 'auto' | 'max';
  /** Target size of a pack in bytes. */
  readonly packSize: number;
  /** Processing threads; default: the number of cores. */
  readonly threads?: number;
  /** Where packs are assembled, allocated by JavaScript and each at least `packSize + 64 KiB` long; at least three. A blob or header that does not fit gets a pack of its own (`large`). */
  readonly packBuffers: readonly Uint8Array[];
  /** Called with everything that happened since the last call. */
  readonly onEvents: (events: BackupEvent[]) => void;
}

export type BackupEvent =
  | {
      readonly type: 'file';
      readonly token: number;
      /** Bytes read, and stored as the content. */
      readonly size: number;
      /** n·32 bytes of blob ids in file order. */
      readonly content: Buffer;
      /** fstat of the open file before the first byte was read. */
      readonly stat: EntryStat;
      /** Size, mtime or ctime moved while it was read; the content is what was read. */
      readonly changed: boolean;
      /** Blobs that were new to the repository, their plaintext bytes and their bytes in packs. */
      readonly newBlobs: number;
      readonly added: number;
      readonly addedPacked: number;
    }
  | { readonly type: 'file-failed'; readonly token: number; readonly code: string; readonly message: string; readonly during: 'open' | 'read' }
  | {
      readonly type: 'plain-files';
      readonly token: number;
      /** Files and bytes read. */
      readonly count: number;
      readonly size: number;
      readonly newBlobs: number;
      readonly added: number;
      readonly addedPacked: number;
      /** Positions of the files that are left: for `leave`, then `addFile`. */
      readonly left: readonly number[];
    }
  | { readonly type: 'blob'; readonly token: number; readonly id: Buffer; readonly isNew: boolean; readonly added: number; readonly addedPacked: number }
  | {
      readonly type: 'pack';
      /** Number of the pack buffer that holds it; return it with `releasePack`. -1: the bytes are in `large`. */
      readonly buffer: number;
      readonly large?: Buffer;
      readonly id: Buffer;
      readonly length: number;
      readonly records: Buffer;
      readonly blobType: BlobType;
    }
  /** The input queue has room again after `addFile` or `addBlob` returned false. */
  | { readonly type: 'drain' }
  /** After `finish`: every pack was delivered before this event. */
  | { readonly type: 'finished' }
  /** The engine cannot go on (`E_VERIFY`, `E_CANCELLED`, out of memory); nothing follows. */
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

/** Since start; nanoseconds are summed over threads. The largest share tells the bottleneck. */
export interface BackupCounters {
  readonly filesRead: number;
  readonly bytesRead: number;
  readonly blobsFound: number;
  readonly readNs: number;
  readonly chunkNs: number;
  readonly hashNs: number;
  readonly compressNs: number;
  readonly encryptNs: number;
  /** Threads waiting for a free pack buffer: storage is the bottleneck. */
  readonly uploadWaitNs: number;
  /** Threads waiting for input: the scan is the bottleneck. */
  readonly inputWaitNs: number;
}

export interface BackupEngine {
  /** Reads, cuts and stores a regular file, opened without following a link. False: accepted, but add no more before `drain`. */
  addFile(token: number, path: Uint8Array): boolean;
  /** The same for an open descriptor (standard input), which the engine does not close. */
  addDescriptor(token: number, descriptor: number): boolean;
  /** Reads and stores plain files from position `from` to before `to`; they count as so many inputs. */
  addPlainFiles(token: number, files: PlainFiles, from: number, to: number): boolean;
  /** Stores one blob as it is (a tree). The bytes are copied. */
  addBlob(token: number, type: BlobType, bytes: Uint8Array): boolean;
  releasePack(buffer: number): void;
  /** No more input: closes the open packs and ends with `finished`. */
  finish(): void;
  pause(): void;
  resume(): void;
  cancel(): void;
  counters(): BackupCounters;
}

export interface RestoreMetadata {
  /** Permission bits with setuid, setgid and sticky (07777). */
  readonly mode: number;
  readonly mtimeNs: bigint;
  readonly atimeNs: bigint;
  /** Absent: the owner is left as it is. */
  readonly uid?: number;
  readonly gid?: number;
  readonly xattrs?: readonly ExtendedAttribute[];
}

export interface RestoreFile {
  /** Chosen by the caller; unique in one engine. */
  readonly token: number;
  /** Relative to the root, components separated by `/`. */
  readonly path: Uint8Array;
  readonly size: number;
  /** How many blob writes complete it; 0 for an empty file, which is finished at once. */
  readonly writes: number;
  readonly metadata: RestoreMetadata;
}

/** One write: a blob of the range goes to a file at an offset. 64 bytes, little-endian: the record (48) with `offset` counted from the start of the range · u32 file token · u32 zero · u64 offset in the file. Equal records that follow each other are decoded once. */
export const writeSize = 64;

/** A failure `decode` leaves the write open: repeat it with another copy, or give the file up. `metadata`: the content is in place and the token is among `finished` too. After any other the file's temporary part is gone and its later writes are skipped. */
export interface RestoreFailure {
  /** Of a file; in `makeDirectories` and `setMetadata` the position in the list. */
  readonly token: number;
  readonly path: Buffer;
  readonly code: string;
  readonly message: string;
  readonly during: 'create' | 'decode' | 'write' | 'metadata' | 'rename';
}

export interface RestoreResult {
  readonly finished: readonly number[];
  readonly failures: readonly RestoreFailure[];
  readonly bytesWritten: number;
}

/**
 * Everything a restore does below its target folder. Every path is walked from the root's descriptor, component by
 * component, following no link, on every call; a component that is a link, or `..`, is `E_ESCAPE`.
 */
export interface RestoreRoot {
  /** A folder (0700 until its metadata is set); existing real folders are kept. Parents must exist. */
  makeDirectories(paths: readonly Uint8Array[]): Promise<readonly RestoreFailure[]>;
  /** Registers files; nothing is created before their first write (empty files: created and finished now). */
  addFiles(files: readonly RestoreFile[]): Promise<RestoreResult>;
  /** Opens, authenticates, decompresses and verifies the blobs in `range`, then writes them to temporary files; a run of zeros becomes a hole. A file whose last write this was gets its metadata and then its name. */
  writeRange(keys: KeySet, range: Uint8Array, writes: Uint8Array): Promise<RestoreResult>;
  makeSymlink(path: Uint8Array, target: Uint8Array, metadata: RestoreMetadata): Promise<void>;
  makeHardLink(path: Uint8Array, existing: Uint8Array): Promise<void>;
  /** FIFO or device; `type` is the `S_IFMT` part of st_mode. */
  makeNode(path: Uint8Array, type: number, rdev: bigint, metadata: RestoreMetadata): Promise<void>;
  /** In the given order, so deepest first. For files too; one with other names (hard links) that differs is `E_ESCAPE`, since it may be reached from outside. The root is the empty path here, in `stat` and in `list`. */
  setMetadata(paths: readonly { readonly path: Uint8Array; readonly metadata: RestoreMetadata }[]): Promise<readonly RestoreFailure[]>;
  /** lstat below the root; undefined if it does not exist. */
  stat(path: Uint8Array): Promise<EntryStat | undefined>;
  list(path: Uint8Array): Promise<DirectoryEntry[]>;
  /** Removes a file, link or a whole folder, following no link. */
  remove(path: Uint8Array): Promise<void>;
  /** Compares a file's bytes with blob ids: `content` is n·32 bytes, `lengths` their plaintext lengths. One byte a blob: 1 equal, 0 not. */
  compareContent(path: Uint8Array, content: Uint8Array, lengths: Uint32Array): Promise<Buffer>;
  /** Drops unfinished temporary files and descriptors. */
  close(): Promise<void>;
}

/** A new object on disk: hidden under a temporary name until `commit`. Writes and hashing run off the event loop. */
export interface ObjectFile {
  append(pieces: readonly Uint8Array[]): Promise<void>;
  /** SHA-256 of what was appended so far. */
  digest(): Buffer;
  /** fsync, mode, rename to the final path, fsync of the folder. With `exclusive`, fails with `EEXIST` instead of replacing. */
  commit(path: string, options: { readonly mode: number; readonly exclusive: boolean }): Promise<void>;
  /** Closes and removes the temporary file. Idempotent; safe after commit (does nothing). */
  abort(): Promise<void>;
}

export interface Addon extends SocketPaths {
  /** Version of this contract; the loader refuses another. */
  readonly contract: number;
  deriveKeySet(password: Uint8Array, salt: Uint8Array, N: number, r: number, p: number): Promise<KeySet>;
  generateKeySet(): KeySet;
  /** Builds a key set from 64 bytes E ‖ K ‖ R (tests, known answers). */
  keySetFromBytes(bytes: Uint8Array): KeySet;
  sha256(data: Uint8Array): Buffer;
  /** Asks the system for large pages for `size` bytes somewhere in `memory`; returns where in it they begin (see `largeBuffer`). */
  preferLargePages(memory: Uint8Array, size: number): number;
  compress(data: Uint8Array, level: number): Buffer;
  /** Any valid zstd stream; `E_LIMIT` beyond `limit` bytes. */
  decompress(data: Uint8Array, limit: number): Buffer;
  randomPolynomial(): bigint;
  isIrreducible(polynomial: bigint): boolean;
  /** Lengths of the chunks of `data`. */
  cut(data: Uint8Array, polynomial: bigint): Uint32Array;
  createIndex(): BlobIndex;
  createBackupEngine(options: BackupEngineOptions): BackupEngine;
  /** Decodes a sealed (and compressed) blob and checks its id: `E_MAC`, `E_FORMAT`, `E_HASH`. Off the event loop. */
  decodeBlob(keys: KeySet, sealed: Uint8Array, uncompressedLength: number, id: Uint8Array): Promise<Buffer>;
  /** Reads the header at the end of a whole pack (or its tail) of `packLength` bytes: its record list. `E_FORMAT`, `E_MAC`. */
  readPackHeader(keys: KeySet, tail: Uint8Array, packLength: number): Buffer;
  /** Whether a whole pack hashes to its id, and its header is this record list. Its blobs are not looked at. Off the event loop. */
  packIsListed(keys: KeySet, packId: Uint8Array, pack: Uint8Array, records: Uint8Array): Promise<boolean>;
  /** Verifies a whole pack in memory off the event loop: hash, header against `records`, and every blob. Resolves with what is wrong, empty if nothing. */
  checkPack(keys: KeySet, packId: Uint8Array, pack: Uint8Array, records: Uint8Array): Promise<string[]>;
  /** Where each node of a tree blob stands, and what sorting needs to know of it (repository/tree-outline.ts). `E_FORMAT` for what is no tree. */
  outlineTree(tree: Uint8Array): Buffer;
  /** `sha256` off the event loop. */
  hash(data: Uint8Array): Promise<Buffer>;
  /** Opens index files, snapshots and locks as they are stored; `names`: 32 bytes each. One entry a file: its JSON text; none where its bytes do not hash to its name, or cannot be opened. */
  openUnpackedFiles(keys: KeySet, files: readonly Uint8Array[], names: Uint8Array, version: 1 | 2): Promise<ManyBytes>;
  /** Decodes the blobs of a record list, whose offsets count from the start of `bytes`, into `target`, one after another, each with the size that its record says; `target` has exactly the sum. One byte a record: 1 where the blob is what its id says; elsewhere its place in `target` holds anything. */
  openBlobs(keys: KeySet, bytes: Uint8Array, records: Uint8Array, target: Uint8Array): Promise<Buffer>;
  /** Decodes the blobs of a record list, whose offsets count from the start of `bytes`: one byte a record, 1 where the blob is what its id says. */
  verifyBlobs(keys: KeySet, bytes: Uint8Array, records: Uint8Array): Promise<Buffer>;
  /** The packs that an index file as it is stored lists, as rows (blob-marks.ts). `E_MAC`, `E_FORMAT`, `E_LIMIT`. */
  indexedPacks(keys: KeySet, sealed: Uint8Array, version: 1 | 2): Promise<Buffer>;
  scanDirectory(path: Uint8Array, options: { readonly xattrs: boolean }): Promise<DirectoryEntry[]>;
  /** As `scanDirectory` with attributes, the plain files apart. `oldTree`: the folder's tree in the parent snapshot; `index` tells which blobs are stored. */
  scanFolder(path: Uint8Array, options: { readonly oldTree?: Uint8Array; readonly index: BlobIndex }): Promise<FolderScan>;
  /** The regular files in a directory, which may not be a link, by name: their names, each followed by a slash; bytes; and when they were changed, in milliseconds since the epoch. */
  listFiles(path: Uint8Array): Promise<{ readonly names: Buffer; readonly sizes: Float64Array; readonly times: Float64Array }>;
  /** lstat, link target and attributes of one path; rejects with an errno code. */
  statPath(path: Uint8Array, options: { readonly xattrs: boolean }): Promise<DirectoryEntry>;
  /** Opens (and creates, 0700) the target folder of a restore; the target itself may be a link, what lies below may not. */
  openRestoreRoot(path: Uint8Array): Promise<RestoreRoot>;
  /** Bytes that this user may still write on the file system of the path. */
  freeSpace(path: Uint8Array): Promise<bigint>;
  /** Names of this system's users and groups; the empty string where there is none. Cached. */
  userName(uid: number): string;
  groupName(gid: number): string;
  createObjectFile(temporaryPath: string, mode: number): Promise<ObjectFile>;
  /** Removes files and fsyncs their folders, each once; absent is success. One entry a path: null, or why it failed (with a `code`). */
  removeObjectFiles(paths: readonly string[]): Promise<readonly (Error | null)[]>;
  /** Bytes of a file from `offset` into `target`; resolves with how many there were, fewer than `target` holds only at the file's end. What is no regular file is `ENOENT`. */
  readObject(path: string, offset: number, target: Uint8Array): Promise<number>;
  /** Parts of files, one after another in `target`, whose size is that of all. `ranges`: two numbers a path, offset and length (1 GiB at most). One byte a path: 1 where the part was there. */
  readRanges(paths: readonly string[], ranges: Float64Array, target: Uint8Array): Promise<Buffer>;
  /** A whole file of at most `limit` bytes (16 MiB at most), or its size where that is more. */
  readSmallObject(path: string, limit: number): Promise<Buffer | number>;
  /** The same of many. One entry a path; none where the file is larger, or cannot be read. */
  readSmallObjects(paths: readonly string[], limit: number): Promise<ManyBytes>;
}
