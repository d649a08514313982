/**
 * What snapshots hold and what they take.
 *
 * Vocabulary: the *restore size* is the bytes that restoring writes, hard links once; the *raw size* is what the blobs
 * that the snapshots use take in packs, each blob once, and the *uncompressed size* their plaintext.
 */
import { Failure } from '../../shared/errors.ts';
import type { BlobType } from '../native/addon.ts';
import type { Repository } from '../repository/repository.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import type { TreeNode } from '../repository/tree.ts';
import { TreeReader } from '../repository/tree-reader.ts';

/** Sizes in bytes, summed over the snapshots; the names are those of restic's `stats --json`. */
export interface Statistics {
  readonly snapshots_count: number;
  /** Restore size of all snapshots, each counted on its own. */
  readonly total_size: number;
  readonly total_file_count: number;
  readonly total_directory_count: number;
  /** Raw size of the blobs in use. */
  readonly total_raw_size: number;
  readonly total_uncompressed_size: number;
  readonly total_blob_count: number;
  readonly data_blob_count: number;
  readonly tree_blob_count: number;
  /** Uncompressed by raw size; 1 where nothing is stored. */
  readonly compression_ratio: number;
  readonly compression_space_saving: number;
  /** Of the whole repository, whether in use or not. */
  readonly repository_pack_count: number;
  readonly repository_blob_count: number;
}

/** One tree without its subtrees. */
interface TreeSummary {
  readonly files: number;
  readonly bytes: number;
  /** Files with several names: key and size. */
  readonly linked: readonly (readonly [string, number])[];
  readonly folders: number;
  readonly subtrees: readonly string[];
}

const sealedOverhead = 32;

/** Needs the index. Each tree is read once. Throws `DAMAGED` where a tree cannot be read. */
export async function statistics(repository: Repository, snapshots: readonly StoredSnapshot[], signal?: AbortSignal): Promise<Statistics> {
  const trees = new TreeSummaries(repository, signal);
  const total = { files: 0, bytes: 0, folders: 0 };
  for (const { snapshot } of snapshots) {
    const found = await trees.of(Buffer.from(snapshot.tree, 'hex'));
    total.files += found.files;
    total.bytes += found.bytes;
    total.folders += found.folders;
  }
  const { raw, uncompressed, data, tree } = trees.blobs;
  return {
    snapshots_count: snapshots.length,
    total_size: total.bytes,
    total_file_count: total.files,
    total_directory_count: total.folders,
    total_raw_size: raw,
    total_uncompressed_size: uncompressed,
    total_blob_count: data + tree,
    data_blob_count: data,
    tree_blob_count: tree,
    compression_ratio: raw === 0 ? 1 : uncompressed / raw,
    compression_space_saving: uncompressed === 0 ? 0 : (1 - raw / uncompressed) * 100,
    repository_pack_count: repository.index.packCount,
    repository_blob_count: repository.index.blobCount,
  };
}

class TreeSummaries {
  readonly blobs = { raw: 0, uncompressed: 0, data: 0, tree: 0 };
  readonly #repository: Repository;
  readonly #signal: AbortSignal | undefined;
  readonly #trees: TreeReader;
  readonly #summaries = new Map<string, TreeSummary>();
  readonly #seenBlobs = new Set<string>();

  constructor(repository: Repository, signal: AbortSignal | undefined) {
    this.#repository = repository;
    this.#signal = signal;
    this.#trees = new TreeReader(repository, signal);
  }

  /** Files, bytes and folders below one root; a file with several names counts its bytes once. */
  async of(root: Buffer): Promise<{ readonly files: number; readonly bytes: number; readonly folders: number }> {
    const total = { files: 0, bytes: 0, folders: 0 };
    const linked = new Set<string>();
    const pending = [root.toString('latin1')];
    for (let key = pending.pop(); key !== undefined; key = pending.pop()) {
      this.#signal?.throwIfAborted();
      const summary = await this.#summary(key);
      total.files += summary.files;
      total.bytes += summary.bytes;
      total.folders += summary.folders;
      for (const [link, size] of summary.linked) {
        if (!linked.has(link)) total.bytes += size;
        linked.add(link);
      }
      for (const subtree of summary.subtrees) pending.push(subtree);
      this.#trees.prefetch(this.#unread(pending));
    }
    return total;
  }

  *#unread(pending: readonly string[]): Iterable<Buffer> {
    for (let i = pending.length - 1; i >= 0; i -= 1) {
      const key = pending[i] as string;
      if (!this.#summaries.has(key)) yield Buffer.from(key, 'latin1');
    }
  }

  async #summary(key: string): Promise<TreeSummary> {
    const known = this.#summaries.get(key);
    if (known !== undefined) return known;
    const id = Buffer.from(key, 'latin1');
    this.#countBlob('tree', id);
    const summary = this.#summarise((await this.#trees.read(id)).nodes);
    this.#summaries.set(key, summary);
    return summary;
  }

  #summarise(nodes: readonly TreeNode[]): TreeSummary {
    const linked: [string, number][] = [];
    const subtrees: string[] = [];
    let files = 0;
    let bytes = 0;
    let folders = 0;
    for (const node of nodes) {
      if (node.type === 'dir') {
        folders += 1;
        if (node.subtree !== null) subtrees.push(node.subtree.toString('latin1'));
        continue;
      }
      files += 1;
      if (node.links > 1n && node.type === 'file') linked.push([`${node.inode}:${node.deviceId}`, Number(node.size)]);
      else bytes += Number(node.size);
      for (let at = 0; node.content !== null && at < node.content.length; at += 32) this.#countBlob('data', node.content.subarray(at, at + 32));
    }
    return { files, bytes, linked, folders, subtrees };
  }

  #countBlob(type: BlobType, id: Buffer): void {
    const key = `${type[0]}${id.toString('latin1')}`;
    if (this.#seenBlobs.has(key)) return;
    this.#seenBlobs.add(key);
    const location = this.#repository.index.lookup(type, id)[0];
    if (location === undefined) {
      throw new Failure('DAMAGED', { what: `Blob ${id.toString('hex')} is in no index`, safe: 'Nothing was changed', next: 'Run "check" to see what is affected' });
    }
    this.blobs[type] += 1;
    this.blobs.raw += location.length;
    this.blobs.uncompressed += location.uncompressedLength === 0 ? location.length - sealedOverhead : location.uncompressedLength;
  }
}
