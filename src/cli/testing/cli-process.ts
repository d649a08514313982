/** The real program as a child process, as it is installed, with a home of its own and nothing of the person's settings. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';

const entry = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));

export const password = 'correct horse battery staple';

export interface Outcome {
  /** 128 + signal number never appears: it is undefined for a process that a signal ended. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Record<string, string | undefined>;
  readonly input?: string | Buffer;
  /** On a terminal: what to type once a text has appeared, in this order. */
  readonly answers?: readonly { readonly to: string; readonly type: string }[];
  /** Called with each piece of standard output so far. */
  readonly onOutput?: (child: ChildProcess, output: string) => void;
}

/** One temporary folder for a test file, and the program run with its home in it. */
export class CliWorld {
  readonly folder = temporaryFolder('cli');
  readonly home = join(this.folder, 'home');

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** A folder that exists. */
  makeFolder(...parts: string[]): string {
    const path = this.path(...parts);
    mkdirSync(path, { recursive: true });
    return path;
  }

  environment(extra: CliOptions['env'] = {}): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(([name]) => !/^(RESTIC|CYBERBACKUP|AWS|NODE|VITEST)_|^(NO_COLOR|FORCE_COLOR)$/.test(name));
    const env: NodeJS.ProcessEnv = { ...Object.fromEntries(kept), CYBERBACKUP_HOME: this.home, TZ: 'UTC', ...extra };
    for (const [name, value] of Object.entries(env)) if (value === undefined) delete env[name];
    return env;
  }

  /** Arguments for a child that is the program: `node main.ts …`. */
  commandLine(args: readonly string[]): [string, ...string[]] {
    return [process.execPath, entry, ...args];
  }

  run(args: readonly string[], options: CliOptions = {}): Promise<Outcome> {
    const [program, ...rest] = this.commandLine(args);
    return collect(spawn(program, rest, { env: this.environment(options.env), stdio: 'pipe' }), options);
  }

  /** The same on a terminal of 100 columns (`script` from util-linux); both outputs come as one. */
  async onTerminal(args: readonly string[], options: CliOptions = {}): Promise<Outcome> {
    const quoted = this.commandLine(args).map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`);
    const command = `stty cols 100 rows 30; ${quoted.join(' ')}`;
    return await collect(spawn('script', ['-qefc', command, '/dev/null'], { env: this.environment({ TERM: 'xterm-256color', SHELL: '/bin/sh', ...options.env }), stdio: 'pipe' }), options);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function collect(child: ChildProcess, options: CliOptions): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    const answers = [...(options.answers ?? [])];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      while (answers[0] !== undefined && stdout.includes(answers[0].to)) child.stdin?.write(answers.shift()?.type ?? '');
      options.onOutput?.(child, stdout);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    // A program that ends without reading its input is no error of the test.
    child.stdin?.on('error', () => undefined);
    if (options.answers === undefined && (options.onOutput === undefined || options.input !== undefined)) child.stdin?.end(options.input ?? '');
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? undefined, stdout, stderr }));
  });
}

/** Every line of an output as JSON. */
export function jsonLines(output: string): Record<string, unknown>[] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
