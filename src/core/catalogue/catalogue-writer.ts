/** The statements that change a catalogue. Each public method that changes it is one transaction. */
import type Database from 'better-sqlite3';
import { Failure } from '../../shared/errors.ts';
import type { Tree, TreeNode } from '../repository/tree.ts';
import { openPlace, rootPath, typeNumber } from './catalogue-schema.ts';
import { searchText } from './name-query.ts';
import { nodeDigest } from './node-digest.ts';

export interface PendingTree {
  readonly pendingId: number;
  readonly pathId: number;
  /** Null where everything below the path is gone. */
  readonly tree: Buffer | null;
}

/** Where a snapshot that is being taken in stands. */
export interface Place {
  readonly snapshot: string;
  readonly line: number;
  readonly place: number;
}

interface OpenVersion {
  readonly pathId: number;
  readonly name: Buffer;
  readonly first: number;
  readonly type: number;
  readonly size: number;
  readonly digest: Buffer;
}

/** More hosts and sets of paths than this share lines: what changes often costs rows, but each line costs all its paths. */
const mostLines = 16;
/** Rows looked at in one slice of a sweep. */
const sweepSlice = 20_000;
const dirType = typeNumber('dir');

export class CatalogueWriter {
  readonly #database: Database.Database;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database.Database) {
    this.#database = database;
    this.#statements = prepare(database);
  }

  completeSnapshots(): Set<string> {
    return new Set(this.#database.prepare<[], string>('SELECT id FROM snapshots WHERE complete = 1').pluck().all());
  }

  begunSnapshots(): string[] {
    return this.#database.prepare<[], string>('SELECT id FROM snapshots WHERE complete = 0').pluck().all();
  }

  /** Takes up a snapshot, or one that was begun before. `time`: nanoseconds since 1970. */
  begin(id: string, snapshot: { readonly host: string; readonly paths: readonly string[]; readonly time: bigint; readonly tree: Buffer }): Place {
    return this.#write(() => {
      const begun = this.#database.prepare<[string], { line: number; place: number }>('SELECT line, place FROM snapshots WHERE id = ?').get(id);
      if (begun !== undefined) return { snapshot: id, ...begun };
      const line = this.#lineFor(snapshot.host, JSON.stringify(snapshot.paths.toSorted()));
      const place = this.#database.prepare<[number], number>('UPDATE lines SET places = places + 1 WHERE line = ? RETURNING places - 1').pluck().get(line) ?? 0;
      this.#database.prepare('INSERT INTO snapshots (id, line, place, time) VALUES (?, ?, ?, ?)').run(id, line, place, Number(snapshot.time / 1_000_000n));
      this.#statements.addPending.run(rootPath, snapshot.tree);
      return { snapshot: id, line, place };
    });
  }

  #lineFor(host: string, paths: string): number {
    const known = this.#database.prepare<[string, string], number>('SELECT line FROM lines WHERE host = ? AND paths = ?').pluck().get(host, paths);
    if (known !== undefined) return known;
    const count = this.#database.prepare<[], number>('SELECT count(*) FROM lines').pluck().get() ?? 0;
    if (count >= mostLines) return this.#database.prepare<[string, string], number>('SELECT line FROM lines ORDER BY (paths = ?) + (host = ?) DESC, line DESC LIMIT 1').pluck().get(paths, host) ?? 1;
    return Number(this.#database.prepare('INSERT INTO lines (host, paths) VALUES (?, ?)').run(host, paths).lastInsertRowid);
  }

  nextPending(limit: number): PendingTree[] {
    return this.#statements.nextPending.all(limit);
  }

  /** Whether the folder's tree is the one that the place before had. */
  isHead({ line }: Place, { pathId, tree }: PendingTree): boolean {
    const head = this.#statements.head.get(line, pathId);
    return tree !== null && head?.equals(tree) === true;
  }

  /** `treeOf`: of an item that is no head. */
  takeBatch(place: Place, batch: readonly PendingTree[], treeOf: (item: PendingTree) => Tree | Failure): void {
    this.#write(() => {
      for (const item of batch) {
        this.#takeTree(place, item, treeOf);
        this.#statements.donePending.run(item.pendingId);
      }
    });
  }

  #takeTree(place: Place, item: PendingTree, treeOf: (item: PendingTree) => Tree | Failure): void {
    const { pathId, tree } = item;
    if (tree === null) {
      this.#takeNodes(place, pathId, []);
      this.#statements.dropHead.run(place.line, pathId);
      return;
    }
    if (this.isHead(place, item)) return;
    const content = treeOf(item);
    const names = this.#takeNodes(place, pathId, content instanceof Failure ? [] : content.nodes);
    this.#statements.setHead.run(place.line, pathId, tree);
    const lack = content instanceof Failure ? content.text.what : content.refused[0] !== undefined ? `an entry cannot be used: ${content.refused[0].fault}` : names < content.nodes.length ? 'a name is repeated' : undefined;
    if (lack !== undefined) this.#noteDamage(place, pathId, lack);
  }

  /** Something below the folder is not known. Without heads from there up to the root the next snapshot tries, and names it, again. */
  #noteDamage({ snapshot, line }: Place, folder: number, reason: string): void {
    this.#statements.addDamage.run(snapshot, folder, reason);
    let at: number | undefined = folder;
    for (; at !== undefined && at !== rootPath; at = this.#statements.parent.get(at)) this.#statements.dropHead.run(line, at);
    this.#statements.dropHead.run(line, rootPath);
  }

  /** How many different names there are. */
  #takeNodes({ line, place }: Place, folder: number, nodes: readonly TreeNode[]): number {
    const open = new Map<string, OpenVersion>();
    for (const version of this.#statements.openVersions.all(line, openPlace, folder)) open.set(version.name.toString('latin1'), version);
    const seen = new Set<string>();
    for (const node of nodes) {
      const key = node.name.toString('latin1');
      // A name that a tree repeats counts once.
      if (seen.has(key)) continue;
      seen.add(key);
      const before = open.get(key);
      open.delete(key);
      const type = typeNumber(node.type);
      const size = Number(node.size);
      const digest = nodeDigest(node);
      const same = before !== undefined && before.type === type && before.size === size && before.digest.equals(digest);
      const pathId = before?.pathId ?? this.#pathOf(folder, node.name);
      if (before !== undefined && !same) {
        this.#close(line, place, before);
        if (before.type === dirType && type !== dirType) this.#statements.addPending.run(pathId, null);
      }
      if (!same) this.#statements.addVersion.run(pathId, line, place, openPlace, type, node.mode, size, Number(node.mtime / 1_000_000n), digest);
      if (node.type === 'dir' && node.subtree !== null && this.#statements.head.get(line, pathId)?.equals(node.subtree) !== true) this.#statements.addPending.run(pathId, node.subtree);
    }
    for (const version of open.values()) {
      this.#close(line, place, version);
      if (version.type === dirType) this.#statements.addPending.run(version.pathId, null);
    }
    return seen.size;
  }

  #close(line: number, place: number, { pathId, first }: OpenVersion): void {
    // A version that began in this very place never was: an interrupted snapshot had it from a tree that it has not.
    if (first === place) this.#statements.dropVersion.run(pathId, line, first);
    else this.#statements.closeVersion.run(place - 1, pathId, line, first);
  }

  #pathOf(parent: number, name: Buffer): number {
    const { findName, addName, addText, findPath, addPath } = this.#statements;
    let nameId = findName.get(name);
    if (nameId === undefined) {
      nameId = Number(addName.run(name).lastInsertRowid);
      addText.run(nameId, searchText(name));
    }
    return findPath.get(parent, nameId) ?? Number(addPath.run(parent, nameId).lastInsertRowid);
  }

  complete(id: string): void {
    this.#write(() => void this.#database.prepare('UPDATE snapshots SET complete = 1 WHERE id = ?').run(id));
  }

  /** Gives up a snapshot that was begun: its line cannot go on, since its heads are of two snapshots. */
  abandon(id: string): void {
    this.#write(() => {
      const line = this.#database.prepare<[string], number>('SELECT line FROM snapshots WHERE id = ?').pluck().get(id);
      if (line === undefined) return;
      this.#database.prepare('DELETE FROM pending').run();
      this.#removeLine(line);
      this.#database.prepare('DELETE FROM damage WHERE snapshot NOT IN (SELECT id FROM snapshots)').run();
    });
  }

  removeSnapshots(ids: readonly string[]): void {
    this.#write(() => {
      const remove = this.#database.prepare('DELETE FROM snapshots WHERE id = ?');
      const forget = this.#database.prepare('DELETE FROM damage WHERE snapshot = ?');
      for (const id of ids) {
        remove.run(id);
        forget.run(id);
      }
      const empty = this.#database.prepare<[], number>('SELECT line FROM lines l WHERE NOT EXISTS (SELECT 1 FROM snapshots s WHERE s.line = l.line)').pluck().all();
      for (const line of empty) this.#removeLine(line);
    });
  }

  #removeLine(line: number): void {
    for (const table of ['snapshots', 'versions', 'heads', 'lines']) this.#database.prepare(`DELETE FROM ${table} WHERE line = ?`).run(line);
  }

  /**
   * Removes, from the highest path on, versions that no snapshot has, then paths without versions and names without
   * paths. Resolves with where to go on, undefined at the end. Open versions stay: the next snapshot is compared with them.
   */
  sweep(below: number | undefined): number | undefined {
    return this.#write(() => {
      const top = below ?? (this.#database.prepare<[], number | null>('SELECT max(path_id) FROM paths').pluck().get() ?? 0) + 1;
      const bottom = Math.max(1, top - sweepSlice);
      this.#database
        .prepare('DELETE FROM versions WHERE path_id >= ? AND path_id < ? AND last <> ? AND NOT EXISTS (SELECT 1 FROM snapshots s WHERE s.line = versions.line AND s.place BETWEEN versions.first AND versions.last)')
        .run(bottom, top, openPlace);
      const unused = this.#database
        .prepare<[number, number], { pathId: number; nameId: number }>(
          'SELECT path_id AS pathId, name_id AS nameId FROM paths p WHERE path_id >= ? AND path_id < ? AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.path_id = p.path_id) AND NOT EXISTS (SELECT 1 FROM paths c WHERE c.parent = p.path_id) ORDER BY path_id DESC',
        )
        .all(bottom, top);
      for (const { pathId, nameId } of unused) this.#removePath(pathId, nameId);
      return bottom > 1 ? bottom : undefined;
    });
  }

  #removePath(pathId: number, nameId: number): void {
    this.#database.prepare('DELETE FROM paths WHERE path_id = ?').run(pathId);
    if (this.#database.prepare('SELECT 1 FROM paths WHERE name_id = ?').get(nameId) !== undefined) return;
    const name = this.#database.prepare<[number], Buffer>('DELETE FROM names WHERE name_id = ? RETURNING name').pluck().get(nameId);
    if (name !== undefined) this.#database.prepare("INSERT INTO name_text (name_text, rowid, text) VALUES ('delete', ?, ?)").run(nameId, searchText(name));
  }

  #write<T>(body: () => T): T {
    return this.#database.transaction(body).immediate();
  }
}

function prepare(database: Database.Database) {
  return {
    nextPending: database.prepare<[number], PendingTree>('SELECT pending_id AS pendingId, path_id AS pathId, tree FROM pending ORDER BY pending_id LIMIT ?'),
    addPending: database.prepare<[number, Buffer | null]>('INSERT INTO pending (path_id, tree) VALUES (?, ?)'),
    donePending: database.prepare<[number]>('DELETE FROM pending WHERE pending_id = ?'),
    head: database.prepare<[number, number], Buffer>('SELECT tree FROM heads WHERE line = ? AND path_id = ?').pluck(),
    setHead: database.prepare<[number, number, Buffer]>('INSERT OR REPLACE INTO heads (line, path_id, tree) VALUES (?, ?, ?)'),
    dropHead: database.prepare<[number, number]>('DELETE FROM heads WHERE line = ? AND path_id = ?'),
    parent: database.prepare<[number], number>('SELECT parent FROM paths WHERE path_id = ?').pluck(),
    addDamage: database.prepare<[string, number, string]>('INSERT INTO damage (snapshot, path_id, reason) VALUES (?, ?, ?)'),
    openVersions: database.prepare<[number, number, number], OpenVersion>(
      'SELECT p.path_id AS pathId, n.name, v.first, v.type, v.size, v.digest FROM paths p JOIN versions v ON v.path_id = p.path_id AND v.line = ? AND v.last = ? JOIN names n ON n.name_id = p.name_id WHERE p.parent = ?',
    ),
    addVersion: database.prepare<[number, number, number, number, number, number, number, number, Buffer]>(
      'INSERT OR REPLACE INTO versions (path_id, line, first, last, type, mode, size, mtime, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    closeVersion: database.prepare<[number, number, number, number]>('UPDATE versions SET last = ? WHERE path_id = ? AND line = ? AND first = ?'),
    dropVersion: database.prepare<[number, number, number]>('DELETE FROM versions WHERE path_id = ? AND line = ? AND first = ?'),
    findName: database.prepare<[Buffer], number>('SELECT name_id FROM names WHERE name = ?').pluck(),
    addName: database.prepare<[Buffer]>('INSERT INTO names (name) VALUES (?)'),
    addText: database.prepare<[number, string]>('INSERT INTO name_text (rowid, text) VALUES (?, ?)'),
    findPath: database.prepare<[number, number], number>('SELECT path_id FROM paths WHERE parent = ? AND name_id = ?').pluck(),
    addPath: database.prepare<[number, number]>('INSERT INTO paths (parent, name_id) VALUES (?, ?)'),
  };
}
