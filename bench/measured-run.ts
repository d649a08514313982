/**
 * Runs a program and measures it: wall time, and on Linux the processor time and peak memory that the kernel counted.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Measure {
  readonly seconds: number;
  /** Peak resident memory in bytes (VmHWM); undefined where the system does not tell. */
  readonly peakMemory: number | undefined;
}

/** Peak resident memory of a live process so far, in bytes. */
export function peakMemoryOf(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined; // it has just ended
    throw error;
  }
}

/** Runs to the end; rejects with the program's own words if it fails. `sampleMemory` polls, which costs a little time. */
export function measure(command: readonly string[], env: Record<string, string>, sampleMemory = false): Promise<Measure> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
    let peak: number | undefined;
    const timer = sampleMemory
      ? setInterval(() => {
          peak = peakMemoryOf(child.pid ?? 0) ?? peak;
        }, 20)
      : undefined;
    let errors = '';
    child.stderr.on('data', (piece: Buffer) => (errors += piece.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      if (code === 0) resolve({ seconds, peakMemory: peak });
      else reject(new Error(`${command.join(' ')} ended with ${code}: ${errors.trim()}`));
    });
  });
}

/** Starts a server and waits until it answers. The caller ends it. */
export async function startAndWait(command: readonly string[], port: number, env: Record<string, string> = {}): Promise<ChildProcess> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      await fetch(`http://127.0.0.1:${port}/health`);
      return child;
    } catch (error) {
      if (child.exitCode !== null) throw new Error(`${command.join(' ')} ended with ${child.exitCode}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  child.kill();
  throw new Error(`${program} did not answer on port ${port}`);
}

/** Ends a child and waits until it is gone. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}
