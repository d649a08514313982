/** `utilityProcess`: a Node process whose only way to the program is `process.parentPort`. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cloned } from './driver.ts';
import { strict } from './strict.ts';

interface ForkOptions {
  readonly env: Record<string, string>;
  readonly cwd?: string;
  readonly stdio: readonly ['ignore', 'ignore', 'pipe'];
  readonly serviceName: string;
}

class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess;
  #spawned = false;

  constructor(modulePath: string, args: readonly string[], { env, cwd, stdio }: ForkOptions) {
    super();
    if (stdio[0] !== 'ignore') throw new TypeError('A utility process has no standard input');
    const shim = fileURLToPath(new URL('./utility-child.ts', import.meta.url));
    this.#child = fork(modulePath, args, { env, ...(cwd === undefined ? {} : { cwd }), execArgv: ['--import', shim], serialization: 'advanced', stdio: [...stdio, 'ipc'] });
    this.#child.once('spawn', () => {
      this.#spawned = true;
      this.emit('spawn');
    });
    this.#child.on('message', (message) => void this.emit('message', message));
    this.#child.once('close', (code, signal) => void this.emit('exit', code ?? (signal === null ? 1 : constants.signals[signal])));
  }

  get pid(): number | undefined {
    return this.#spawned ? this.#child.pid : undefined;
  }

  get stderr(): ChildProcess['stderr'] {
    return this.#child.stderr;
  }

  postMessage(message: unknown): void {
    if (this.#child.connected) this.#child.send(cloned(message) as object, () => undefined);
  }

  kill(): boolean {
    return this.#child.kill('SIGTERM');
  }
}

export const utilityProcess = strict('utilityProcess', {
  fork: (modulePath: string, args: readonly string[], options: ForkOptions) => strict('utilityProcess', new UtilityProcess(modulePath, args, options)),
});
