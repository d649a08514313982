/** What a catalogue says of itself: which snapshots it holds, and what it could not read. */
import { statSync } from 'node:fs';
import { rootPath } from './catalogue-schema.ts';
import type { Catalogue } from './open-catalogue.ts';

export interface CatalogueDamage {
  /** Absolute in the snapshots, raw bytes. */
  readonly path: Buffer;
  readonly reason: string;
}

/** Bytes on the disk. */
export function catalogueBytes({ file }: Catalogue): number {
  return ['', '-wal'].reduce((sum, suffix) => sum + (statSync(file + suffix, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** Ids of the snapshots that were taken in wholly. */
export function cataloguedSnapshots({ database }: Catalogue): Set<string> {
  return new Set(database.prepare<[], string>('SELECT id FROM snapshots WHERE complete = 1').pluck().all());
}

/** Paths that could not be read, each once, the first of them. */
export function catalogueDamage({ database }: Catalogue, limit: number): CatalogueDamage[] {
  const rows = database.prepare<[number], { pathId: number; reason: string }>('SELECT path_id AS pathId, min(reason) AS reason FROM damage GROUP BY path_id ORDER BY path_id LIMIT ?').all(limit);
  const step = database.prepare<[number], { parent: number; name: Buffer }>('SELECT p.parent, n.name FROM paths p JOIN names n ON n.name_id = p.name_id WHERE p.path_id = ?');
  return rows.map(({ pathId, reason }) => {
    const names: string[] = [];
    for (let at = pathId; at !== rootPath; ) {
      const found = step.get(at);
      if (found === undefined) break;
      names.push(found.name.toString('latin1'));
      at = found.parent;
    }
    return { path: Buffer.from(`/${names.reverse().join('/')}`, 'latin1'), reason };
  });
}
