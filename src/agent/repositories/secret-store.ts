/**
 * Where passwords and credentials are kept. In a plain process a file of mode 0600; the desktop puts the system's keychain
 * behind the same interface.
 *
 * Invariant: a secret is never logged, and never part of a failure.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { DocumentFile, type DocumentKind, type DocumentPlace, type Repair } from '../settings/document-file.ts';

export interface SecretStore {
  /** Undefined where there is none of that name. */
  get(name: string): Promise<string | undefined>;
  /** Resolves when it is durable; failures as those of the settings. */
  set(name: string, secret: string): Promise<void>;
  /** Also where there is none. */
  remove(name: string): Promise<void>;
}

/** A store that is opened with the agent. */
export interface OpenedSecretStore extends SecretStore {
  /** What opening had to repair, for an alert. */
  readonly repair: Repair | undefined;
}

export type OpenSecretStore = (configuration: string, ports: Omit<DocumentPlace, 'path'>) => OpenedSecretStore;

type Secrets = Record<string, string>;

const kind: DocumentKind<Secrets> = { title: 'secrets', version: 1, migrations: [], schema: z.record(z.string(), z.string()), empty: () => ({}) };

/** `secrets.json` (or another name) in the configuration folder, with its copy. */
export class FileSecretStore implements OpenedSecretStore {
  readonly #file: DocumentFile<Secrets>;

  /** Failure CONFIGURATION where other users may read the file and that cannot be changed, and for a newer format. */
  constructor(configuration: string, ports: Omit<DocumentPlace, 'path'>, fileName = 'secrets.json') {
    this.#file = new DocumentFile(kind, { path: join(configuration, fileName), ...ports });
  }

  get repair(): Repair | undefined {
    return this.#file.repair;
  }

  get(name: string): Promise<string | undefined> {
    return Promise.resolve(Object.hasOwn(this.#file.content, name) ? this.#file.content[name] : undefined);
  }

  // Asynchronous, so that what the disk says against it is a rejection, as with a keychain.
  async set(name: string, secret: string): Promise<void> {
    await Promise.resolve();
    this.#file.replace({ ...this.#file.content, [name]: secret });
  }

  async remove(name: string): Promise<void> {
    if ((await this.get(name)) === undefined) return;
    this.#file.replace(Object.fromEntries(Object.entries(this.#file.content).filter(([other]) => other !== name)));
  }
}
