/**
 * Paths by the names of folders above them, for a pattern such as `invoices/*` whose last glob says nothing. See
 * candidates.ts.
 *
 * Vocabulary: an *anchor* is a folder whose name matches the last glob of the pattern that says something; a path belongs to
 * the nearest one above it.
 */
import type Database from 'better-sqlite3';
import { firstSlice, grown, type Candidate, type Way } from './search-way.ts';
import { byName } from './name-candidates.ts';
import type { PathPatterns } from './path-patterns.ts';
import type { PathReader } from './path-reader.ts';

/** For the choice of a way: what a folder usually holds, with what is below. */
const usualPaths = 64;

export function inFolders(database: Database.Database, patterns: PathPatterns, paths: PathReader): Way | undefined {
  const folder = patterns.folderGlob;
  if (folder === undefined) return undefined;
  const anchors = byName(database, [folder.glob], { patterns: [], ignoreCase: patterns.ignoresCase });
  const children = database.prepare<[number], number>('SELECT path_id FROM paths WHERE parent = ? ORDER BY path_id DESC').pluck();
  const { glob, levels } = folder;
  /** Depth first, each folder's paths in their order. Where levels do not tell, what is below another anchor belongs to that. */
  function* below(anchor: number): Generator<number> {
    const open = [{ pathId: anchor, depth: 0 }];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const { pathId, depth } = at;
      if (levels === Number.POSITIVE_INFINITY) {
        if (depth > 0 && patterns.nameMatches(glob, paths.read(pathId)?.path.split('/').at(-1) ?? '')) continue;
        yield pathId;
      } else if (depth === levels) {
        yield pathId;
        continue;
      }
      if (paths.read(pathId)?.state.dead !== false) continue;
      for (const child of children.all(pathId)) open.push({ pathId: child, depth: depth + 1 });
    }
  }

  return {
    key: 'f',
    count: anchors.count * usualPaths,
    *slices([nameId = 0, anchorId = 0, pathId = 0] = []) {
      let slice: Candidate[] = [];
      let size = firstSlice;
      // The anchor that the page before ended in comes again, up to that path.
      let skipping = pathId > 0;
      for (const found of anchors.slices([nameId, anchorId - 1])) {
        for (const { pathId: anchor, cursor } of found) {
          skipping &&= anchor === anchorId;
          for (const one of below(anchor)) {
            if (!skipping) slice.push({ pathId: one, cursor: `f${cursor.slice(1)}.${one}`, wanted: undefined });
            skipping &&= one !== pathId;
            if (slice.length < size) continue;
            yield slice;
            slice = [];
            size = grown(size);
          }
        }
        yield slice;
        slice = [];
      }
    },
  };
}
