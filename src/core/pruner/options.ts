/** What a prune may do and what it says: restic's options and figures. */
import type { PhaseProgress } from './progress.ts';

/** How much of what nobody needs may stay: bytes, a share of what remains (0 to below 100 percent), or any amount. */
export type UnusedLimit = { readonly bytes: number } | { readonly percent: number } | 'unlimited';

export interface PruneOptions {
  /** Default: 5 percent, as restic's. */
  readonly maxUnused?: UnusedLimit;
  /** Bytes; repack no more than this. */
  readonly maxRepackSize?: number;
  /** Bytes; packs below this count as small. Default: only very small ones. */
  readonly repackSmallerThan?: number;
  /** Repack packs of folders only: those that a cache holds. */
  readonly repackCacheableOnly?: boolean;
  /** Repack and compress what is stored plain; a repository of version 2. */
  readonly repackUncompressed?: boolean;
  readonly dryRun?: boolean;
  /** Go on where there is no snapshot at all, which removes everything. */
  readonly allowRemoveAll?: boolean;
  /** Target size of new packs in bytes. Default: restic's. */
  readonly packSize?: number;
}

export type PrunePhase = 'index' | 'trees' | 'packs' | 'repack' | 'rewrite-index' | 'remove';

/** At most ten a second, and one when a phase begins. Counts trees, packs, index files or objects. */
export type PruneProgress = PhaseProgress<PrunePhase>;

export interface PrunePorts {
  /** Settles when the exclusive lock is sure; awaited before anything is written or removed. */
  readonly locked: Promise<void>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PruneProgress) => void;
  /** Told what will be done, before anything is. */
  readonly onPlan?: (figures: PruneFigures) => void;
}

export interface Amount {
  readonly blobs: number;
  /** As stored, without the headers of packs. */
  readonly bytes: number;
}

/** What the repository holds and what the prune does about it. */
export interface PruneFigures {
  readonly used: Amount;
  /** Further copies of used blobs. */
  readonly duplicates: Amount;
  readonly unused: Amount;
  /** Whole packs that no index lists, in bytes. */
  readonly unreferenced: { readonly packs: number; readonly bytes: number };
  /** In packs that are written anew, and how much of it is left out there. Bytes of `repack` with headers. */
  readonly repack: Amount;
  readonly repackRemoves: Amount;
  /** In packs that are removed whole. */
  readonly remove: Amount;
  /** Bytes that stay stored plain. */
  readonly uncompressed: number;
  readonly packs: { readonly used: number; readonly partlyUsed: number; readonly unused: number; readonly keep: number; readonly repack: number; readonly remove: number };
}

export interface PruneReport {
  readonly figures: PruneFigures;
  readonly dryRun: boolean;
  readonly packsWritten: number;
  readonly packsRemoved: number;
  readonly indexesWritten: number;
  readonly indexesRemoved: number;
  /** Names of packs that nothing refers to any more and that could not be removed: the next prune tries again. */
  readonly packsLeft: readonly string[];
  /** Why the first of them could not. */
  readonly leftBecause: string | undefined;
}

/** `total prune`, `remaining` and `unused size after prune` of restic's output. */
export function outcomeOf(figures: PruneFigures): { readonly pruned: Amount; readonly remaining: Amount; readonly unusedAfter: number } {
  const { used, duplicates, unused, unreferenced, repackRemoves, remove } = figures;
  const blobs = used.blobs + duplicates.blobs + unused.blobs;
  const bytes = used.bytes + duplicates.bytes + unused.bytes + unreferenced.bytes;
  const pruned = { blobs: remove.blobs + repackRemoves.blobs, bytes: remove.bytes + repackRemoves.bytes + unreferenced.bytes };
  return {
    pruned,
    remaining: { blobs: blobs - pruned.blobs, bytes: bytes - pruned.bytes },
    unusedAfter: duplicates.bytes + unused.bytes - remove.bytes - repackRemoves.bytes,
  };
}
