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
  /** Regular files, as in the summary of a backup. */
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

interface Totals {
  readonly files: number;
  readonly bytes: number;
  readonly folders: number;
}

/** One tree without its subtrees. */
interface TreeSummary extends Totals {
  /** Files with several names: key and size. */
  readonly linked: readonly (readonly [string, number])[];
  readonly subtrees: readonly string[];
}

const sealedOverhead = 32;
const lookAhead = 32;

/** Needs the index. Each tree is read once, and for each snapshot gone through once, however often it lists it. Throws `DAMAGED` where a tree cannot be read. */
export async function statistics(repository: Repository, snapshots: readonly StoredSnapshot[], signal?: AbortSignal): Promise<Statistics> {
  const trees = new TreeSummaries(repository, signal);
  let total: Totals = { files: 0, bytes: 0, folders: 0 };
  for (const { snapshot } of snapshots) total = sum(total, await trees.of(Buffer.from(snapshot.tree, 'hex')));
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

/** Folders that share subtrees may list more than can be counted; then the count stays at the largest exact number. */
function sum(a: Totals, b: Totals): Totals {
  const limit = Number.MAX_SAFE_INTEGER;
  return { files: Math.min(limit, a.files + b.files), bytes: Math.min(limit, a.bytes + b.bytes), folders: Math.min(limit, a.folders + b.folders) };
}

/** A tree whose subtrees are being gone through. */
interface OpenTree {
  readonly key: string;
  readonly summary: TreeSummary;
  next: number;
}

class TreeSummaries {
  readonly blobs = { raw: 0, uncompressed: 0, data: 0, tree: 0 };
  readonly #repository: Repository;
  readonly #signal: AbortSignal | undefined;
  readonly #trees: TreeReader;
  readonly #summaries = new Map<string, TreeSummary>();
  /** Of a tree with all below it, but without files that have several names. */
  readonly #totals = new Map<string, Totals>();
  readonly #seenBlobs = new Set<string>();

  constructor(repository: Repository, signal: AbortSignal | undefined) {
    this.#repository = repository;
    this.#signal = signal;
    this.#trees = new TreeReader(repository, signal);
  }

  /** Files, bytes and folders below one root; a file with several names counts its bytes once. */
  async of(root: Buffer): Promise<Totals> {
    const rootKey = root.toString('latin1');
    const seen = new Set([rootKey]);
    const linked = new Map<string, number>();
    const open = [await this.#enter(rootKey, linked)];
    for (let tree = open.at(-1); tree !== undefined; tree = open.at(-1)) {
      const subtree = tree.summary.subtrees[tree.next];
      tree.next += 1;
      if (subtree === undefined) {
        this.#leave(tree);
        open.pop();
      } else if (!seen.has(subtree)) {
        this.#signal?.throwIfAborted();
        seen.add(subtree);
        open.push(await this.#enter(subtree, linked));
        this.#trees.prefetch(this.#unread(open));
      }
    }
    let bytes = 0;
    for (const size of linked.values()) bytes += size;
    return sum(this.#totals.get(rootKey) as Totals, { files: 0, bytes, folders: 0 });
  }

  async #enter(key: string, linked: Map<string, number>): Promise<OpenTree> {
    const summary = await this.#summary(key);
    for (const [link, size] of summary.linked) if (!linked.has(link)) linked.set(link, size);
    return { key, summary, next: 0 };
  }

  /** Everything below is known by now. */
  #leave({ key, summary }: OpenTree): void {
    if (this.#totals.has(key)) return;
    let total: Totals = summary;
    for (const subtree of summary.subtrees) total = sum(total, this.#totals.get(subtree) as Totals);
    this.#totals.set(key, { files: total.files, bytes: total.bytes, folders: total.folders });
  }

  /** Of the next few trees those to be read. */
  *#unread(open: readonly OpenTree[]): Iterable<Buffer> {
    let looked = 0;
    for (let i = open.length - 1; i >= 0; i -= 1) {
      const { summary, next } = open[i] as OpenTree;
      for (let at = next; at < summary.subtrees.length; at += 1) {
        if (looked === lookAhead) return;
        looked += 1;
        const key = summary.subtrees[at] as string;
        if (!this.#summaries.has(key)) yield Buffer.from(key, 'latin1');
      }
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
      if (node.type === 'file') files += 1;
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
