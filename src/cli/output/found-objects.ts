/** What `find --blob`, `--tree` and `--pack` print: restic's lines and JSON. */
import { jsonString, jsonStringOfBytes } from '../../core/repository/canonical-json.ts';
import type { Repository } from '../../core/repository/repository.ts';
import type { StoredSnapshot } from '../../core/repository/snapshots.ts';
import type { FoundObject } from '../../core/catalogue/object-query.ts';
import type { CliContext } from '../context.ts';
import { PieceWriter } from './piece-writer.ts';
import { formatTime, shortId } from './format.ts';
import { visiblePath } from './visible-text.ts';

export interface FoundObjectsWriter {
  /** `parentTree`: the tree that lists the file; not of a tree. */
  add(snapshot: StoredSnapshot, path: Buffer, object: FoundObject, parentTree: string): Promise<void>;
  /** Everything has been said. */
  end(): Promise<void>;
  /** Writes what is held, wherever that ends: of what failed in between, a reader has what was found. */
  flush(): Promise<void>;
}

export function foundObjectsText(context: CliContext): FoundObjectsWriter {
  const output = new PieceWriter(context);
  return {
    async add(stored, path, { kind, id }, parentTree) {
      const shown = context.terminal.interactive ? visiblePath(path) : path;
      await output.write(`Found ${kind} ${id}\n`, kind === 'blob' ? ' ... in file ' : ' ... path ', shown, '\n');
      if (kind === 'blob') await output.write(`     (tree ${parentTree})\n`);
      await output.write(` ... in snapshot ${shortId(stored.id)} (${formatTime(stored.snapshot.time)})\n`);
    },
    end: () => output.flush(),
    flush: () => output.flush(),
  };
}

export function foundObjectsJson(context: CliContext): FoundObjectsWriter {
  const output = new PieceWriter(context);
  let begun = false;
  return {
    async add(stored, path, { kind, id }, parentTree) {
      const parent = kind === 'blob' ? `,"parent_tree":"${parentTree}"` : '';
      await output.write(`${begun ? ',' : '['}{"object_type":"${kind}","id":"${id}","path":${jsonStringOfBytes(path)}${parent},"snapshot":"${stored.id}","time":${jsonString(shortestTime(stored.snapshot.time))}}`);
      begun = true;
    },
    async end() {
      await output.write(begun ? ']\n' : '[]\n');
      await output.flush();
    },
    flush: () => output.flush(),
  };
}

/** As Go writes it: without zeros at the end of the fraction. */
function shortestTime(time: string): string {
  return time.replace(/\.(\d*?)0*(?=Z$|[+-]\d\d:\d\d$)/, (_, digits: string) => (digits === '' ? '' : `.${digits}`));
}

/** Where an object lies, as restic says it. */
export function packLines(repository: Repository, type: 'tree' | 'data', id: string): string[] {
  if (!/^[0-9a-f]{64}$/.test(id)) return [`Note: cannot find pack for object '${id}', unable to parse ID: ${id.length === 64 ? 'it is not an id' : `invalid length for ID: "${id}"`}`];
  const [location] = repository.index.lookup(type, Buffer.from(id, 'hex'));
  if (location === undefined) return [`Object ${shortId(id)} not found in the index`];
  const pack = location.packId.toString('hex');
  return [`Object belongs to pack ${pack}`, ` ... Pack ${shortId(pack)}: <Blob (${type}) ${shortId(id)}, offset ${location.offset}, length ${location.length}, uncompressed length ${location.uncompressedLength}>`];
}
