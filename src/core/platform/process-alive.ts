/** Whether a process of this host exists, as far as it can be told without touching it. */
export function isProcessAlive(pid: number): boolean {
  // 0 and negative numbers address process groups.
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    // Signal 0 checks only; Node does the same on Windows by opening the process.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists and belongs to someone else.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
