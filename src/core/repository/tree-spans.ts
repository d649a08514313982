/** Trees that are asked for together, and the spans of packs that hold them (blob-spans.ts). */
import { recordSize, sealOverhead } from '../native/addon.ts';
import { treeRowSize } from '../native/blob-marks.ts';
import { gapInBatches, largestGap, spansOf, type PackSpan } from './blob-spans.ts';
import { PendingTrees } from './pending-trees.ts';
import type { Repository } from './repository.ts';

const locationSize = 44;

/** The first copy of each; what no index lists is left out. `mostBytes`: of plaintext, at least one tree whatever its size. */
export function spansOfTrees({ index, store }: Repository, ids: readonly Buffer[], mostBytes = Number.POSITIVE_INFINITY): { readonly spans: readonly PackSpan[]; readonly bytes: number } {
  const rows = Buffer.allocUnsafe(ids.length * treeRowSize);
  let count = 0;
  let bytes = 0;
  for (const id of ids) {
    const row = rows.subarray(count * treeRowSize, (count + 1) * treeRowSize);
    if (index.locate('tree', id, 0, row.subarray(0, locationSize)) === 0) continue;
    const size = row.readUInt32LE(40) || row.readUInt32LE(36);
    if (count > 0 && bytes + size > mostBytes) break;
    id.copy(row, locationSize);
    bytes += size;
    count += 1;
  }
  const pending = new PendingTrees();
  pending.add(rows.subarray(0, count * treeRowSize));
  const spans = pending.take().flatMap(({ packId, records }) => Array.from(spansOf(records, store.batches === undefined ? largestGap : gapInBatches), (span) => ({ packId, span })));
  return { spans, bytes };
}

/** As many as there usually are processors for; each takes memory of its own. */
const partsAtOnce = 2;

/** What to read in one go each, about equally much: where the store cannot do that, a span. */
export function partsOf(spans: readonly PackSpan[], { store }: Pick<Repository, 'store'>): readonly (readonly PackSpan[])[] {
  if (store.batches === undefined) return spans.map((span) => [span]);
  const total = spans.reduce((sum, { span }) => sum + span.length, 0);
  const parts: PackSpan[][] = Array.from({ length: partsAtOnce }, () => []);
  let before = 0;
  for (const packSpan of spans) {
    parts[Math.floor((before * partsAtOnce) / total)]?.push(packSpan);
    before += packSpan.span.length;
  }
  return parts.filter((part) => part.length > 0);
}

/** The ids of the trees in spans, as byte strings, and their plaintext sizes. */
export function* treesOf(spans: readonly PackSpan[]): Generator<{ readonly key: string; readonly size: number }> {
  for (const { span: { records } } of spans) {
    for (let at = 0; at < records.length; at += recordSize) {
      yield { key: records.toString('latin1', at + 16, at + recordSize), size: records.readUInt32LE(at + 12) || Math.max(0, records.readUInt32LE(at + 8) - sealOverhead) };
    }
  }
}
