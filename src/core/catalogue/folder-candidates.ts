/**
 * Paths by the names of folders above them, for a pattern such as `invoices/*` whose last glob says nothing. See
 * candidates.ts.
 *
 * Vocabulary: an *anchor* is a folder whose name matches the last glob of the pattern that says something; a path belongs to
 * the nearest one above it. A cursor has the anchor's name and path, and of the path that the page ended with the folder and
 * the name.
 *
 * Invariant: everything that is gone through is offered, what lies on the way as what no search wants, so that whoever
 * counts candidates counts the work; a folder's paths are read in slices, too. A page goes on behind a path also where that
 * is gone, and goes through nothing twice for it.
 */
import type Database from 'better-sqlite3';
import { firstSlice, grown, type Candidate, type Offer, type Way } from './search-way.ts';
import { byName } from './name-candidates.ts';
import type { PathPatterns } from './path-patterns.ts';
import type { PathReader } from './path-reader.ts';

/** For the choice of a way: what a folder usually holds, with what is below. */
const usualPaths = 64;
const childrenAtOnce = 256;
/** Of a path that is too near to its anchor for the pattern. */
const onTheWay: Offer = { isFirstOf: () => false };

interface Child {
  readonly pathId: number;
  readonly nameId: number;
}

/** A path to be gone through, or what is left of a folder behind one of its names. */
type Step = Child & { readonly parent: number; readonly depth: number; readonly folder?: undefined } | { readonly folder: number; readonly depth: number; readonly after: number };

export function inFolders(database: Database.Database, patterns: PathPatterns, paths: PathReader): Way | undefined {
  const folder = patterns.folderGlob;
  if (folder === undefined) return undefined;
  const { glob, levels } = folder;
  const anchors = byName(database, [glob], { patterns: [], ignoreCase: patterns.ignoresCase });
  const children = database.prepare<[number, number, number], Child>('SELECT path_id AS pathId, name_id AS nameId FROM paths WHERE parent = ? AND name_id > ? ORDER BY name_id LIMIT ?');
  const child = database.prepare<[number, number], number>('SELECT path_id FROM paths WHERE parent = ? AND name_id = ?').pluck();
  const placeOf = database.prepare<[number], { parent: number; nameId: number }>('SELECT parent, name_id AS nameId FROM paths WHERE path_id = ?');
  /** Where levels do not tell, what is below another anchor belongs to that. */
  const isNested = (pathId: number, depth: number): boolean => levels === Number.POSITIVE_INFINITY && depth > 0 && patterns.nameMatches(glob, paths.read(pathId)?.path.split('/').at(-1) ?? '');
  const goesOn = (pathId: number, depth: number): boolean => depth < levels && !isNested(pathId, depth) && paths.read(pathId)?.state.dead === false;
  /** Depth first, each folder's paths in the order of their names' numbers. */
  function* below(open: Step[]): Generator<Child & Pick<Candidate, 'wanted'> & { readonly parent: number }> {
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const { depth } = at;
      if (at.folder !== undefined) {
        const { folder: parent, after } = at;
        const found = children.all(parent, after, childrenAtOnce);
        if (found.length === childrenAtOnce) open.push({ folder: parent, depth, after: found.at(-1)?.nameId ?? after });
        for (const one of found.reverse()) open.push({ ...one, parent, depth });
        continue;
      }
      const { pathId, nameId, parent } = at;
      const tooNear = levels === Number.POSITIVE_INFINITY ? isNested(pathId, depth) : depth < levels;
      yield { pathId, nameId, parent, wanted: tooNear ? onTheWay : undefined };
      if (goesOn(pathId, depth)) open.push({ folder: pathId, depth: depth + 1, after: 0 });
    }
  }
  /** What comes behind a name in a folder below an anchor, or behind the anchor itself. */
  const behind = (anchor: number, parent: number, nameId: number): Step[] => {
    const pathId = child.get(parent, nameId);
    const steps: { readonly folder: number; readonly after: number }[] = [];
    if (pathId !== anchor) {
      steps.push({ folder: parent, after: nameId });
      for (let at = parent; at !== anchor; ) {
        const place = placeOf.get(at);
        if (place === undefined) throw new RangeError('not a cursor of this search: its folder is gone');
        steps.push({ folder: place.parent, after: place.nameId });
        at = place.parent;
      }
    }
    const open = steps.reverse().map((step, index) => ({ ...step, depth: index + 1 }));
    return pathId !== undefined && goesOn(pathId, open.length) ? [...open, { folder: pathId, depth: open.length + 1, after: 0 }] : open;
  };

  return {
    key: 'f',
    count: anchors.count * usualPaths,
    *slices([nameId = 0, anchorId = 0, parent = 0, name = 0] = []) {
      let slice: Candidate[] = [];
      let size = firstSlice;
      for (const found of anchors.slices([nameId, anchorId - 1])) {
        for (const { pathId: anchor, cursor } of found) {
          // The anchor that the page before ended in comes again.
          const place = placeOf.get(anchor);
          const open = anchor === anchorId ? behind(anchor, parent, name) : place === undefined ? [] : [{ ...place, pathId: anchor, depth: 0 }];
          for (const one of below(open)) {
            slice.push({ pathId: one.pathId, cursor: `f${cursor.slice(1)}.${one.parent}.${one.nameId}`, wanted: one.wanted });
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
