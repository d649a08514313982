/** Connecting to a repository: the certificate first, then the store, then the password. */
import { loadAddon } from '../native/load-addon.ts';
import type { Clock } from '../platform/clock.ts';
import { withDeadline } from '../platform/deadline.ts';
import type { Logger } from '../platform/logger.ts';
import { createRepository, openRepository, type Repository, type RepositoryPorts } from './repository.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { openStore } from '../storage/open-store.ts';
import { storageFailure } from '../storage/storage-failure.ts';
import { withoutCredentials } from '../storage/store-url.ts';
import { Failure } from '../../shared/errors.ts';
import { fingerprintChanged, shownFingerprint } from '../storage/shown-fingerprint.ts';

export interface ConnectionPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where copies of what is read again and again are kept; without it there are none. */
  readonly cacheDirectory?: string;
}

export interface Target {
  /** May hold credentials. */
  readonly url: string;
  readonly password: string;
  /** Undefined: whatever certificate is shown. */
  readonly certificateFingerprint?: string | undefined;
}

export interface Connection {
  readonly repository: Repository;
  /** That the server shows; null without TLS. */
  readonly certificateFingerprint: string | null;
  close(): Promise<void>;
}

/** A person waits: what does not answer by then counts as unreachable. */
const patience = 60_000;
/** Within which an operation is tried again. */
const retryBudget = 3000;

/** Opens the repository, or makes it. Failures: those of both, STORAGE_… and FINGERPRINT_CHANGED. `leaving`: of one who may not wait so long. */
export async function connectRepository(target: Target, mode: 'open' | 'create', ports: ConnectionPorts, leaving?: AbortSignal): Promise<Connection> {
  const open = async (signal: AbortSignal): Promise<Connection> => {
    const certificateFingerprint = await checkedFingerprint(target, signal);
    const store = openTargetStore(target.url, certificateFingerprint, ports);
    const password = Buffer.from(target.password);
    try {
      const repositoryPorts: RepositoryPorts = { store, addon: loadAddon(), ...ports };
      const repository = await (mode === 'create' ? createRepository(repositoryPorts, { password }, signal) : openRepository(repositoryPorts, { password }, signal));
      return {
        repository,
        certificateFingerprint: certificateFingerprint ?? null,
        close: async () => {
          await repository.close();
          await store.close();
        },
      };
    } catch (error) {
      await store.close();
      throw error;
    } finally {
      password.fill(0);
    }
  };
  return await withinPatience(target.url, ports.clock, open, leaving);
}

/** The store alone, trusted by this certificate and no other. */
export function openTargetStore(url: string, fingerprint: string | undefined, { clock, logger }: ConnectionPorts): ObjectStore {
  return openStore(url, { addon: loadAddon(), clock, logger, retryBudget, env: fingerprint === undefined ? {} : { CYBERBACKUP_TLS_FINGERPRINT: fingerprint } });
}

/** Runs within a person's patience, who may leave before; storage errors become failures. */
export async function withinPatience<T>(url: string, clock: Clock, body: (signal: AbortSignal) => Promise<T>, leaving?: AbortSignal): Promise<T> {
  const location = withoutCredentials(url);
  let deadline: AbortSignal | undefined;
  try {
    leaving?.throwIfAborted();
    return await withDeadline(clock, patience, leaving, (signal) => {
      deadline = signal;
      return body(signal);
    });
  } catch (error) {
    leaving?.throwIfAborted();
    if (deadline?.aborted === true && error === deadline.reason) {
      throw new Failure('STORAGE_UNREACHABLE', { what: `The storage ${location} did not answer within a minute`, safe: 'Everything that was stored before is unchanged', next: 'Check the address, the network and that the server runs' }, { cause: error });
    }
    throw storageFailure(error, location);
  }
}

async function checkedFingerprint({ url, certificateFingerprint }: Target, signal: AbortSignal): Promise<string | undefined> {
  const shown = await shownFingerprint(url, signal);
  if (shown === undefined && certificateFingerprint !== undefined) {
    throw new Failure('INVALID_INPUT', { what: `The place ${withoutCredentials(url)} has no certificate to compare`, safe: 'Nothing was sent to it', next: 'Use rest:https://…, or leave the fingerprint out' }, { path: 'certificate_fingerprint' });
  }
  if (shown !== undefined && certificateFingerprint !== undefined && shown !== certificateFingerprint) throw fingerprintChanged(withoutCredentials(url), shown);
  return shown;
}
