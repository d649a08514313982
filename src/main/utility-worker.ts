/** Workers as Electron's utility processes: with a channel, without a window, and never longer alive than this program. */
import { parse } from 'node:path';
import { utilityProcess } from 'electron';
import type { UtilityProcess } from 'electron';
import type { LaunchWorker, WorkerProcess } from '../agent/workers/worker-port.ts';
import { readerArgument } from '../shared/worker-protocol.ts';
import { workerEntry } from '../agent/workers/worker-entry.ts';
import { workerEnvironment } from '../agent/workers/worker-environment.ts';

/** Bytes of standard error that are kept, from the end. */
const keptOutput = 8 * 1024;

export function utilityWorker(env: NodeJS.ProcessEnv): LaunchWorker {
  return (kind) => {
    const entry = workerEntry();
    // The program's own folder may be on a drive that somebody wants to remove.
    return new UtilityWorker(utilityProcess.fork(entry, kind === 'reader' ? [readerArgument] : [], { env: definedOnly(workerEnvironment(env)), cwd: parse(entry).root, stdio: ['ignore', 'ignore', 'pipe'], serviceName: `CyberBackup ${kind}` }));
  };
}

class UtilityWorker implements WorkerProcess {
  readonly #child: UtilityProcess;
  #output = Buffer.alloc(0);

  constructor(child: UtilityProcess) {
    this.#child = child;
    child.stderr?.on('data', (piece: Buffer) => {
      this.#output = Buffer.concat([this.#output, piece]).subarray(-keptOutput);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: unknown): void {
    this.#child.postMessage(message);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#child.on('message', listener);
  }

  onExit(listener: (exit: { readonly code: number | null; readonly signal: string | null; readonly stderr: string }) => void): void {
    this.#child.once('exit', (code) => listener({ ...exitOf(code), stderr: this.#output.toString('utf8') }));
  }

  terminate(): void {
    this.#child.kill();
  }

  kill(): void {
    killProcess(this.#child);
  }
}

/** POSIX tells of a signal as a wait status below 128 or as 128 and more; utility processes give no signal of their own. */
function exitOf(code: number): { readonly code: number | null; readonly signal: string | null } {
  const killed = 9;
  return process.platform !== 'win32' && (code === killed || code === 128 + killed) ? { code: null, signal: 'SIGKILL' } : { code, signal: null };
}

/** `kill` of a utility process only asks; one that hangs has to be ended by the system. */
export function killProcess(child: UtilityProcess): void {
  if (child.pid === undefined) {
    child.kill();
    return;
  }
  try {
    process.kill(child.pid, 'SIGKILL');
  } catch (error) {
    // Gone meanwhile, which its exit tells.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

export function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
