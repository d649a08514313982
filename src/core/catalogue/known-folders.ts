/**
 * What a catalogue spares a search by walking: folders that hold nothing in any of its snapshots are not entered.
 *
 * Invariants: the answer to the search is that of the trees; a catalogue only says where not to look, of snapshots that
 * were taken in wholly and without damage. It is read in one transaction, so that what a writer does meanwhile is seen as a
 * whole or not at all. What cannot be believed is as good as none.
 */
import Database from 'better-sqlite3';
import { thisPlatform } from '../archiver/byte-path.ts';
import type { Logger } from '../platform/logger.ts';
import { fewCandidates } from './candidates.ts';
import { rootPath, typeNumber } from './catalogue-schema.ts';
import type { NodeFilter } from './node-filter.ts';
import { openCatalogueToRead, type Catalogue } from './open-catalogue.ts';
import { PathPatterns } from './path-patterns.ts';
import { PathReader } from './path-reader.ts';
import { mostFew } from './search-way.ts';

export interface KnownFolders {
  /** The snapshots that it speaks of. */
  readonly snapshots: ReadonlySet<string>;
  /** None of them holds anything that is looked for. */
  readonly nothing: boolean;
  /** Whether a folder in one of them may hold something, at any depth. `path`: absolute, byte string. */
  readonly mayHoldBelow: (path: string) => boolean;
}

/** Undefined where there is no catalogue, none that can be used now, or it would spare little. Throws `BadPattern` (archiver/glob.ts). */
export function readKnownFolders(cacheFolder: string, repositoryId: string, filter: NodeFilter, logger: Logger): KnownFolders | undefined {
  let catalogue: Catalogue | undefined;
  try {
    catalogue = openCatalogueToRead(cacheFolder, repositoryId, logger);
    const database = catalogue?.database;
    return database?.transaction(() => knownFolders(database, filter))();
  } catch (error) {
    // Whatever SQLite has against it, also that it is in use: folders can be walked without it.
    if (!(error instanceof Database.SqliteError)) throw error;
    logger.warn({ repositoryId, error: String(error) }, 'the catalogue cannot be used');
    return undefined;
  } finally {
    catalogue?.close();
  }
}

function knownFolders(database: Database.Database, filter: NodeFilter): KnownFolders | undefined {
  const options = { platform: thisPlatform, ignoreCase: filter.ignoreCase === true };
  const below = new PathPatterns(filter.patterns, options);
  // How far several `**` reach depends on the whole path: no folder can be told from its own.
  if (below.root.number < 0) return undefined;
  const itself = new PathPatterns(filter.patterns, { ...options, itself: true });
  const byItself = new PathReader({ database }, itself);
  const candidates = fewCandidates(database, itself, byItself, filter);
  if (candidates === undefined) return undefined;
  const paths = candidates.byPath ? byItself : new PathReader({ database }, below);
  const isFolder = database.prepare<[number], number>(`SELECT 1 FROM versions WHERE path_id = ? AND type = ${typeNumber('dir')} LIMIT 1`).pluck();
  const above = new Set<string>();
  /** What matches by its name: so does all that is below. */
  const whole = new Set<string>();
  let nothing = true;
  let looked = 0;
  for (const slice of candidates.slices) {
    looked += slice.length;
    if (looked > mostFew) return undefined;
    for (const { pathId } of slice) {
      const found = paths.read(pathId);
      if (found?.state.matched !== true) continue;
      nothing = false;
      if (candidates.byPath && isFolder.get(pathId) !== undefined) whole.add(found.path);
      for (let at = found.parent; at !== rootPath; ) {
        const folder = paths.read(at);
        if (folder === undefined || above.has(folder.path)) break;
        above.add(folder.path);
        at = folder.parent;
      }
    }
  }
  const snapshots = new Set(database.prepare<[], string>('SELECT id FROM snapshots WHERE complete = 1 AND id NOT IN (SELECT snapshot FROM damage)').pluck().all());
  return { snapshots, nothing, mayHoldBelow: (path) => above.has(path) || (whole.size > 0 && isWithin(path, whole)) };
}

/** Whether the path, or a folder above it, is one of the set. */
function isWithin(path: string, folders: ReadonlySet<string>): boolean {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) if (folders.has(path.slice(0, end))) return true;
  return false;
}
