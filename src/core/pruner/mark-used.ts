/**
 * Marks in the index what the snapshots need.
 *
 * Invariant: a tree that cannot be read, or a blob that no index lists, ends the work; what is needed is known completely
 * or not at all.
 */
import type { BlobType } from '../native/addon.ts';
import type { Marks } from '../native/blob-index.ts';
import { damaged } from '../repository/damage.ts';
import { markBelow, newMarks, type MarkPorts } from '../repository/mark-below.ts';
import type { Repository } from '../repository/repository.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { placeOf } from './place-of.ts';

const next =
  'Run `cyberbackup repair index`, in case only the index lacks it. What is really lost comes back with a backup of the same files, or is taken out of the snapshots by `cyberbackup repair snapshots`; then prune again';

/** Needs the index. Failure DAMAGED names a snapshot and a path. */
export async function markUsed(repository: Repository, snapshots: readonly StoredSnapshot[], ports: Pick<MarkPorts, 'signal' | 'onFound' | 'onRead'>): Promise<Marks> {
  const place = (type: BlobType, id: Buffer): Promise<string> => placeOf(repository, snapshots, { type, id }, ports.signal);
  const marks = newMarks(repository);
  const roots = snapshots.map(({ snapshot }) => Buffer.from(snapshot.tree, 'hex'));
  await markBelow(repository, marks, roots, {
    ...ports,
    onMissing: async (type, id) => {
      throw damaged(`${type === 'tree' ? 'Tree' : 'Data'} blob ${id.toString('hex')} is missing: no index lists it. It is needed by ${await place(type, id)}`, { next });
    },
    onUnreadable: async (id, failure) => {
      throw damaged(`${failure.text.what}. It is needed by ${await place('tree', id)}`, { cause: failure, next });
    },
  });
  return marks;
}
