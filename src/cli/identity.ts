/** Who runs this: the names that go into snapshots, keys and locks. */
import { hostname, userInfo } from 'node:os';

export function thisHost(): string {
  return hostname();
}

/** Name of the user, or the number where the system knows no name (as in some containers). */
export function thisUser(): string {
  try {
    return userInfo().username;
  } catch (error) {
    // uv_os_get_passwd fails for a user that has no entry.
    if (error instanceof Error && 'code' in error) return String(process.getuid?.() ?? '');
    throw error;
  }
}
