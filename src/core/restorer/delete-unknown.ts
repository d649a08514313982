/**
 * Removing from restored folders what the snapshot does not have there (`--delete`).
 *
 * Invariants: only folders that existed before and that the snapshot's trees describe completely are looked into; what
 * the patterns do not choose is left alone; links are removed, never followed.
 */
import type { RestoreRoot } from '../native/addon.ts';
import { kinds, rootEntry, states } from './entry-table.ts';
import type { EntryTable } from './entry-table.ts';
import type { RestoreAction } from './options.ts';
import { messageOf } from './problems.ts';
import type { Problems } from './problems.ts';
import type { RestoreCounts } from './progress.ts';
import type { Selection } from './selection.ts';
import type { TargetScan } from './target-scan.ts';

export interface DeletePorts {
  readonly table: EntryTable;
  readonly scan: TargetScan;
  readonly incomplete: ReadonlySet<number>;
  readonly selection: Selection;
  readonly root: RestoreRoot;
  readonly counts: RestoreCounts;
  readonly problems: Problems;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly onAction?: ((action: RestoreAction) => void) | undefined;
}

export async function deleteUnknown(ports: DeletePorts): Promise<void> {
  const { table, scan, incomplete, signal } = ports;
  const known = namesByFolder(table);
  const folders = [rootEntry];
  for (let entry = 0; entry < table.count; entry += 1) {
    if (table.kind(entry) === kinds.dir && table.state(entry) === states.pending && scan.existingFolders[entry] === 1) folders.push(entry);
  }
  for (const folder of folders) {
    signal.throwIfAborted();
    if (!incomplete.has(folder)) await deleteIn(folder, known.get(folder) ?? new Set(), ports);
  }
}

async function deleteIn(folder: number, known: ReadonlySet<string>, ports: DeletePorts): Promise<void> {
  const { table, root, selection, counts, problems, dryRun } = ports;
  const folderPath = table.path(folder);
  for (const { name, size } of await root.list(folderPath)) {
    const path = folderPath.length === 0 ? name : Buffer.concat([folderPath, Buffer.from('/'), name]);
    if (known.has(name.toString('latin1')) || !selection.of(Buffer.concat([Buffer.from('/'), path]), false).chosen) continue;
    try {
      if (!dryRun) await root.remove(path);
      counts.filesDeleted += 1;
      ports.onAction?.({ action: 'delete', item: path, size: Number(size) });
      counts.tell();
    } catch (error) {
      problems.add(path, 'delete', messageOf(error));
    }
  }
}

function namesByFolder(table: EntryTable): Map<number, Set<string>> {
  const known = new Map<number, Set<string>>();
  for (let entry = 0; entry < table.count; entry += 1) {
    const parent = table.parent(entry);
    let names = known.get(parent);
    if (names === undefined) known.set(parent, (names = new Set()));
    names.add(table.name(entry).toString('latin1'));
  }
  return known;
}
