/**
 * The repositories that the agent knows: what a person decided about them is in the settings, passwords and credentials in
 * the secret store.
 *
 * Vocabulary: the *default* is the embedded repository in the home folder, the same that the command line uses; its password
 * is in the file that the recovery sheet names. Its id is `default`, and it is known from its first use on.
 *
 * Invariants: a repository is known only after its password opened it; a secret is stored before the repository is known and
 * removed after it is forgotten; a certificate is pinned at the first connection, and another one is never talked to.
 */
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { basename, join } from 'node:path';
import type { Clock } from '../../core/platform/clock.ts';
import type { Home } from '../../core/platform/home.ts';
import type { Logger } from '../../core/platform/logger.ts';
import { loadAddon } from '../../core/native/load-addon.ts';
import { openStore } from '../../core/storage/open-store.ts';
import type { NewRepository, RecoverySheet, Repository } from '../../shared/contract/schemas/repository.ts';
import { Failure } from '../../shared/errors.ts';
import type { RepositoryAccess } from '../../shared/worker-protocol.ts';
import type { SettingsFile } from '../settings/settings-port.ts';
import { createDefaultRepository, defaultRepository, defaultRepositoryExists, replaceStoredPassword, storedPassword } from './default-repository.ts';
import { recoverySheet } from './recovery-sheet.ts';
import type { RepositoryRegistry } from './registry-port.ts';
import { connectRepository, withinPatience, type Connection, type ConnectionPorts, type Target } from '../../core/repository/connect-repository.ts';
import { parseRepositoryUrl, withCredentials, type Credentials, type RepositoryPlace } from './repository-url.ts';
import type { SecretStore } from './secret-store.ts';

export const defaultRepositoryId = 'default';
const defaultName = 'This computer';

export interface RepositoriesPorts {
  readonly settings: SettingsFile;
  readonly secrets: SecretStore;
  readonly home: Home;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What uses the repository, for people, as in `the plan "Documents"`; undefined where nothing does. */
  readonly usedBy: (id: string) => string | undefined;
  /** After every change; the id where a repository's password, certificate or existence changed, so that what is open of it is closed. */
  readonly onChange: (changed?: string) => void;
}

export type RepositoryChange = { readonly [Field in 'name' | 'password' | 'certificate_fingerprint']?: NewRepository[Field] | undefined };

export class Repositories implements RepositoryRegistry {
  readonly #ports: RepositoriesPorts;
  #making: Promise<Repository> | undefined;

  constructor(ports: RepositoriesPorts) {
    this.#ports = ports;
  }

  list(): Repository[] {
    return [...this.#ports.settings.document.repositories];
  }

  get(id: string): Repository {
    const found = this.#ports.settings.document.repositories.find(({ repository_id }) => repository_id === id);
    if (found === undefined) throw new Failure('REPOSITORY_NOT_FOUND', { what: `There is no repository ${id}`, next: 'List the repositories: it may have been removed' });
    return found;
  }

  /** Whether a plan or a job may use it: the default counts before it is made. */
  has(id: string): boolean {
    return id === defaultRepositoryId || this.list().some(({ repository_id }) => repository_id === id);
  }

  /** Adds an existing repository after its password opened it, or makes a new one. */
  async add(input: NewRepository): Promise<Repository> {
    const place = parseRepositoryUrl(input.url);
    this.#refuseKnown(place.url, this.list());
    const target = { url: withCredentials(place.url, place.credentials), password: input.password, certificateFingerprint: input.certificate_fingerprint };
    const connection = await this.#openOrCreate(target, input.create);
    await connection.close();
    const now = this.#now();
    const repository: Repository = {
      repository_id: randomUUID(),
      name: input.name ?? usualName(place),
      url: place.url,
      kind: place.kind,
      created_at: now,
      certificate_fingerprint: connection.certificateFingerprint,
      last_used_at: now,
      last_error: null,
    };
    await this.#storeSecrets(repository.repository_id, input.password, place.credentials);
    try {
      this.#change((repositories) => {
        this.#refuseKnown(place.url, repositories);
        return [...repositories, repository];
      });
    } catch (error) {
      await this.#removeSecrets(repository.repository_id);
      throw error;
    }
    return repository;
  }

  /** Changes a name, or after trying them a password or a pinned certificate. */
  async update(id: string, change: RepositoryChange): Promise<Repository> {
    const known = this.get(id);
    const { name, password, certificate_fingerprint } = change;
    const pin: Pick<Repository, 'certificate_fingerprint'> = { certificate_fingerprint: certificate_fingerprint ?? known.certificate_fingerprint };
    const reconnects = password !== undefined || certificate_fingerprint !== undefined;
    if (reconnects) {
      const target = await this.target(id);
      const connection = await connectRepository({ ...target, password: password ?? target.password, certificateFingerprint: pin.certificate_fingerprint ?? undefined }, 'open', this.#connectionPorts());
      await connection.close();
    }
    if (password !== undefined) await this.#replacePassword(id, password);
    this.#replace(id, { name: name ?? known.name, ...pin }, reconnects ? id : undefined);
    return this.get(id);
  }

  /** Forgets a repository here; what is stored in it stays. */
  async remove(id: string): Promise<void> {
    const { name } = this.get(id);
    const user = this.#ports.usedBy(id);
    if (user !== undefined) {
      throw new Failure('REPOSITORY_IN_USE', { what: `The repository "${name}" is used by ${user}`, safe: 'Nothing was changed', next: 'Remove or change what uses it first' });
    }
    this.#change((repositories) => repositories.filter(({ repository_id }) => repository_id !== id), id);
    await this.#removeSecrets(id);
  }

  /** `create`: only a new one, only an existing one, or by default whichever it is. */
  async #openOrCreate(target: Target, create: boolean | undefined): Promise<Connection> {
    if (create === true) return await connectRepository(target, 'create', this.#connectionPorts());
    try {
      return await connectRepository(target, 'open', this.#connectionPorts());
    } catch (error) {
      if (create === false || !(error instanceof Failure) || error.code !== 'REPOSITORY_MISSING') throw error;
      return await connectRepository(target, 'create', this.#connectionPorts());
    }
  }

  ensureDefault(): Promise<Repository> {
    this.#making ??= this.#makeDefault(undefined).finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }

  /** Makes the default with a password of the person; without one as `ensureDefault`. Failure REPOSITORY_EXISTS where another password opens it. */
  async setUpDefault(password: string | undefined): Promise<Repository> {
    if (password !== undefined) {
      await this.#making;
      this.#making = this.#makeDefault(password).finally(() => {
        this.#making = undefined;
      });
    }
    const made = await this.ensureDefault();
    if (password !== undefined && !(await this.passwordMatches(defaultRepositoryId, password))) {
      throw new Failure('REPOSITORY_EXISTS', { what: 'This computer already has a repository, with another password', safe: 'Nothing was changed', next: 'Use it with the password that is on its recovery sheet' }, { path: 'password' });
    }
    return made;
  }

  /** Whether it is the stored one; takes as long for any other of its length. Failures REPOSITORY_NOT_FOUND, PASSWORD_MISSING. */
  async passwordMatches(id: string, password: string): Promise<boolean> {
    const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
    return timingSafeEqual(digest((await this.target(id)).password), digest(password));
  }

  /** Holds the password. Failures REPOSITORY_NOT_FOUND, PASSWORD_MISSING. */
  async recoverySheet(id: string): Promise<RecoverySheet> {
    const { name, url, kind } = this.get(id);
    return this.#sheet(name, kind === 'embedded' ? undefined : url, (await this.target(id)).password);
  }

  /** The sheet of a repository that is about to be made. Failure INVALID_INPUT (`url`). */
  draftSheet({ url, password }: { readonly url?: string | undefined; readonly password: string }): RecoverySheet {
    const place = url === undefined ? undefined : parseRepositoryUrl(url);
    return this.#sheet(place === undefined ? defaultName : usualName(place), place?.url, password);
  }

  /** `url`: undefined for the default. */
  #sheet(name: string, url: string | undefined, password: string): RecoverySheet {
    const { path, passwordFile } = defaultRepository(this.#ports.home);
    const location = url ?? path;
    const written = new Date(this.#ports.clock.now());
    const text = recoverySheet({ location, password, written, ...(url === undefined ? { passwordFile } : {}) });
    return { location, text, file_name: `CyberBackup recovery sheet - ${name.replace(/[^\p{L}\p{N} ._-]+/gu, '-')}.txt` };
  }

  async access(id: string): Promise<RepositoryAccess> {
    if (id === defaultRepositoryId) await this.ensureDefault();
    const { url, password, certificateFingerprint } = await this.target(id);
    return { repositoryId: id, url, password, ...(certificateFingerprint === undefined ? {} : { certificateFingerprint }) };
  }

  /** As `access`, but makes nothing. Throws `REPOSITORY_NOT_FOUND`, `PASSWORD_MISSING`. */
  async target(id: string): Promise<Target> {
    const { url, kind, name, certificate_fingerprint } = this.get(id);
    const pin = certificate_fingerprint === null ? {} : { certificateFingerprint: certificate_fingerprint };
    if (kind === 'embedded') return { url, password: await this.#defaultPassword() };
    const password = await this.#ports.secrets.get(passwordName(id));
    if (password === undefined) {
      throw new Failure('PASSWORD_MISSING', { what: `The password of the repository "${name}" is not stored on this computer any more`, safe: 'What is stored in the repository is unchanged', next: 'Give its password again in the settings of the repository' });
    }
    const credentials = await this.#ports.secrets.get(credentialsName(id));
    return { url: withCredentials(url, credentials === undefined ? undefined : parseCredentials(credentials)), password, ...pin };
  }

  used(id: string, { error }: { readonly error: string | null }): void {
    if (!this.list().some(({ repository_id }) => repository_id === id)) return;
    try {
      this.#replace(id, { last_used_at: this.#now(), last_error: error });
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      this.#ports.logger.warn({ repository: id, reason: failure.text.what }, 'the last use of a repository could not be noted');
    }
  }

  async #makeDefault(password: string | undefined): Promise<Repository> {
    const { home, clock, logger } = this.#ports;
    const place = defaultRepository(home);
    if (!defaultRepositoryExists(place)) {
      await withinPatience(place.path, clock, async (signal) => {
        const addon = loadAddon();
        const store = openStore(place.path, { addon, clock, logger });
        try {
          const repository = await createDefaultRepository(home, place, { store, addon, clock, logger }, signal, password);
          await repository.close();
        } finally {
          await store.close();
        }
      });
    }
    if (this.list().every(({ repository_id }) => repository_id !== defaultRepositoryId)) {
      const made: Repository = { repository_id: defaultRepositoryId, name: defaultName, url: place.path, kind: 'embedded', created_at: this.#now(), certificate_fingerprint: null, last_used_at: null, last_error: null };
      this.#change((repositories) => [made, ...repositories]);
    }
    return this.get(defaultRepositoryId);
  }

  async #defaultPassword(): Promise<string> {
    const password = await storedPassword(defaultRepository(this.#ports.home));
    try {
      return password.toString('utf8');
    } finally {
      password.fill(0);
    }
  }

  async #replacePassword(id: string, password: string): Promise<void> {
    if (this.get(id).kind !== 'embedded') await this.#ports.secrets.set(passwordName(id), password);
    else await replaceStoredPassword(defaultRepository(this.#ports.home), Buffer.from(password), new Date(this.#ports.clock.now()));
  }

  async #storeSecrets(id: string, password: string, credentials: Credentials | undefined): Promise<void> {
    if (credentials !== undefined) await this.#ports.secrets.set(credentialsName(id), JSON.stringify([credentials.username, credentials.password]));
    await this.#ports.secrets.set(passwordName(id), password);
  }

  async #removeSecrets(id: string): Promise<void> {
    await this.#ports.secrets.remove(passwordName(id));
    await this.#ports.secrets.remove(credentialsName(id));
  }

  #refuseKnown(url: string, repositories: readonly Repository[]): void {
    const isDefault = url === defaultRepository(this.#ports.home).path;
    const known = repositories.find((repository) => repository.url === url);
    if (known === undefined && !isDefault) return;
    throw new Failure(
      'REPOSITORY_EXISTS',
      { what: `The repository ${url} is known already, as "${known?.name ?? defaultName}"`, safe: 'Nothing was changed', next: `Use it under its id, ${known?.repository_id ?? defaultRepositoryId}` },
      { path: 'url' },
    );
  }

  #replace(id: string, fields: Partial<Repository>, changed?: string): void {
    this.#change((repositories) => repositories.map((repository) => (repository.repository_id === id ? { ...repository, ...fields } : repository)), changed);
  }

  #change(change: (repositories: readonly Repository[]) => readonly Repository[], changed?: string): void {
    this.#ports.settings.update((document) => ({ ...document, repositories: change(document.repositories) }));
    this.#ports.onChange(changed);
  }

  #connectionPorts(): ConnectionPorts {
    return connectionPorts(this.#ports);
  }

  #now(): string {
    return new Date(this.#ports.clock.now()).toISOString();
  }
}

/** How the agent connects: with a cache in the home folder. */
export function connectionPorts({ clock, logger, home }: Pick<RepositoriesPorts, 'clock' | 'logger' | 'home'>): ConnectionPorts {
  return { clock, logger, cacheDirectory: join(home.cache, 'repositories') };
}

function passwordName(id: string): string {
  return `repository:${id}:password`;
}

function credentialsName(id: string): string {
  return `repository:${id}:credentials`;
}

function parseCredentials(text: string): Credentials {
  const [username = '', password = ''] = JSON.parse(text) as string[];
  return { username, password };
}

/** Until a person gives another: the folder, or the server with the path on it. */
function usualName({ kind, url }: RepositoryPlace): string {
  const name = kind === 'local' ? basename(url) || url : decodeHost(url);
  return name.slice(0, 120);
}

function decodeHost(url: string): string {
  const { host, pathname } = new URL(url.slice('rest:'.length));
  return `${host}${pathname.replace(/\/$/, '')}`;
}
