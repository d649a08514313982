/**
 * Copying snapshots into another repository: their blobs are opened, verified and sealed anew; what is there is not
 * copied again.
 *
 * Order of work, batch by batch: trees while they are walked, then the pieces of files, pack by pack of the source; when
 * all is durable and listed, the snapshots of the batch. An interrupted copy goes on where it was.
 *
 * Invariants: every tree is walked, also those that the target has: an interrupted run may have left trees there whose
 * files never came; memory grows with the number of blobs of a batch and of all trees, not with their size.
 */
import { Failure } from '../../shared/errors.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import type { Lock } from '../repository/lock.ts';
import type { Repository } from '../repository/repository.ts';
import { listSnapshots, saveSnapshot, type Snapshot, type StoredSnapshot } from '../repository/snapshots.ts';
import { decodeTree, type Tree } from '../repository/tree.ts';
import { TreeReader } from '../repository/tree-reader.ts';
import { StorageError } from '../storage/object-store.ts';
import { withBlobWriter, type BlobWriter } from './blob-writer.ts';
import { CopiedSnapshots } from './similar-snapshots.ts';
import { WantedBlobs, type WantedRange } from './wanted-blobs.ts';

/** Plaintext bytes after which the snapshots walked so far are finished before the next one is begun. */
/** Those that wait and are looked at. */
const foldersAhead = 64;
const batchSize = 1024 * 1024 * 1024;

export type CopiedSnapshot =
  | { readonly source: StoredSnapshot; readonly outcome: 'copied'; readonly id: string }
  /** `id`: the snapshot that is a copy already. */
  | { readonly source: StoredSnapshot; readonly outcome: 'present'; readonly id: string };

export interface CopyResult {
  /** In the order given. */
  readonly snapshots: readonly CopiedSnapshot[];
  /** Blobs that were new to the target, their plaintext bytes and their bytes there. */
  readonly blobs: number;
  readonly bytes: number;
  readonly packedBytes: number;
}

export interface CopyProgress {
  readonly snapshotsDone: number;
  readonly snapshotsTotal: number;
  /** Plaintext bytes of the files of this batch. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface CopyPorts {
  /** Of the target; the source is to be locked too. */
  readonly lock: Pick<Lock, 'confirmed' | 'signal'>;
  readonly signal?: AbortSignal;
  /** Bytes of a pack; default 16 MiB. */
  readonly packSize?: number;
  readonly onProgress?: (progress: CopyProgress) => void;
}

/**
 * Both repositories have their index loaded. Failures: DAMAGED (a blob of the source that cannot be read, named with the
 * snapshot: what was copied before stays), and those of storage and locks.
 */
export async function copySnapshots(source: Repository, target: Repository, snapshots: readonly StoredSnapshot[], ports: CopyPorts): Promise<CopyResult> {
  const { signal } = ports;
  const copied = new CopiedSnapshots(await listSnapshots(target, signal, { tolerateDamage: true }));
  const run = new CopyRun(source, target, ports, snapshots.length);
  const results = new Map<string, CopiedSnapshot>();
  const pending: StoredSnapshot[] = [];
  for (const snapshot of snapshots) {
    const present = copied.copyOf(snapshot);
    if (present === undefined) pending.push(snapshot);
    else results.set(snapshot.id, { source: snapshot, outcome: 'present', id: present.id });
  }
  run.snapshotsDone = results.size;
  while (pending.length > 0) {
    const batch = await run.copyBatch(pending);
    await ports.lock.confirmed;
    for (const snapshot of batch) {
      signal?.throwIfAborted();
      // Two of the chosen may be copies of each other.
      const present = copied.copyOf(snapshot);
      const copy = asCopy(snapshot);
      const id = present?.id ?? (await saveSnapshot(target, copy, signal));
      if (present === undefined) copied.add({ id, snapshot: copy });
      results.set(snapshot.id, { source: snapshot, outcome: present === undefined ? 'copied' : 'present', id });
      run.snapshotsDone += 1;
    }
  }
  run.tell();
  return { snapshots: snapshots.map(({ id }) => results.get(id)).filter((result) => result !== undefined), ...run.stored };
}

/** A copy has no parent: that lies in another repository. */
function asCopy({ id, snapshot }: StoredSnapshot): Snapshot {
  const { parent: _, ...kept } = snapshot;
  return { ...kept, original: snapshot.original ?? id };
}

class CopyRun {
  snapshotsDone = 0;
  readonly stored = { blobs: 0, bytes: 0, packedBytes: 0 };
  readonly #source: Repository;
  readonly #target: Repository;
  readonly #ports: CopyPorts;
  readonly #snapshotsTotal: number;
  readonly #walked = new Set<string>();
  #bytesDone = 0;
  #bytesTotal = 0;

  constructor(source: Repository, target: Repository, ports: CopyPorts, snapshotsTotal: number) {
    this.#source = source;
    this.#target = target;
    this.#ports = ports;
    this.#snapshotsTotal = snapshotsTotal;
  }

  tell(): void {
    this.#ports.onProgress?.({ snapshotsDone: this.snapshotsDone, snapshotsTotal: this.#snapshotsTotal, bytesDone: this.#bytesDone, bytesTotal: this.#bytesTotal });
  }

  /** Takes snapshots from the front of `pending` and copies all that they reach; resolves with them when it is durable. */
  async copyBatch(pending: StoredSnapshot[]): Promise<StoredSnapshot[]> {
    const batch: StoredSnapshot[] = [];
    const { lock, signal, packSize } = this.#ports;
    await withBlobWriter({ repository: this.#target, lock, signal, packSize }, async (writer, stopped) => {
      const wanted = new WantedBlobs(this.#source);
      const reader = new TreeReader(this.#source, stopped);
      while (wanted.bytes < batchSize) {
        const snapshot = pending.shift();
        if (snapshot === undefined) break;
        batch.push(snapshot);
        await this.#walk(snapshot, reader, writer, wanted, stopped);
      }
      await this.#copyWanted(wanted, writer, stopped);
      await writer.drained();
      this.stored.blobs += writer.stored.blobs;
      this.stored.bytes += writer.stored.bytes;
      this.stored.packedBytes += writer.stored.packedBytes;
    });
    return batch;
  }

  async #walk({ id, snapshot }: StoredSnapshot, reader: TreeReader, writer: BlobWriter, wanted: WantedBlobs, signal: AbortSignal): Promise<void> {
    const pending: { readonly id: Buffer; readonly path: string }[] = [{ id: Buffer.from(snapshot.tree, 'hex'), path: '' }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      signal.throwIfAborted();
      const key = next.id.toString('latin1');
      if (this.#walked.has(key)) continue;
      this.#walked.add(key);
      const place = `${id.slice(0, 8)}:${next.path}`;
      const blob = await explained(`The folder ${place}/`, () => reader.readBlob(next.id));
      const tree = await explained(`The folder ${place}/`, () => Promise.resolve(decodeTree(blob)));
      this.#want(tree, wanted, place);
      for (const { subtree, name } of tree.nodes) if (subtree !== null) pending.push({ id: subtree, path: `${next.path}/${name.toString('utf8')}` });
      reader.prefetch(this.#ahead(pending));
      if (!this.#target.index.has('tree', next.id)) await writer.write('tree', blob);
    }
  }

  *#ahead(pending: readonly { readonly id: Buffer }[]): Generator<Buffer> {
    for (let i = pending.length - 1; i >= Math.max(0, pending.length - foldersAhead); i -= 1) {
      const next = pending[i];
      if (next !== undefined && !this.#walked.has(next.id.toString('latin1'))) yield next.id;
    }
  }

  #want({ nodes }: Tree, wanted: WantedBlobs, place: string): void {
    for (const { content, name } of nodes) {
      if (content === null) continue;
      for (let at = 0; at < content.length; at += 32) {
        const id = content.subarray(at, at + 32);
        if (this.#target.index.has('data', id) || wanted.add('data', id)) continue;
        throw cannotCopy(`The file ${place}/${name.toString('utf8')}`, `its piece ${id.toString('hex')} is in no index`);
      }
    }
  }

  async #copyWanted(wanted: WantedBlobs, writer: BlobWriter, signal: AbortSignal): Promise<void> {
    this.#bytesDone = 0;
    this.#bytesTotal = wanted.bytes;
    this.tell();
    // One worker a connection, each taking the next range: a list of all would hold every record at once. A worker that
    // fails ends the ranges, and with them the others.
    const ranges = wanted.ranges();
    const workers = Array.from({ length: Math.max(1, this.#source.store.connections) }, (_, i) => i);
    const work = async (): Promise<void> => {
      for (const range of ranges) {
        signal.throwIfAborted();
        await this.#copyRange(range, writer, signal);
      }
    };
    await mapConcurrently(workers, workers.length, work, signal);
  }

  async #copyRange(range: WantedRange, writer: BlobWriter, signal: AbortSignal): Promise<void> {
    const bytes = await this.#read(range, signal);
    for (const { type, id, offset, length, uncompressedLength } of range.blobs) {
      const start = offset - range.offset;
      const blob = (await this.#open(bytes?.subarray(start, start + length), uncompressedLength, id)) ?? (await explained(`The piece ${id.toString('hex')}`, () => this.#source.readBlob(type, id, signal)));
      await writer.write(type, blob);
      this.#bytesDone += blob.length;
    }
    this.tell();
  }

  /** Undefined where the pack is missing or too short: another one may have the blobs. */
  async #read({ packId, offset, length }: WantedRange, signal: AbortSignal): Promise<Buffer | undefined> {
    try {
      return await this.#source.store.get({ type: 'data', name: packId.toString('hex') }, { offset, length }, signal);
    } catch (error) {
      if (error instanceof StorageError && (error.kind === 'not-found' || error.kind === 'range')) return undefined;
      throw error;
    }
  }

  async #open(sealed: Buffer | undefined, uncompressedLength: number, id: Buffer): Promise<Buffer | undefined> {
    if (sealed === undefined) return undefined;
    const { addon, keys, logger } = this.#source;
    try {
      return await addon.decodeBlob(keys, sealed, uncompressedLength, id);
    } catch (error) {
      logger.warn({ blob: id.toString('hex'), error: String(error) }, 'a blob is damaged; trying other copies');
      return undefined;
    }
  }
}

/** Runs `read`; where what it reads is damaged, says what that is needed for. */
async function explained<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
    throw cannotCopy(what, error.text.what, error);
  }
}

function cannotCopy(what: string, why: string, cause?: unknown): Failure {
  return new Failure(
    'DAMAGED',
    { what: `${what} cannot be copied: ${why}`, safe: 'The source was not changed; what was copied so far stays in the target, and is not copied again', next: 'Run `cyberbackup check` on the source; copy the other snapshots by naming them, or cut the damage out with `repair snapshots`' },
    cause === undefined ? undefined : { cause },
  );
}
