/**
 * The companion server, supervised (its states are `CompanionState`).
 *
 *     off      ──start──▶ starting ──▶ running (a child of ours, or adopted) ──gone──▶ waiting ──▶ starting
 *                          │  └────────▶ blocked (the address is another program's) ──looks again──▶ starting
 *     running  ──does not answer──▶ hung ──▶ a child is killed and started again; an adopted one is waited for
 *     any      ──stop──▶ off
 *
 * A server that already runs with our data folder and token is adopted instead of starting a second one; only what was
 * started here is ever stopped or killed here. Jobs to other repositories never depend on any of this.
 */
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import { retryDelay } from '../../core/storage/retry-delay.ts';
import type { ServerReach } from '../health/agent-checks.ts';
import { CompanionClient } from './companion-client.ts';
import type { CompanionFiles, Credentials } from './companion-files.ts';
import { launchCompanion } from './companion-process.ts';
import type { CompanionAddresses, CompanionProcess, LaunchCompanion } from './companion-process.ts';
import { programEntry } from './program-entry.ts';
import type { ProgramEntry } from './program-entry.ts';

export type CompanionState =
  | { readonly kind: 'off' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'running'; readonly adopted: boolean; readonly pid: number | undefined }
  | { readonly kind: 'hung'; readonly adopted: boolean; readonly message: string }
  | { readonly kind: 'waiting' | 'blocked'; readonly message: string };

export interface CompanionOptions extends CompanionAddresses {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly files: CompanionFiles;
  readonly env: NodeJS.ProcessEnv;
  readonly entry?: ProgramEntry;
  /** Default: a child process of Node. */
  readonly launch?: LaunchCompanion | undefined;
  readonly random?: () => number;
  readonly times?: Partial<typeof defaultTimes>;
}

export const defaultTimes = {
  /** Between two looks whether it still answers. */
  pulseMs: 2000,
  /** So many looks without an answer in a row: it hangs. */
  missedPulses: 4,
  startMs: 30_000,
  startPauseMs: 50,
  /** Until another look at an address that somebody else has. */
  blockedMs: 10_000,
  /** A server that lived this long did not fail at its start. */
  steadyMs: 60_000,
};

export class CompanionServer {
  readonly client: CompanionClient;
  readonly url: string;
  readonly #options: CompanionOptions;
  readonly #times: typeof defaultTimes;
  #state: CompanionState = { kind: 'off' };
  #stopping: AbortController | undefined;
  #loop: Promise<void> = Promise.resolve();
  readonly #settled: (() => void)[] = [];

  constructor(options: CompanionOptions) {
    this.#options = options;
    this.#times = { ...defaultTimes, ...options.times };
    const { host, port } = parseListen(options.listen);
    this.url = `http://${options.listen}`;
    this.client = new CompanionClient({ host, port, token: options.files.token, dataFolder: options.files.dataFolder });
  }

  get state(): CompanionState {
    return this.#state;
  }

  /** For the URL of a repository on this server. */
  get credentials(): Credentials {
    return this.#options.files.credentials;
  }

  /** For the health of the agent. */
  reach(): ServerReach {
    const { url } = this;
    const state = this.#state;
    if (state.kind === 'running') return { reach: 'reachable', url, message: '', trouble: null };
    if (state.kind === 'off' || state.kind === 'starting') return { reach: state.kind === 'off' ? 'unused' : 'starting', url, message: '', trouble: null };
    return { reach: 'unreachable', url, message: state.message, trouble: state.kind === 'blocked' ? 'port_taken' : state.kind === 'hung' ? 'hung' : 'ended' };
  }

  /** Supervises from now on; resolves as soon as it is known whether the server runs. */
  async start(): Promise<CompanionState> {
    if (this.#stopping === undefined) {
      const stopping = new AbortController();
      this.#stopping = stopping;
      this.#become({ kind: 'starting' });
      this.#loop = this.#supervise(stopping.signal);
    }
    if (this.#state.kind === 'starting') await new Promise<void>((resolve) => void this.#settled.push(resolve));
    return this.#state;
  }

  /** Whether our server already runs, and is supervised from now on. Starts none. */
  async adopt(): Promise<boolean> {
    if ((await this.client.identify()) !== 'ours') return false;
    return (await this.start()).kind === 'running';
  }

  /** Ends the supervision, and the server if it was started here. */
  async stop(): Promise<void> {
    this.#stopping?.abort(new Error('the agent stops'));
    await this.#loop;
    this.#stopping = undefined;
    this.client.close();
    this.#become({ kind: 'off' });
  }

  async #supervise(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        const startedAt = this.#options.clock.monotonic();
        const message = await this.#serve(signal);
        if (signal.aborted) return;
        failures = this.#options.clock.monotonic() - startedAt >= this.#times.steadyMs ? 0 : failures;
        const delay = retryDelay(failures++, (this.#options.random ?? Math.random)());
        this.#options.logger.warn({ component: 'companion', reason: message, delay_ms: delay }, 'the companion server ended; it is started again');
        if (this.#state.kind !== 'blocked') this.#become({ kind: 'waiting', message });
        await this.#options.clock.sleep(this.#state.kind === 'blocked' ? this.#times.blockedMs : delay, signal);
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
    }
  }

  /** Until the server is gone, or cannot be had; resolves with the reason. */
  async #serve(signal: AbortSignal): Promise<string> {
    const listener = await this.client.identify();
    if (listener === 'ours') return await this.#watch(undefined, signal);
    if (listener !== 'nobody') {
      const message = `${this.url} is used by another program. Jobs to other repositories go on. Stop that program, or give the embedded server another port in the settings`;
      this.#become({ kind: 'blocked', message });
      return message;
    }
    const { entry = programEntry(), launch = launchCompanion, listen, network, metrics = false, files, env, clock, logger } = this.#options;
    const child = launch({ entry, listen, network, metrics, files, env, clock, logger });
    try {
      const failed = await this.#ready(child, signal);
      return failed ?? (await this.#watch(child, signal));
    } finally {
      await child.stop();
    }
  }

  /** Undefined when it answers; otherwise why it does not. */
  async #ready(child: CompanionProcess, signal: AbortSignal): Promise<string | undefined> {
    const { clock } = this.#options;
    const deadline = clock.monotonic() + this.#times.startMs;
    const gone = new AbortController();
    void child.exited.then(() => gone.abort());
    const either = AbortSignal.any([signal, gone.signal]);
    while (!either.aborted && clock.monotonic() < deadline) {
      if ((await this.client.identify()) === 'ours') return undefined;
      await sleepUnlessAborted(clock, this.#times.startPauseMs, either);
    }
    signal.throwIfAborted();
    if (!gone.signal.aborted) return 'It did not answer in time after its start';
    const { said, code } = await child.exited;
    return said === '' ? `It ended at its start (exit code ${code ?? 'none'})` : said;
  }

  /** While it lives; `child` undefined: adopted. Resolves with how it ended. */
  async #watch(child: CompanionProcess | undefined, signal: AbortSignal): Promise<string> {
    const { clock, logger } = this.#options;
    const adopted = child === undefined;
    logger.info({ component: 'companion', url: this.url, adopted, pid: child?.pid }, adopted ? 'a companion server that already ran is used' : 'the companion server runs');
    const gone = new AbortController();
    void child?.exited.then(() => gone.abort());
    const either = AbortSignal.any([signal, gone.signal]);
    for (let missed = 0; ; ) {
      if (missed === 0) this.#become({ kind: 'running', adopted, pid: child?.pid });
      await sleepUnlessAborted(clock, this.#times.pulseMs, either);
      signal.throwIfAborted();
      if (gone.signal.aborted) return endOf(await child?.exited);
      const listener = await this.client.identify();
      missed = listener === 'ours' ? 0 : missed + 1;
      // What was adopted has ended when nobody, or somebody else, has its address.
      if (adopted && (listener === 'nobody' || listener === 'stranger')) return 'The companion server that was adopted ended';
      if (missed < this.#times.missedPulses) continue;
      const message = 'The companion server does not answer. What it stored is safe, and running uploads try again';
      this.#become({ kind: 'hung', adopted, message });
      if (adopted) continue;
      child.kill();
      await child.exited;
      return `${message}. It was ended`;
    }
  }

  #become(state: CompanionState): void {
    this.#state = state;
    if (state.kind === 'starting') return;
    for (const resolve of this.#settled.splice(0)) resolve();
  }
}

function endOf(exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly said: string } | undefined): string {
  if (exit === undefined) return 'The companion server ended';
  return `The companion server ended (${exit.signal ?? `exit code ${exit.code ?? 'none'}`})${exit.said === '' ? '' : `: ${exit.said}`}`;
}

async function sleepUnlessAborted(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function parseListen(listen: string): { readonly host: string; readonly port: number } {
  const at = listen.lastIndexOf(':');
  return { host: listen.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(listen.slice(at + 1)) };
}
