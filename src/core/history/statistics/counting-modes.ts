/**
 * What snapshots hold, counted as restic's `stats` counts.
 *
 * Vocabulary of the modes: *restore-size* is what restoring would write, every snapshot on its own, hard links once;
 * *files-by-contents* counts files with the same content once; *raw-data* is what the blobs take in packs, each once;
 * *blobs-per-file* counts the blobs of each path once, of files with different contents. A file is, for restic, a node of
 * any type.
 */
import { createHash } from 'node:crypto';
import type { Failure } from '../../../shared/errors.ts';
import { sealOverhead } from '../../native/addon.ts';
import { newMarks } from '../../repository/mark-below.ts';
import type { Repository } from '../../repository/repository.ts';
import type { StoredSnapshot } from '../../repository/snapshots.ts';
import { enter, markBlobs } from '../blob-marks.ts';
import { walkNodes } from '../node-walk.ts';
import { DigestSet } from './digest-set.ts';
import { TreeTotals, addTotals, noTotals } from './tree-totals.ts';

export const countingModes = ['restore-size', 'files-by-contents', 'blobs-per-file', 'raw-data'] as const;
export type CountingMode = (typeof countingModes)[number];

/** The names and the order are those of restic's JSON; what is zero, restic leaves out. */
export interface Count {
  readonly total_size: number;
  readonly total_uncompressed_size?: number;
  readonly compression_ratio?: number;
  /** Percent. */
  readonly compression_progress?: number;
  readonly compression_space_saving?: number;
  readonly total_file_count?: number;
  readonly total_blob_count?: number;
  readonly snapshots_count: number;
}

export interface CountOptions {
  /** What could not be read; the rest is counted. */
  readonly onUnreadable: (failure: Failure) => void;
  readonly signal?: AbortSignal;
}

/** Needs the index. */
export async function count(repository: Repository, snapshots: readonly StoredSnapshot[], mode: CountingMode, options: CountOptions): Promise<Count> {
  switch (mode) {
    case 'restore-size':
      return await restoreSize(repository, snapshots, options);
    case 'raw-data':
      return await rawData(repository, snapshots, options);
    default:
      return await uniqueFiles(repository, snapshots, mode, options);
  }
}

async function restoreSize(repository: Repository, snapshots: readonly StoredSnapshot[], { onUnreadable, signal }: CountOptions): Promise<Count> {
  const totals = new TreeTotals(repository, onUnreadable, signal);
  let sum = noTotals;
  for (const { snapshot } of snapshots) sum = addTotals(sum, await totals.of(Buffer.from(snapshot.tree, 'hex')));
  return { total_size: sum.bytes, ...positive('total_file_count', sum.entries), snapshots_count: snapshots.length };
}

async function rawData(repository: Repository, snapshots: readonly StoredSnapshot[], { onUnreadable, signal }: CountOptions): Promise<Count> {
  const used = newMarks(repository);
  await markBlobs(repository, used, snapshots.map(({ snapshot }) => Buffer.from(snapshot.tree, 'hex')), { onUnreadable, signal });
  const { dataBlobs, treeBlobs, plain, stored, compressedBlobs, compressedPlain, compressedStored } = repository.index.sumMarked(used);
  const blobs = dataBlobs + treeBlobs;
  // restic counts a blob's content together with what sealing adds.
  const uncompressed = repository.config.version === 1 ? 0 : plain + blobs * sealOverhead;
  const ofCompressed = compressedPlain + compressedBlobs * sealOverhead;
  return {
    total_size: stored,
    ...positive('total_uncompressed_size', uncompressed),
    ...(compressedStored === 0 ? {} : positive('compression_ratio', ofCompressed / compressedStored)),
    ...(uncompressed === 0 ? {} : { ...positive('compression_progress', (ofCompressed / uncompressed) * 100), ...nonZero('compression_space_saving', (1 - stored / uncompressed) * 100) }),
    ...positive('total_blob_count', blobs),
    snapshots_count: snapshots.length,
  };
}

async function uniqueFiles(repository: Repository, snapshots: readonly StoredSnapshot[], mode: CountingMode, { onUnreadable, signal }: CountOptions): Promise<Count> {
  const counter = new UniqueFiles(repository, mode === 'blobs-per-file');
  // A tree that was gone through has no file whose content is new.
  const entered = newMarks(repository);
  for (const { snapshot } of snapshots) {
    const root = Buffer.from(snapshot.tree, 'hex');
    if (!enter(entered, repository.index.entryOf('tree', root))) continue;
    await counter.addTree(root, entered, onUnreadable, signal);
  }
  const { size, files, blobs } = counter;
  return { total_size: size, ...positive('total_file_count', files), ...positive('total_blob_count', blobs), snapshots_count: snapshots.length };
}

class UniqueFiles {
  size = 0;
  files = 0;
  blobs = 0;
  readonly #repository: Repository;
  readonly #byBlobs: boolean;
  readonly #contents = new DigestSet();
  readonly #paths = new DigestSet();
  readonly #blobsOfPaths = new DigestSet();

  constructor(repository: Repository, byBlobs: boolean) {
    this.#repository = repository;
    this.#byBlobs = byBlobs;
  }

  async addTree(root: Buffer, entered: Uint8Array, onUnreadable: (failure: Failure) => void, signal: AbortSignal | undefined): Promise<void> {
    const { index } = this.#repository;
    const enterTree = (_path: Buffer, subtree: Buffer): boolean => enter(entered, index.entryOf('tree', subtree));
    for await (const found of walkNodes(this.#repository, root, { enter: enterTree, onUnreadableRoot: onUnreadable, ...(signal === undefined ? {} : { signal }) })) {
      if (found.kind === 'left') continue;
      if (found.failure !== undefined) onUnreadable(found.failure);
      if (found.kind !== 'node') continue;
      const content = found.node.content ?? Buffer.alloc(0);
      if (!this.#contents.add(createHash('sha256').update(content).digest())) continue;
      if (this.#byBlobs) this.#addBlobs(found.path, content);
      else {
        this.files += 1;
        this.size += Number(found.node.size);
      }
    }
  }

  #addBlobs(path: Buffer, content: Buffer): void {
    if (content.length === 0) return;
    const pathDigest = createHash('sha256').update(path).digest();
    if (this.#paths.add(pathDigest)) this.files += 1;
    for (let at = 0; at < content.length; at += 32) {
      const id = content.subarray(at, at + 32);
      if (!this.#blobsOfPaths.add(createHash('sha256').update(pathDigest).update(id).digest())) continue;
      this.size += Math.max(0, this.#repository.index.plainLength('data', id));
      this.blobs += 1;
    }
  }
}

function positive<Name extends keyof Count>(name: Name, value: number): { [key in Name]?: number } {
  return value > 0 ? ({ [name]: value } as { [key in Name]?: number }) : {};
}

function nonZero<Name extends keyof Count>(name: Name, value: number): { [key in Name]?: number } {
  return value === 0 ? {} : ({ [name]: value } as { [key in Name]?: number });
}
