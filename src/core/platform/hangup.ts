/**
 * Surviving SIGHUP while a repository is locked.
 *
 * Restic's `unlock` sends SIGHUP to the process of every lock of its own host, to see whether it exists, and restic itself
 * ignores that signal. A program whose lock is in the repository must do the same, or a person who tidies up with
 * restic ends our work. Windows has no such signal between processes.
 */
let holders = 0;

const ignore = (): void => undefined;

/** Ignores SIGHUP until the returned function is called; may be nested. Other listeners of the process stay in force. */
export function ignoreHangups(): () => void {
  if (process.platform === 'win32') return ignore;
  if (holders++ === 0) process.on('SIGHUP', ignore);
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    if (--holders === 0) process.off('SIGHUP', ignore);
  };
}
