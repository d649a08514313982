/**
 * Which packs stay, which are written anew and which go: restic's rules (specification section 17).
 *
 * Vocabulary: a *candidate* is a pack that would be better written anew: mixed, partly used, stored plain, or small where
 * there are many such. Candidates are taken until what is unused fits the limit.
 */
import { Failure } from '../../shared/errors.ts';
import type { PruneFigures, PruneOptions, UnusedLimit } from './options.ts';
import type { PackRow, PackTable } from './pack-table.ts';

const MiB = 1024 * 1024;
/** Fewer small packs are not worth the trouble, and a single one would be written anew for ever. */
const smallPacksWorthRepacking = 10;
const smallestUsualPack = 4 * MiB;

export interface PrunePlan {
  readonly figures: PruneFigures;
  readonly remove: readonly PackRow[];
  readonly repack: readonly PackRow[];
}

interface Sum {
  blobs: number;
  bytes: number;
}

class Sums {
  readonly used: Sum = { blobs: 0, bytes: 0 };
  readonly duplicates: Sum = { blobs: 0, bytes: 0 };
  readonly unused: Sum = { blobs: 0, bytes: 0 };
  readonly repack: Sum = { blobs: 0, bytes: 0 };
  readonly repackRemoves: Sum = { blobs: 0, bytes: 0 };
  readonly remove: Sum = { blobs: 0, bytes: 0 };
  readonly packs = { used: 0, partlyUsed: 0, unused: 0, keep: 0, repack: 0, remove: 0 };
  uncompressed = 0;
}

/** `table`: listed completely. `version`: of the repository. */
export function planPrune(table: PackTable, unreferenced: PruneFigures['unreferenced'], options: PruneOptions, version: 1 | 2): PrunePlan {
  const sums = new Sums();
  const remove: PackRow[] = [];
  const candidates: PackRow[] = [];
  const small: PackRow[] = [];
  const smallSize = options.repackSmallerThan ?? usualSmallSize(table);
  const mustCompress = (pack: PackRow): boolean => version >= 2 && pack.hasPlain && (pack.kind === 'tree' || options.repackUncompressed === true);
  for (const pack of table.rows()) {
    count(sums, pack);
    if (pack.keptBlobs === 0) {
      remove.push(pack);
      add(sums.remove, pack.unusedBlobs, pack.unusedBytes);
    } else if (options.repackCacheableOnly === true && pack.kind === 'data') {
      sums.packs.keep += 1;
    } else if (pack.unusedBlobs > 0 || pack.kind === 'mixed' || mustCompress(pack)) {
      candidates.push(pack);
    } else if (pack.size < smallSize) {
      small.push(pack);
    } else {
      sums.packs.keep += 1;
    }
  }
  if (small.length < smallPacksWorthRepacking) sums.packs.keep += small.length;
  else candidates.push(...small);
  const repack = chooseCandidates(candidates, sums, { options, smallSize, mustCompress });
  sums.packs.remove = remove.length;
  sums.packs.repack = repack.length;
  return { figures: figuresOf(sums, unreferenced, version), remove, repack };
}

function figuresOf({ used, duplicates, unused, repack, repackRemoves, remove, packs, uncompressed }: Sums, unreferenced: PruneFigures['unreferenced'], version: 1 | 2): PruneFigures {
  return { used, duplicates, unused, unreferenced, repack, repackRemoves, remove, packs, uncompressed: version >= 2 ? uncompressed : 0 };
}

interface Choice {
  readonly options: PruneOptions;
  readonly smallSize: number;
  readonly mustCompress: (pack: PackRow) => boolean;
}

function chooseCandidates(candidates: readonly PackRow[], sums: Sums, { options, smallSize, mustCompress }: Choice): PackRow[] {
  const chosen: PackRow[] = [];
  const tolerated = toleratedBytes(options.maxUnused ?? { percent: 5 }, sums.used.bytes);
  const largestRepack = options.maxRepackSize ?? Number.POSITIVE_INFINITY;
  for (const pack of inOrder(candidates, smallSize)) {
    const unusedAfter = sums.duplicates.bytes + sums.unused.bytes - sums.remove.bytes - sums.repackRemoves.bytes;
    const isWanted = pack.kind !== 'data' || mustCompress(pack) || pack.size < smallSize || unusedAfter >= tolerated;
    if (!isWanted || sums.repack.bytes + pack.size >= largestRepack) {
      sums.packs.keep += 1;
      continue;
    }
    chosen.push(pack);
    add(sums.repack, pack.keptBlobs + pack.unusedBlobs, pack.size);
    add(sums.repackRemoves, pack.unusedBlobs, pack.unusedBytes);
    if (mustCompress(pack)) sums.uncompressed -= pack.size;
  }
  return chosen;
}

/** Packs with folders first, then small ones, then those with the largest unused share. */
function inOrder(candidates: readonly PackRow[], smallSize: number): PackRow[] {
  const keyed = candidates.map((pack) => ({ pack, rank: pack.kind !== 'data' ? 0 : pack.size < smallSize ? 1 : 2, share: pack.unusedBytes / pack.size }));
  keyed.sort((a, b) => a.rank - b.rank || b.share - a.share);
  return keyed.map(({ pack }) => pack);
}

/** Four fifths of the size that all but the smallest of the packs have. */
function usualSmallSize(table: PackTable): number {
  const sizes = Float64Array.from(table.rows(), ({ size }) => size).sort();
  return 0.8 * Math.max(smallestUsualPack, sizes[Math.floor(sizes.length * 0.03)] ?? 0);
}

function toleratedBytes(limit: UnusedLimit, used: number): number {
  if (limit === 'unlimited') return Number.POSITIVE_INFINITY;
  return 'bytes' in limit ? limit.bytes : (used * limit.percent) / (100 - limit.percent);
}

function count(sums: Sums, pack: PackRow): void {
  if (pack.keptBlobs > 0 && pack.size !== pack.listedSize) throw wrongSize(pack);
  add(sums.used, pack.keptBlobs, pack.keptBytes);
  add(sums.duplicates, pack.duplicateBlobs, pack.duplicateBytes);
  add(sums.unused, pack.unusedBlobs - pack.duplicateBlobs, pack.unusedBytes - pack.duplicateBytes);
  sums.packs[pack.keptBlobs === 0 ? 'unused' : pack.unusedBlobs === 0 ? 'used' : 'partlyUsed'] += 1;
  if (pack.hasPlain) sums.uncompressed += pack.size;
}

function add(sum: Sum, blobs: number, bytes: number): void {
  sum.blobs += blobs;
  sum.bytes += bytes;
}

function wrongSize(pack: PackRow): Failure {
  return new Failure('DAMAGED', {
    what: `Pack ${pack.name} has ${pack.listedSize} bytes where the index tells ${pack.size}, and snapshots need it`,
    safe: 'Nothing was removed',
    next: `Run \`cyberbackup repair index\`, and if the pack is damaged \`cyberbackup repair packs ${pack.name.slice(0, 12)}\`; then prune again`,
  });
}
