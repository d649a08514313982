/** What the companion server tells about itself, besides its connections: since when it runs, what it stores, who uses it. */
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { OperationOutput } from '../../shared/contract/operations.ts';
import { serverStatus, serverStorage, serverUserUse } from '../../shared/server-users.ts';
import type { ServerUserUse } from '../../shared/server-users.ts';
import { Failure } from '../../shared/errors.ts';
import type { CompanionClient } from './companion-client.ts';
import { networkUrls } from './companion-network.ts';

type ServerUse = OperationOutput<'get_server_use'>;

export interface CompanionUseOptions {
  readonly client: Pick<CompanionClient, 'call'>;
  /** Whether there is a server to ask. */
  readonly isRunning: () => boolean;
  readonly dataFolder: string;
  /** As the settings say; the port in use is the server's to tell. */
  readonly networkListen: () => string;
}

export class CompanionUse {
  readonly #options: CompanionUseOptions;

  constructor(options: CompanionUseOptions) {
    this.#options = options;
  }

  /** Throws `SERVER_NOT_RUNNING` where it should answer and does not. */
  async read(): Promise<ServerUse> {
    const { isRunning, dataFolder, networkListen } = this.#options;
    const disk = await diskOf(dataFolder);
    if (!isRunning()) return { since: null, stored_bytes: null, disk, network: null };
    const { started_at: since, network } = serverStatus.parse(await this.#get('/api/status'));
    const { stored_bytes } = serverStorage.parse(await this.#get('/api/storage'));
    return {
      since,
      stored_bytes,
      disk,
      network: network === null ? null : { urls: networkUrls(networkListen(), network.port), fingerprint: network.fingerprint, certificate_file: join(dataFolder, '.tls-certificate.pem') },
    };
  }

  /** Of the users' file, as the server follows it; undefined while none answers. */
  async users(): Promise<readonly ServerUserUse[] | undefined> {
    if (!this.#options.isRunning()) return undefined;
    try {
      return serverUserUse.array().parse(await this.#get('/api/users'));
    } catch (error) {
      // It ends or starts just now; the file says who the users are.
      if (error instanceof Failure && error.code === 'SERVER_NOT_RUNNING') return undefined;
      throw error;
    }
  }

  async #get(path: string): Promise<unknown> {
    const { status, body } = await this.#options.client.call('GET', path);
    if (status === 200) return body;
    throw new Failure('SERVER_NOT_RUNNING', { what: `The companion server refused to answer (status ${status})`, safe: 'What it stored is safe', next: 'Look at the log of the agent' });
  }
}

/** Null where the folder is not there yet, or its file system does not tell. */
async function diskOf(folder: string): Promise<ServerUse['disk']> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { free_bytes: bavail * bsize, total_bytes: blocks * bsize };
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
