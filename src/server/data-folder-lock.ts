/** One server a data folder. */
import type { Clock } from '../core/platform/clock.ts';
import { lockFolder } from '../core/platform/folder-lock.ts';
import type { FolderLock } from '../core/platform/folder-lock.ts';
import { Failure } from '../shared/errors.ts';

/** Takes the lock of a data folder that exists; throws a `Failure` (DATA_FOLDER_IN_USE) while another server lives. */
export function lockDataFolder(folder: string, clock: Clock): Promise<FolderLock> {
  const inUse = (pid: number | undefined): Failure =>
    new Failure('DATA_FOLDER_IN_USE', {
      what: `${pid === undefined ? 'Another server' : `Another server (process ${pid})`} uses the data folder ${folder}`,
      safe: 'Nothing was changed',
      next: 'Stop that server, or give this one another folder with --data',
    });
  return lockFolder(folder, { name: '.server.lock', inUse }, clock);
}
