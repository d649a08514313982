/**
 * A prune in a process of its own that kills itself (SIGKILL) before or after its n-th change of the storage:
 *
 *     node killed-prune.ts REPOSITORY PASSWORD N before|after
 *
 * Prints nothing. Ends with status 0 where the prune makes fewer changes. Whoever wants to know how many there are gives 0: then it
 * prints `puts and removals` as a number and kills nothing.
 */
import { loadAddon } from '../../src/core/native/load-addon.ts';
import { systemClock } from '../../src/core/platform/clock.ts';
import { prune } from '../../src/core/pruner/prune.ts';
import { openRepository } from '../../src/core/repository/repository.ts';
import { withLock } from '../../src/core/repository/with-lock.ts';
import { LocalStore } from '../../src/core/storage/local-store.ts';
import type { ObjectBody, ObjectHandle } from '../../src/core/storage/object-store.ts';

const [folder = '', password = '', nth = '0', moment = 'before'] = process.argv.slice(2);
let changes = 0;

async function change(handle: ObjectHandle, work: () => Promise<void>): Promise<void> {
  // The lock's own file is not a step of the prune.
  const isKilled = handle.type !== 'lock' && ++changes === Number(nth);
  if (isKilled && moment === 'before') process.kill(process.pid, 'SIGKILL');
  await work();
  if (isKilled) process.kill(process.pid, 'SIGKILL');
}

class KillingStore extends LocalStore {
  override put(handle: ObjectHandle, body: ObjectBody, signal?: AbortSignal): Promise<void> {
    return change(handle, () => super.put(handle, body, signal));
  }

  override remove(handle: ObjectHandle, signal?: AbortSignal): Promise<void> {
    return change(handle, () => super.remove(handle, signal));
  }
}

const addon = loadAddon();
const repository = await openRepository({ store: new KillingStore(folder, { addon }), addon, clock: systemClock }, { password: Buffer.from(password) });
const fail = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);
await withLock(repository, { exclusive: true, hostname: 'killed', onKept: fail }, (lock) => prune(repository, { maxUnused: { bytes: 0 } }, { locked: lock.confirmed, signal: lock.signal }));
await repository.close();
if (nth === '0') process.stdout.write(`${changes}\n`);
