/**
 * The companion server as a child process.
 *
 * Its standard input is a pipe that only this process holds: when the agent ends, however it ends, the pipe closes and the
 * server stops by itself (`--stop-with-input`). The same pipe asks it to stop, which works on every system alike; signals
 * would kill on Windows. Nothing secret is in its arguments or its environment.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import type { CompanionFiles } from './companion-files.ts';
import type { ProgramEntry } from './program-entry.ts';

export interface CompanionExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last line that it wrote for people, empty where there is none. */
  readonly said: string;
}

export interface CompanionProcess {
  readonly pid: number | undefined;
  readonly exited: Promise<CompanionExit>;
  /** Asks it to stop; killed after the grace. Resolves when it is gone. */
  stop(): Promise<void>;
  kill(): void;
}

/** What the settings say, as far as the server's command line does. */
export interface CompanionAddresses {
  /** `127.0.0.1:1256` */
  readonly listen: string;
  /** For other computers; undefined: none. */
  readonly network?: string | undefined;
  /** Whether `/metrics` is served. */
  readonly metrics?: boolean;
}

export interface LaunchOptions extends CompanionAddresses {
  readonly entry: ProgramEntry;
  readonly files: CompanionFiles;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How a platform starts the server. */
export type LaunchCompanion = (options: LaunchOptions) => CompanionProcess;

const serverGraceSeconds = 5;
export const killAfterMs = 8000;
const longestLine = 64 * 1024;

/** Of the command line. */
export function companionArguments({ listen, network, metrics = false, files }: CompanionAddresses & Pick<LaunchOptions, 'files'>): string[] {
  const options = [`--listen=${listen}`, `--data=${files.dataFolder}`, `--htpasswd-file=${files.usersFile}`, `--admin-token-file=${files.tokenFile}`, `--grace=${serverGraceSeconds}`];
  return ['server', ...options, ...(network === undefined ? [] : [`--network-listen=${network}`]), ...(metrics ? ['--prometheus'] : []), '--stop-with-input', '--json', '--quiet'];
}

export function launchCompanion({ entry, env, clock, logger, ...rest }: LaunchOptions): CompanionProcess {
  const args = [...entry.args, ...companionArguments(rest)];
  // A session of its own: Ctrl-C in the terminal is for the agent, which stops the server when no job needs it any more.
  const child = spawn(entry.command, args, { stdio: ['pipe', 'ignore', 'pipe'], env: withoutSecrets(env), detached: process.platform !== 'win32', windowsHide: true });
  const lines = new LogLines(logger);
  child.stderr.setEncoding('utf8').on('data', (piece: string) => lines.add(piece));
  // A server that is gone takes nothing more; its end is told below.
  child.stdin.on('error', (error) => logger.debug({ error }, 'the pipe to the companion server broke'));
  const exited = exitOf(child, lines);
  const kill = (): void => void child.kill('SIGKILL');
  return {
    pid: child.pid,
    exited,
    kill,
    async stop() {
      child.stdin.destroy();
      const gone = new AbortController();
      const patience = clock.sleep(killAfterMs, gone.signal).then(kill, (error: unknown) => {
        if (!gone.signal.aborted) throw error;
      });
      await exited;
      gone.abort();
      await patience;
    },
  };
}

function exitOf(child: ChildProcess, lines: LogLines): Promise<CompanionExit> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      // Could not be started at all; there will be no end to tell of.
      if (child.pid === undefined) resolve({ code: null, signal: null, said: error.message });
    });
    child.once('close', (code, signal) => resolve({ code, signal, said: lines.said }));
  });
}

/** The server needs no password of any repository and no key of any object store. */
export function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:(?:CYBERBACKUP|RESTIC)_.*(?:PASSWORD|REPOSITORY)|AWS_)/.test(name)));
}

/** Lines of the server's log, written on into the agent's; what is no JSON is for people. */
export class LogLines {
  readonly #logger: Logger;
  #rest = '';
  said = '';

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(piece: string): void {
    const lines = `${this.#rest}${piece}`.split('\n');
    this.#rest = (lines.pop() ?? '').slice(-longestLine);
    for (const line of lines) if (line !== '') this.#line(line.slice(0, longestLine));
  }

  #line(line: string): void {
    const entry = parsed(line);
    if (entry === undefined) {
      this.said = line.replace(/^cyberbackup: /, '');
      this.#logger.warn({ component: 'server', said: this.said }, 'the companion server says');
      return;
    }
    const { level, msg, ts, ...fields } = entry;
    const write = level === 'error' || level === 'warn' || level === 'debug' ? level : 'info';
    this.#logger[write]({ ...fields, component: 'server', server_ts: ts }, String(msg));
  }
}

function parsed(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
