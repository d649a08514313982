/** Processes that do nothing until they are ended; what a test leaves of them is killed after it. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach } from 'vitest';

export type IdleProcess = ChildProcess & { readonly pid: number };

/** To be called once in a test file. Each call of the result starts one that is ready; a `stubborn` one does not end on `SIGTERM`. */
export function idleProcesses(): (options?: { readonly stubborn?: boolean }) => Promise<IdleProcess> {
  const children: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  return async ({ stubborn = false } = {}) => {
    const code = `${stubborn ? "process.on('SIGTERM', () => {});" : ''} process.stdin.resume(); process.stdout.write('ready')`;
    const child = spawn(process.execPath, ['-e', code], { stdio: ['pipe', 'pipe', 'ignore'] });
    children.push(child);
    await once(child.stdout, 'data');
    return child as IdleProcess;
  };
}
