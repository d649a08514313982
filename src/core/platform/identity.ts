/** Who runs this process and where: what locks, keys and snapshots say of their maker. */
import { hostname, userInfo } from 'node:os';

export const hostName = hostname;

/** The user's name, or the number where the system knows no name, as in some containers. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    // uv_os_get_passwd fails for a user without an entry; on Windows there always is one.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return String(process.getuid?.() ?? '');
  }
}
