/**
 * The tables of a catalogue.
 *
 * Vocabulary: a *line* is a sequence of snapshots that are like one another, as those of one host and the same paths are;
 * within it a snapshot has a *place*, from 0 on, in the order of cataloguing. A *path* is one name in one folder, whatever
 * the snapshot. A *version* is one state of a path in all places from `first` to `last` of a line; it is *open* while the
 * newest place has it. The *head* of a folder is the id of its tree at the newest place.
 *
 * What that costs: a snapshot adds rows only for what changed since the one before it in its line. A tree that equals its
 * folder's head is not even read, and the versions below it stay open, which says that they go on.
 *
 * Invariants: one snapshot at a time is taken in, and counts once it is `complete`; what is left to do of it is put into
 * `pending` in the same transaction as what was done, so that a kill loses one batch at most and the next run goes on.
 */
import type Database from 'better-sqlite3';
import { nodeTypes, type NodeType } from '../repository/tree.ts';

/** Says that a SQLite file is a catalogue ("CBct"). */
export const applicationId = 0x4342_6374;
/** Another number means other tables, or another meaning: such a file is rebuilt. */
export const schemaVersion = 2;

/** The last place of an open version. */
export const openPlace = 0x7fff_ffff;
/** The path of a snapshot's root; it has no row. */
export const rootPath = 0;
/** What stands before and after a name where it is searched; no name holds it. */
export const nameEdge = '//';

/** Bytes of trigrams that are gathered before they are written. */
const trigramMemory = 8 * 1024 * 1024;

const tables = `
CREATE TABLE repository (id TEXT NOT NULL);
CREATE TABLE lines (line INTEGER PRIMARY KEY, host TEXT NOT NULL, paths TEXT NOT NULL, places INTEGER NOT NULL DEFAULT 0);
CREATE TABLE snapshots (
  id TEXT PRIMARY KEY, line INTEGER NOT NULL, place INTEGER NOT NULL, time INTEGER NOT NULL, complete INTEGER NOT NULL DEFAULT 0,
  UNIQUE (line, place)
);
CREATE TABLE names (name_id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE);
CREATE VIRTUAL TABLE name_text USING fts5 (text, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1');
INSERT INTO name_text (name_text, rank) VALUES ('hashsize', ${trigramMemory});
CREATE VIRTUAL TABLE name_terms USING fts5vocab (name_text, row);
CREATE TABLE paths (path_id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, name_id INTEGER NOT NULL, UNIQUE (parent, name_id));
CREATE INDEX paths_by_name ON paths (name_id);
CREATE TABLE versions (
  path_id INTEGER NOT NULL, line INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  type INTEGER NOT NULL, mode INTEGER NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL, digest BLOB NOT NULL,
  PRIMARY KEY (path_id, line, first)
) WITHOUT ROWID;
CREATE TABLE heads (line INTEGER NOT NULL, path_id INTEGER NOT NULL, tree BLOB NOT NULL, PRIMARY KEY (line, path_id)) WITHOUT ROWID;
CREATE TABLE pending (pending_id INTEGER PRIMARY KEY, path_id INTEGER NOT NULL, tree BLOB);
CREATE TABLE damage (snapshot TEXT NOT NULL, path_id INTEGER NOT NULL, reason TEXT NOT NULL);
`;

const searchIndexes = `
CREATE INDEX versions_by_size ON versions (size, path_id) WHERE type = ${nodeTypes.indexOf('file')};
CREATE INDEX versions_by_time ON versions (mtime, path_id);
CREATE INDEX versions_by_type ON versions (type, path_id) WHERE type <> ${nodeTypes.indexOf('file')};
`;

export function createTables(database: Database.Database, repositoryId: string): void {
  database.transaction(() => {
    database.exec(tables + searchIndexes);
    database.prepare('INSERT INTO repository (id) VALUES (?)').run(repositoryId);
    database.pragma(`application_id = ${applicationId}`);
    database.pragma(`user_version = ${schemaVersion}`);
  })();
}

/** As `versions.type` has it: files and folders, which are many, come first. */
export function typeNumber(type: NodeType): number {
  return nodeTypes.indexOf(type);
}

export function typeOf(number: number): NodeType {
  return nodeTypes[number] ?? 'file';
}
