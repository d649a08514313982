/** What `pin` and `unpin` share: both change one tag of snapshots that a person names. */
import { loadAllSnapshots } from '../core/retention/load-snapshots.ts';
import { isPinned, pinTag } from '../core/retention/pins.ts';
import { chooseSnapshots } from '../core/retention/select.ts';
import { changeTags } from '../core/retention/tags.ts';
import { Failure } from '../shared/errors.ts';
import type { CliContext } from './context.ts';
import { shortId } from './output/format.ts';
import { withSession } from './session.ts';

/** All of the named snapshots, or none. Failure SNAPSHOT_NOT_FOUND. */
export async function setPins(context: CliContext, ids: readonly string[], pinned: boolean): Promise<undefined> {
  const { terminal, options } = context;
  return await withSession(context, { lock: 'exclusive' }, async ({ repository, signal, locked }) => {
    const { snapshots, ignored } = chooseSnapshots((await loadAllSnapshots(repository, signal)).snapshots, { ids, filter: {} });
    if (ignored.length > 0) {
      throw new Failure('SNAPSHOT_NOT_FOUND', {
        what: ignored.map(({ selector, why }) => `"${selector}" names no snapshot: ${why}`).join('; '),
        safe: 'Nothing was changed',
        next: 'List the snapshots with `cyberbackup snapshots` and name one of them',
      });
    }
    await locked;
    const change = pinned ? { set: [], add: [pinTag], remove: [] } : { set: [], add: [], remove: [pinTag] };
    for (const stored of snapshots) {
      signal.throwIfAborted();
      const id = isPinned(stored.snapshot) === pinned ? undefined : await changeTags(repository, stored, change, signal);
      if (options.json) terminal.json({ message_type: id === undefined ? 'unchanged' : 'changed', old_snapshot_id: stored.id, new_snapshot_id: id ?? stored.id, pinned });
      else if (!options.quiet) terminal.line(id === undefined ? `Snapshot ${shortId(stored.id)} is ${pinned ? 'pinned already' : 'not pinned'}` : `${pinned ? 'Pinned' : 'Unpinned'} snapshot ${shortId(stored.id)}, which is now ${shortId(id)}`);
    }
    return undefined;
  });
}
