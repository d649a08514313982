/**
 * Backups whose content changed all at once, as after an attack that encrypts files: told by the summaries that backups
 * leave in their snapshots.
 *
 * Vocabulary: the *turnover* of a backup is the share of the earlier backup's files that it found changed or gone; its
 * *density* is how much of the new data was left after compression.
 *
 * Invariants: only a sudden rise is odd, measured by what the same folders did before; and only where much of the data
 * is new. Reading every file again, which stores nothing, and adding files, which changes none, are not odd.
 */
import type { SnapshotSummary, StoredSnapshot } from '../../repository/snapshots.ts';
import type { Oddity } from './oddity.ts';
import { byTime, type Timed } from './odd-times.ts';

/** Backups before the odd one that must be there to tell what is usual. */
const historyNeeded = 3;
const historyUsed = 10;
/** Fewer files, or less new data, says nothing. */
const leastFiles = 10;
const leastBytes = 256 * 1024;
/** Share of the backup's bytes that must be new. */
const leastNewShare = 0.3;
const sudden = 4;
const leastTurnover = 0.5;
const dense = 0.95;
const densityRise = 0.15;
/** At the first look only what is this new counts: earlier changes were lived with. */
export const firstLookWindow = 30 * 86_400_000;

interface Facts {
  readonly id: string;
  readonly time: number;
  readonly turnover: number | undefined;
  readonly density: number | undefined;
  readonly muchIsNew: boolean;
}

/** `timed`: the snapshots of one group by time; `isFresh`: those to judge. */
export function oddContent(timed: readonly Timed[], isFresh: (one: Timed) => boolean): Oddity[] {
  const changed: Found[] = [];
  const incompressible: Found[] = [];
  for (const lineage of lineages(timed)) {
    const turnovers: number[] = [];
    const densities: number[] = [];
    for (const [at, one] of factsOf(lineage).entries()) {
      const { id, time, turnover: turned, density, muchIsNew } = one;
      if (muchIsNew && isFresh(lineage[at] as Timed)) {
        const usualTurnover = usual(turnovers);
        if (turned !== undefined && usualTurnover !== undefined && turned >= Math.max(leastTurnover, sudden * usualTurnover)) changed.push({ id, time, share: turned, usual: usualTurnover });
        const usualDensity = usual(densities);
        if (density !== undefined && usualDensity !== undefined && density >= Math.max(dense, usualDensity + densityRise)) incompressible.push({ id, time, share: density, usual: usualDensity });
      }
      if (turned !== undefined) turnovers.push(turned);
      if (density !== undefined) densities.push(density);
    }
  }
  return [...oddity('many-files-changed', changed), ...oddity('data-incompressible', incompressible)];
}

interface Found {
  readonly id: string;
  readonly time: number;
  readonly share: number;
  readonly usual: number;
}

function oddity(code: 'many-files-changed' | 'data-incompressible', found: readonly Found[]): Oddity[] {
  const [largest] = found.toSorted((a, b) => b.share - a.share);
  if (largest === undefined) return [];
  return [{ code, snapshots: found.toSorted((a, b) => a.time - b.time).map(({ id }) => id), share: largest.share, usual: largest.usual }];
}

/** Backups of the same folders of the same host, whatever the group. */
function lineages(timed: readonly Timed[]): Timed[][] {
  const asStored = [...Map.groupBy(timed, ({ stored: { snapshot } }) => JSON.stringify([snapshot.hostname, snapshot.paths])).values()];
  const sorted = Map.groupBy(asStored, ([first]) => lineageOf((first as Timed).stored));
  return [...sorted.values()].map((parts) => (parts.length === 1 ? parts.flat() : parts.flat().sort(byTime)));
}

function lineageOf({ snapshot }: StoredSnapshot): string {
  return JSON.stringify([snapshot.hostname, snapshot.paths.toSorted()]);
}

function factsOf(lineage: readonly Timed[]): Facts[] {
  return lineage.map(({ id, time, stored }, at) => {
    const summary = stored.snapshot.summary;
    return {
      id,
      time,
      turnover: summary === undefined ? undefined : turnover(summary, lineage[at - 1]?.stored.snapshot.summary),
      density: summary === undefined || summary.data_added < leastBytes ? undefined : Math.min(1, summary.data_added_packed / summary.data_added),
      muchIsNew: summary !== undefined && summary.data_added >= leastBytes && summary.data_added >= leastNewShare * summary.total_bytes_processed,
    };
  });
}

function turnover(summary: SnapshotSummary, earlier: SnapshotSummary | undefined): number | undefined {
  if (earlier === undefined || earlier.total_files_processed < leastFiles) return undefined;
  return 1 - Math.min(1, summary.files_unmodified / earlier.total_files_processed);
}

/** Of the values before; undefined where they are too few to tell. */
function usual(values: readonly number[]): number | undefined {
  return values.length < historyNeeded ? undefined : Math.max(0, ...values.slice(-historyUsed));
}
