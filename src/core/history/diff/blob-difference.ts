/**
 * Which blobs only one of two snapshots uses, and how large they are.
 *
 * Vocabulary: *before* and *after* are the marks of what the trees that were gone through name, *common* those of what is
 * below the folders that both snapshots have unchanged.
 *
 * Invariants: three bits a blob of the index, whatever the snapshots hold; what no index lists is counted by id. Unchanged
 * folders are read only if there is anything that might be in them.
 */
import type { BlobType } from '../../native/addon.ts';
import { missingRowSize } from '../../native/blob-marks.ts';
import type { Marks } from '../../native/blob-index.ts';
import { markBelow, newMarks } from '../../repository/mark-below.ts';
import { damaged } from '../../repository/damage.ts';
import type { Repository } from '../../repository/repository.ts';
import { IdList } from './id-list.ts';
import type { WalkListener } from './walk.ts';

/** The names are restic's; `bytes` of content. */
export interface BlobSums {
  data_blobs: number;
  tree_blobs: number;
  bytes: number;
}

export interface BlobSumsOfBoth {
  readonly added: BlobSums;
  readonly removed: BlobSums;
  /** Used by one snapshot only, and in no index: their size is not known. */
  readonly unknown: readonly string[];
}

class BlobSet {
  readonly marks: Marks;
  /** `d` or `t` and the id in hex, of what no index lists. */
  readonly missing = new Set<string>();
  readonly #repository: Repository;

  constructor(repository: Repository) {
    this.#repository = repository;
    this.marks = newMarks(repository);
  }

  addTree(id: Buffer): void {
    if (this.#repository.index.markIn(this.marks, 'tree', id).length > 0) this.missing.add(keyOf('tree', id));
  }

  addBlobsOf(tree: Buffer): void {
    const { missing } = this.#repository.index.markTree(this.marks, tree);
    for (let at = 0; at < missing.length; at += missingRowSize) this.missing.add(keyOf(missing[at] === 1 ? 'tree' : 'data', missing.subarray(at + 1, at + missingRowSize)));
  }
}

function keyOf(type: BlobType, id: Buffer): string {
  return (type === 'tree' ? 't' : 'd') + id.toString('hex');
}

export class BlobDifference implements WalkListener {
  readonly #repository: Repository;
  readonly #signal: AbortSignal | undefined;
  readonly #sets: { readonly before: BlobSet; readonly after: BlobSet; readonly common: BlobSet };
  readonly #commonTrees = new IdList();

  constructor(repository: Repository, roots: { readonly before: Buffer; readonly after: Buffer }, signal?: AbortSignal) {
    this.#repository = repository;
    this.#signal = signal;
    this.#sets = { before: new BlobSet(repository), after: new BlobSet(repository), common: new BlobSet(repository) };
    this.#sets.before.addTree(roots.before);
    this.#sets.after.addTree(roots.after);
  }

  onTree(version: 'before' | 'after', blob: Buffer): void {
    this.#sets[version].addBlobsOf(blob);
  }

  onCommonTrees(ids: readonly Buffer[]): void {
    for (const id of ids) this.#commonTrees.add(id);
  }

  /** After the walk. Throws `DAMAGED` where an unchanged folder cannot be read. */
  async sums(): Promise<BlobSumsOfBoth> {
    const { before, after, common } = this.#sets;
    if (this.#differ()) await this.#markCommon();
    const added = this.#only(after, before, common);
    const removed = this.#only(before, after, common);
    const unknown = [...added.unknown, ...removed.unknown].map((key) => `<${key.startsWith('t') ? 'tree' : 'data'}/${key.slice(1, 11)}>`);
    return { added: added.sums, removed: removed.sums, unknown };
  }

  #differ(): boolean {
    const { before, after } = this.#sets;
    if (!Buffer.from(before.marks.buffer).equals(Buffer.from(after.marks.buffer))) return true;
    return before.missing.size > 0 || after.missing.size > 0;
  }

  async #markCommon(): Promise<void> {
    const { marks, missing } = this.#sets.common;
    await markBelow(this.#repository, marks, this.#commonTrees, {
      signal: this.#signal,
      onMissing(type, id) {
        // What is in a folder that nobody can read may be anything.
        if (type === 'tree') throw damaged(`Tree blob ${id.toString('hex')} is missing: no index lists it`);
        missing.add(keyOf(type, id));
      },
      onUnreadable: (_id, failure) => {
        throw failure;
      },
    });
  }

  #only(set: BlobSet, other: BlobSet, common: BlobSet): { readonly sums: BlobSums; readonly unknown: readonly string[] } {
    const marks = new Uint8Array(set.marks.length);
    for (let at = 0; at < marks.length; at += 1) marks[at] = (set.marks[at] as number) & ~(other.marks[at] as number) & ~(common.marks[at] as number);
    const { dataBlobs, treeBlobs, plain } = this.#repository.index.sumMarked(marks);
    const unknown = [...set.missing].filter((key) => !other.missing.has(key) && !common.missing.has(key));
    const unknownTrees = unknown.filter((key) => key.startsWith('t')).length;
    return { sums: { data_blobs: dataBlobs + unknown.length - unknownTrees, tree_blobs: treeBlobs + unknownTrees, bytes: plain }, unknown };
  }
}
