/** Worker processes in Node. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { readerArgument } from '../../shared/worker-protocol.ts';
import { workerEntry } from './worker-entry.ts';
import { workerEnvironment } from './worker-environment.ts';
import type { LaunchWorker, WorkerProcess } from './worker-port.ts';

export interface ForkOptions {
  /** Default: the worker of this program. */
  readonly entry?: string;
  /** Arguments of Node, default none. */
  readonly execArgv?: readonly string[];
  /** Default: that of this process; the worker gets what workerEnvironment leaves of it. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Bytes of standard error that are kept, from the end. */
const keptOutput = 8 * 1024;

export function forkWorker(options: ForkOptions = {}): LaunchWorker {
  return (kind) => {
    const entry = options.entry ?? workerEntry();
    const child = fork(entry, kind === 'reader' ? [readerArgument] : [], {
      execPath: process.execPath,
      execArgv: [...(options.execArgv ?? [])],
      env: workerEnvironment(options.env ?? process.env),
      // The agent's own folder may be on a drive that somebody wants to remove.
      cwd: path.parse(entry).root,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    return new ForkedWorker(child);
  };
}

class ForkedWorker implements WorkerProcess {
  readonly #child: ChildProcess;
  #output = Buffer.alloc(0);

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.on('data', (piece: Buffer) => {
      this.#output = Buffer.concat([this.#output, piece]).subarray(-keptOutput);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: unknown): void {
    // A channel that is closed belongs to a process that ends, which is told by its exit.
    if (this.#child.connected) this.#child.send(message as object, () => undefined);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#child.on('message', listener);
  }

  onExit(listener: (exit: { readonly code: number | null; readonly signal: string | null; readonly stderr: string }) => void): void {
    let launchError: Error | undefined;
    // Also told where a signal or a message could not be sent; only a process that never was has no exit.
    this.#child.on('error', (error) => {
      if (this.#child.pid !== undefined || launchError !== undefined) return;
      launchError = error;
      listener({ code: null, signal: null, stderr: error.message });
    });
    // After `exit`, when all of its output has come.
    this.#child.once('close', (code, signal) => {
      if (launchError === undefined) listener({ code, signal, stderr: this.#output.toString('utf8') });
    });
  }

  terminate(): void {
    this.#child.kill('SIGTERM');
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
