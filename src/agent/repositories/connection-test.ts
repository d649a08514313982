/** Tries a connection and tells in calm words what there is, without keeping or changing anything. */
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { StorageError } from '../../core/storage/object-store.ts';
import type { connectionTest, NewRepository } from '../../shared/contract/schemas/repository.ts';
import { Failure } from '../../shared/errors.ts';
import { connectRepository, openTargetStore, withinPatience, type ConnectionPorts } from '../../core/repository/connect-repository.ts';
import { parseRepositoryUrl, withCredentials, type RepositoryPlace } from './repository-url.ts';
import { shownFingerprint } from '../../core/storage/shown-fingerprint.ts';

export type ConnectionTest = z.infer<typeof connectionTest>;
export type ConnectionQuestion = Pick<NewRepository, 'url' | 'certificate_fingerprint'> & { readonly password?: string | undefined };

const nothing: ConnectionTest = { reachable: false, exists: null, password_opens: null, version: null, latency_ms: null, certificate_fingerprint: null, message: '' };

/** Failure INVALID_INPUT (`url`); whatever else goes wrong is an answer. */
export async function testConnection(question: ConnectionQuestion, ports: ConnectionPorts): Promise<ConnectionTest> {
  const place = parseRepositoryUrl(question.url);
  const url = withCredentials(place.url, place.credentials);
  let found = nothing;
  try {
    return await withinPatience(url, ports.clock, async (signal) => {
      if (!(await isThere(place))) return { ...found, message: `There is no folder ${dirname(place.url)}: is its drive connected?` };
      const certificate_fingerprint = (await shownFingerprint(url, signal)) ?? null;
      found = { ...found, certificate_fingerprint };
      const { certificate_fingerprint: expected } = question;
      if (expected !== undefined && certificate_fingerprint !== null && expected !== certificate_fingerprint) {
        return { ...found, reachable: true, message: `The server answers, but its certificate is another one than expected: its fingerprint is ${certificate_fingerprint}. Nothing was sent to it.` };
      }
      found = { ...found, ...(await lookAtConfig(url, certificate_fingerprint ?? undefined, ports, signal)) };
      if (found.exists !== true) return { ...found, message: 'There is no repository yet; one can be made here.' };
      return question.password === undefined ? { ...found, message: 'There is a repository; its password was not tried.' } : { ...found, ...(await tryPassword(url, question.password, found, ports)) };
    });
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'INTERNAL') throw error;
    return { ...found, ...afterFailure(error) };
  }
}

/** A folder may be made, but not the drive that it is to be on. */
async function isThere({ kind, url }: RepositoryPlace): Promise<boolean> {
  if (kind !== 'local') return true;
  try {
    await access(dirname(url));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw new StorageError('denied', 'the folder cannot be looked into', { cause: error });
  }
}

async function lookAtConfig(url: string, fingerprint: string | undefined, ports: ConnectionPorts, signal: AbortSignal): Promise<Pick<ConnectionTest, 'reachable' | 'exists' | 'latency_ms'>> {
  const store = openTargetStore(url, fingerprint, ports);
  const start = ports.clock.monotonic();
  const latency = (): number => Math.round((ports.clock.monotonic() - start) * 10) / 10;
  try {
    await store.stat({ type: 'config', name: '' }, signal);
    return { reachable: true, exists: true, latency_ms: latency() };
  } catch (error) {
    if (error instanceof StorageError && error.kind === 'not-found') return { reachable: true, exists: false, latency_ms: latency() };
    throw error;
  } finally {
    await store.close();
  }
}

async function tryPassword(url: string, password: string, found: ConnectionTest, ports: ConnectionPorts): Promise<Pick<ConnectionTest, 'password_opens' | 'version' | 'message'>> {
  try {
    const connection = await connectRepository({ url, password, certificateFingerprint: found.certificate_fingerprint ?? undefined }, 'open', ports);
    const { version } = connection.repository.config;
    await connection.close();
    return { password_opens: true, version, message: 'Everything is in order: the repository is there, and the password opens it.' };
  } catch (error) {
    if (error instanceof Failure && error.code === 'WRONG_PASSWORD') return { password_opens: false, version: null, message: 'There is a repository, but this password does not open it.' };
    throw error;
  }
}

function afterFailure(error: Failure): Partial<ConnectionTest> {
  switch (error.code) {
    case 'STORAGE_UNREACHABLE':
      return { reachable: false, message: `It cannot be reached now: ${error.text.what}.` };
    case 'STORAGE_DENIED':
      return { reachable: true, message: `It can be reached, but refuses access: user name, password or permissions do not fit (${error.text.what}).` };
    default:
      return { reachable: true, message: `${error.message}.` };
  }
}
