/** Trees that are asked for together, and the spans of packs that hold them (blob-spans.ts). */
import { recordSize, sealOverhead } from '../native/addon.ts';
import type { BlobIndex } from '../native/blob-index.ts';
import { treeRowSize } from '../native/blob-marks.ts';
import { spansOf, type PackSpan } from './blob-spans.ts';
import { PendingTrees } from './pending-trees.ts';

const locationSize = 44;

export interface TreeSpanOptions {
  /** Of plaintext, at least one tree whatever its size. */
  readonly mostBytes?: number;
  /** See `spansOf`. */
  readonly gap?: number;
}

/** The first copy of each; what no index lists is left out. */
export function spansOfTrees(index: BlobIndex, ids: readonly Buffer[], { mostBytes = Number.POSITIVE_INFINITY, gap }: TreeSpanOptions = {}): { readonly spans: readonly PackSpan[]; readonly bytes: number } {
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
  const spans = pending.take().flatMap(({ packId, records }) => Array.from(spansOf(records, gap), (span) => ({ packId, span })));
  return { spans, bytes };
}

/** The ids of the trees in a span, as byte strings, and their plaintext sizes. */
export function* treesOf({ span: { records } }: PackSpan): Generator<{ readonly key: string; readonly size: number }> {
  for (let at = 0; at < records.length; at += recordSize) {
    yield { key: records.toString('latin1', at + 16, at + recordSize), size: records.readUInt32LE(at + 12) || Math.max(0, records.readUInt32LE(at + 8) - sealOverhead) };
  }
}
