/**
 * Reading files in the target and comparing them with the snapshot, before (overwrite) or after (`--verify`).
 */
import type { RestoreRoot } from '../native/addon.ts';
import type { BlobIndex } from '../native/blob-index.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import { idSize } from './entry-table.ts';
import type { EntryTable } from './entry-table.ts';
import { messageOf } from './problems.ts';

const filesAtOnce = 4;

export interface ComparePorts {
  readonly table: EntryTable;
  readonly root: RestoreRoot;
  readonly index: BlobIndex;
  readonly signal: AbortSignal;
}

/** Calls `onResult` for each entry: undefined if the file has exactly the snapshot's content, else why not. */
export async function compareFiles(entries: readonly number[], ports: ComparePorts, onResult: (entry: number, difference: string | undefined) => void): Promise<void> {
  await mapConcurrently(
    entries,
    filesAtOnce,
    async (entry) => {
      onResult(entry, await differenceOf(entry, ports));
    },
    ports.signal,
  );
}

async function differenceOf(entry: number, { table, root, index }: ComparePorts): Promise<string | undefined> {
  const content = Buffer.from(table.content(entry));
  const lengths = new Uint32Array(content.length / idSize);
  for (let i = 0; i < lengths.length; i += 1) lengths[i] = index.plainLength('data', content.subarray(i * idSize, (i + 1) * idSize));
  const path = table.path(entry);
  try {
    const found = await root.stat(path);
    if (found === undefined) return 'the file is not there';
    if (found.size !== BigInt(table.size(entry))) return `the file has ${found.size} bytes instead of ${table.size(entry)}`;
    const equal = await root.compareContent(path, content, lengths);
    return equal.includes(0) ? 'the content differs' : undefined;
  } catch (error) {
    return `it cannot be read: ${messageOf(error)}`;
  }
}
