/** Where in the snapshots it is that could not be read. Statistics go through trees and not along paths, so they cannot tell. */
import { enter } from '../../core/history/blob-marks.ts';
import { newMarks } from '../../core/repository/mark-below.ts';
import { walkNodes } from '../../core/history/node-walk.ts';
import type { Repository } from '../../core/repository/repository.ts';
import type { StoredSnapshot } from '../../core/repository/snapshots.ts';
import type { Failure } from '../../shared/errors.ts';
import { damagedPath, mostDamaged, type DamagedPath } from './shown-values.ts';

/** What could not be read, as it is met: the first failures, as many as an answer names. */
export class MetFailures {
  readonly first: Failure[] = [];

  add(failure: Failure): void {
    if (this.first.length < mostDamaged) this.first.push(failure);
  }
}

/** `failures`: what is known to be damaged. Those of which no folder can be found come last, without a path. Ends where an answer names no more. */
export async function damagedIn(repository: Repository, snapshots: Iterable<StoredSnapshot>, failures: readonly Failure[], signal: AbortSignal): Promise<DamagedPath[]> {
  const entered = newMarks(repository);
  const found: DamagedPath[] = [];
  for (const { snapshot } of snapshots) {
    const root = Buffer.from(snapshot.tree, 'hex');
    const enterOnce = (_path: Buffer, subtree: Buffer): boolean => enter(entered, repository.index.entryOf('tree', subtree));
    for await (const one of walkNodes(repository, root, { enter: enterOnce, onUnreadableRoot: (failure) => void found.push(damagedPath('/', failure)), signal })) {
      if (one.kind !== 'left' && one.failure !== undefined) found.push(damagedPath(one.path, one.failure));
      if (found.length >= mostDamaged) return found;
    }
    if (found.length >= mostDamaged) return found;
  }
  const told = new Set(found.map(({ reason }) => reason));
  for (const failure of failures) if (!told.has(failure.text.what)) found.push(damagedPath('', failure));
  return found.slice(0, mostDamaged);
}
