/**
 * The one companion server of an agent, whatever the settings say about it now.
 *
 * It is started when the embedded default repository is first needed, adopted where it already runs, and exchanged when
 * the settings give it another address. Where it cannot be had, the embedded repository is used directly: backups never
 * depend on it.
 */
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import type { Settings } from '../../shared/contract/schemas/settings.ts';
import { Failure } from '../../shared/errors.ts';
import type { ServerReach } from '../health/agent-checks.ts';
import type { CompanionFolders } from './companion-files.ts';
import { prepareCompanionFiles } from './companion-files.ts';
import type { CompanionAddresses, LaunchCompanion } from './companion-process.ts';
import { CompanionServer } from './companion-server.ts';
import type { Answer } from './companion-client.ts';

export interface CompanionHostOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly folders: CompanionFolders;
  readonly settings: () => Settings['embedded_server'];
  readonly env: NodeJS.ProcessEnv;
  readonly launch?: LaunchCompanion | undefined;
}

export class CompanionHost {
  readonly #options: CompanionHostOptions;
  #server: CompanionServer | undefined;
  /** What it was started with. */
  #addresses: CompanionAddresses = { listen: '' };
  #wanted = false;
  /** Starting, stopping and exchanging, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: CompanionHostOptions) {
    this.#options = options;
  }

  /** Whether it has been needed, by this computer or by others, so that it should run. */
  get isWanted(): boolean {
    const { enabled, network } = this.#options.settings();
    return enabled && (this.#wanted || network);
  }

  get isRunning(): boolean {
    return this.#server?.state.kind === 'running';
  }

  reach(): ServerReach {
    const unused: ServerReach = { reach: 'unused', url: `http://${this.#options.settings().listen}`, message: '', trouble: null };
    return this.isWanted ? (this.#server?.reach() ?? unused) : unused;
  }

  /** Looks for a server that already runs, and supervises it from now on. Starts one only where other computers may need it. */
  adopt(): Promise<void> {
    return this.#inTurn(async () => {
      const { enabled, network } = this.#options.settings();
      if (!enabled || this.#server !== undefined) return;
      const addresses = this.#chosen();
      const server = await this.#create(addresses);
      if (await server.adopt()) this.#use(server, addresses);
      else await server.stop();
      if (network) await this.#bringUp();
    });
  }

  /** From now on it is wanted. Resolves with the URL of a repository on it, credentials included; undefined where it cannot be had now. */
  async repositoryUrl(name: string): Promise<string | undefined> {
    this.#wanted = true;
    await this.#inTurn(() => this.#bringUp());
    const server = this.#server;
    if (server?.state.kind !== 'running') return undefined;
    const { username, password } = server.credentials;
    return `rest:http://${encodeURIComponent(username)}:${encodeURIComponent(password)}@${this.#addresses.listen}/${name}/`;
  }

  /** To be called after settings changed. */
  settingsChanged(): Promise<void> {
    return this.#inTurn(async () => {
      // Jobs try again by themselves while it is exchanged, at the same address unless that is what changed.
      if (this.#server !== undefined && (!this.#options.settings().enabled || !isSame(this.#addresses, this.#chosen()))) await this.#takeDown();
      if (this.isWanted) await this.#bringUp();
    });
  }

  /** One request to the server. Throws `SERVER_NOT_RUNNING`. */
  async call(method: 'GET' | 'DELETE', path: string): Promise<Answer> {
    if (this.#server === undefined) throw new Failure('SERVER_NOT_RUNNING', { what: 'The companion server is not running', safe: 'Nothing was changed', next: 'It starts with the first backup into the repository of this computer' });
    return await this.#server.client.call(method, path);
  }

  stop(): Promise<void> {
    this.#wanted = false;
    return this.#inTurn(() => this.#takeDown());
  }

  async #bringUp(): Promise<void> {
    if (!this.#options.settings().enabled) return;
    const addresses = this.#chosen();
    if (this.#server === undefined) this.#use(await this.#create(addresses), addresses);
    await this.#server?.start();
  }

  async #takeDown(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.stop();
  }

  #chosen(): CompanionAddresses {
    const { listen, network, network_listen: networkListen, metrics } = this.#options.settings();
    return { listen, network: network ? networkListen : undefined, metrics };
  }

  async #create(addresses: CompanionAddresses): Promise<CompanionServer> {
    const { clock, logger, folders, env, launch } = this.#options;
    return new CompanionServer({ clock, logger, env, ...addresses, launch, files: await prepareCompanionFiles(folders) });
  }

  #use(server: CompanionServer, addresses: CompanionAddresses): void {
    this.#server = server;
    this.#addresses = addresses;
    this.#wanted = true;
  }

  #inTurn<T>(body: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(body, body);
    // A failure is told to whoever asked for this turn; the next one is not held up by it.
    this.#turn = next.catch(() => undefined);
    return next;
  }
}

function isSame(one: CompanionAddresses, other: CompanionAddresses): boolean {
  return one.listen === other.listen && one.network === other.network && one.metrics === other.metrics;
}

/** While no server is wanted, or it only starts, there are no connections; that is an answer, not a failure. */
export async function orNothing<T>(host: Pick<CompanionHost, 'reach'>, nothing: T, ask: () => Promise<T>): Promise<T> {
  const { reach } = host.reach();
  return reach === 'unused' || reach === 'starting' ? nothing : await ask();
}
