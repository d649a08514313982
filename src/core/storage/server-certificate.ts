/** Looks at the certificate of a server before anything is sent to it: what a first connection pins. */
import type { Clock } from '../platform/clock.ts';
import { endpointOf, normalFingerprint, tlsModule, tlsTarget } from './http-agent.ts';
import { connectionError } from './http-errors.ts';
import { connectLimit } from './http-limits.ts';
import { StorageError } from './object-store.ts';
import { StallGuard } from './stall-guard.ts';
import { storageFailure } from './storage-failure.ts';
import { parseStoreUrl, withoutCredentials } from './store-url.ts';

export interface ServerCertificate {
  /** SHA-256, 64 hex digits. */
  readonly fingerprint: string;
  /** Whether the authorities of this system vouch for it; where not, only a pin makes it trusted. */
  readonly vouched: boolean;
}

/**
 * Connects to the server of a location, reads its certificate and closes; no request is sent. Undefined where the location
 * has none (a folder, plain HTTP). Throws `Failure` USAGE, STORAGE_UNREACHABLE, STORAGE_FAILED.
 */
export async function serverCertificate(location: string, clock: Clock, signal?: AbortSignal): Promise<ServerCertificate | undefined> {
  const parsed = parseStoreUrl(location);
  if (parsed.kind !== 'rest' || parsed.url.protocol !== 'https:') return undefined;
  try {
    return await shownCertificate(parsed.url, clock, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw storageFailure(connectionError(error, 'looking at the certificate'), withoutCredentials(location));
  }
}

async function shownCertificate(url: URL, clock: Clock, signal: AbortSignal | undefined): Promise<ServerCertificate> {
  signal?.throwIfAborted();
  const socket = tlsModule().connect({ ...tlsTarget(endpointOf(url, {})), rejectUnauthorized: false });
  const guard = new StallGuard(clock, () => socket.destroy(new StorageError('unreachable', 'the server does not answer')));
  const onAbort = (): void => void socket.destroy(new StorageError('temporary', 'given up'));
  signal?.addEventListener('abort', onAbort, { once: true });
  guard.arm(connectLimit);
  try {
    return await new Promise<ServerCertificate>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('close', () => reject(new StorageError('temporary', 'the connection broke before the certificate came')));
      socket.once('secureConnect', () => resolve({ fingerprint: normalFingerprint(socket.getPeerCertificate().fingerprint256), vouched: socket.authorized }));
    });
  } finally {
    guard.close();
    signal?.removeEventListener('abort', onAbort);
    // What breaks while it is closed does not matter.
    socket.on('error', () => undefined);
    socket.destroy();
  }
}
