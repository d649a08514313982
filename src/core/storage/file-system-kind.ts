/**
 * Whether a folder lies on a file system of this machine. Over a network (or through a program, with FUSE) another
 * machine may list a folder from its own cache and miss a file that was written a moment ago.
 */
import { statfsSync } from 'node:fs';

/** `f_type` of statfs(2) on Linux for file systems that other machines write to: NFS, SMB (three generations), Ceph, AFS, 9p, FUSE. */
const sharedKinds: ReadonlySet<number> = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x00c36400, 0x5346414f, 0x01021997, 0x65735546]);

/** False where it cannot be told: on other systems than Linux, and for a folder that is not there. */
export function isOnThisMachine(folder: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return !sharedKinds.has(statfsSync(folder).type >>> 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) return false;
    throw error;
  }
}
