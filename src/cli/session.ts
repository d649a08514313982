/**
 * An open repository for the length of one command: store, password, keys and lock, taken in this order and given back
 * in the reverse one, whatever happens in between.
 */
import { join } from 'node:path';
import { createDefaultRepository, defaultRepository, defaultRepositoryExists, type DefaultRepository } from '../agent/repositories/default-repository.ts';
import { loadAddon } from '../core/native/load-addon.ts';
import type { IndexLoadOptions } from '../core/repository/load-options.ts';
import { openRepository, type Repository } from '../core/repository/repository.ts';
import type { Lock } from '../core/repository/lock.ts';
import { withLock } from '../core/repository/with-lock.ts';
import type { ObjectStore } from '../core/storage/object-store.ts';
import { storageFailure } from '../core/storage/storage-failure.ts';
import { parseStoreUrl } from '../core/storage/store-url.ts';
import { Failure } from '../shared/errors.ts';
import type { CliContext } from './context.ts';
import { failureLine, toFailure } from './explain-error.ts';
import { fromEnvironment } from './global-options.ts';
import { thisHost } from './identity.ts';
import { visibleText } from './output/visible-text.ts';
import { obtainPassword } from './password.ts';
import { requireRepository } from './repository-exists.ts';
import { openCommandStore } from './command-store.ts';

export interface RepositoryChoice {
  readonly url: string;
  /** Set where nobody named a repository. */
  readonly embedded?: DefaultRepository;
}

export interface Session {
  readonly repository: Repository;
  readonly choice: RepositoryChoice;
  /** Ends with the command's own signal or when the lock is lost. */
  readonly signal: AbortSignal;
  /** Settles when the lock is sure; to be awaited before anything is written or removed. */
  readonly locked: Promise<void>;
  /** The lock itself, for work that stores packs; without a lock one that is sure and is never lost. */
  readonly lock: Pick<Lock, 'confirmed' | 'signal'>;
  /** This run created the default repository. */
  readonly created: boolean;
}

export interface SessionOptions {
  readonly lock: 'none' | 'shared' | 'exclusive';
  /** False where only the repository itself counts, and no copy of it on this machine. */
  readonly cache?: false;
  /** Create the default repository if nobody named one and it does not exist yet. */
  readonly createDefault?: boolean;
}

export function chooseRepository(context: CliContext): RepositoryChoice {
  const url = context.options.repo ?? fromEnvironment(context.env, 'REPOSITORY');
  if (url !== undefined && url !== '') return { url };
  const embedded = defaultRepository(context.home);
  return { url: embedded.path, embedded };
}

/** Opens the repository, runs the body, and releases lock, keys and connections. */
export async function withSession<T>(context: CliContext, options: SessionOptions, body: (session: Session) => Promise<T>): Promise<T> {
  const choice = chooseRepository(context);
  const addon = loadAddon();
  const store = openCommandStore(context, choice.url, addon);
  try {
    const missing = options.createDefault === true && choice.embedded !== undefined && !defaultRepositoryExists(choice.embedded) ? choice.embedded : undefined;
    const ports = { store, addon, clock: context.clock, logger: context.logger, ...cacheOf(context, options, choice.url) };
    const repository = missing !== undefined ? await createDefaultRepository(context.home, missing, ports, context.signal) : await openChosen(context, ports, choice);
    try {
      return await locked(context, options, repository, async (lock) =>
        await body({
          repository,
          choice,
          created: missing !== undefined,
          signal: lock === undefined ? context.signal : AbortSignal.any([context.signal, lock.signal]),
          locked: lock?.confirmed ?? Promise.resolve(),
          lock: lock ?? { confirmed: Promise.resolve(), signal: new AbortController().signal },
        }),
      );
    } finally {
      await repository.close();
    }
  } catch (error) {
    throw storageFailure(error, store.location);
  } finally {
    await closeQuietly(context, store);
  }
}

/** A repository on this machine's disks is as near as a copy of it would be. */
function cacheOf(context: CliContext, options: SessionOptions, url: string): { readonly cacheDirectory?: string } {
  const wanted = context.options.cache && options.cache !== false;
  return wanted && parseStoreUrl(url).kind !== 'local' ? { cacheDirectory: join(context.home.cache, 'repositories') } : {};
}

async function openChosen(context: CliContext, ports: Parameters<typeof openRepository>[0], choice: RepositoryChoice): Promise<Repository> {
  if (choice.embedded !== undefined && !defaultRepositoryExists(choice.embedded)) {
    throw new Failure('REPOSITORY_MISSING', {
      what: `There is no backup on this computer yet (${choice.embedded.path})`,
      next: 'Run "cyberbackup backup FOLDER" to make the first one, or name a repository with --repo',
    });
  }
  const password = await obtainPassword(context, {
    purpose: 'open',
    variables: 'PASSWORD',
    file: context.options.passwordFile,
    storedFile: choice.embedded?.passwordFile,
    question: `Password of ${visibleText(ports.store.location)}`,
    empty: context.options.insecureNoPassword,
    beforeAsking: () => requireRepository(ports.store, context.signal),
  });
  try {
    return await openRepository(ports, { password }, context.signal);
  } finally {
    password.fill(0);
  }
}

async function locked<T>(context: CliContext, options: SessionOptions, repository: Repository, body: (lock: Lock | undefined) => Promise<T>): Promise<T> {
  if (options.lock === 'none') return await body(undefined);
  const onKept = (error: unknown): void => context.terminal.message(`${failureLine(toFailure(error))} The lock of this command stays until "cyberbackup unlock".`);
  return await withLock(repository, { exclusive: options.lock === 'exclusive', hostname: thisHost(), signal: context.signal, onKept }, body);
}

/**
 * Loads the index for reading. A damaged index file is named and does not stop the rest: what other files list can
 * still be had.
 */
export async function loadIndexForReading(context: CliContext, repository: Repository, signal: AbortSignal, options: Pick<IndexLoadOptions, 'blobs'> = {}): Promise<void> {
  const { damaged } = await repository.loadIndex(signal, { ...options, tolerateDamage: true });
  for (const { failure } of damaged) context.terminal.message(failureLine(failure));
}

async function closeQuietly(context: CliContext, store: ObjectStore): Promise<void> {
  try {
    await store.close();
  } catch (error) {
    context.logger.warn({ error }, 'The connection to the repository did not close cleanly');
  }
}
