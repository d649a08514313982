/** The certificate that a server shows, before anything is sent to it. */
import { connect } from 'node:tls';
import { endpointOf } from './http-agent.ts';
import { connectionError } from './http-errors.ts';
import { parseStoreUrl } from './store-url.ts';
import { Failure } from '../../shared/errors.ts';

/** SHA-256 as 64 hex digits; undefined for a place without TLS. Rejects with a `StorageError`. */
export async function shownFingerprint(url: string, signal: AbortSignal): Promise<string | undefined> {
  const location = parseStoreUrl(url);
  if (location.kind !== 'rest' || location.url.protocol !== 'https:') return undefined;
  const { host, port } = endpointOf(location.url, {});
  signal.throwIfAborted();
  // It is only looked at: whether it is the right one decides who asks, and nothing is sent before.
  const socket = connect({ host, port, rejectUnauthorized: false, minVersion: 'TLSv1.2', ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }) });
  try {
    return await new Promise<string>((resolve, reject) => {
      socket.once('secureConnect', () => resolve(socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase()));
      // Stays for good: what breaks while it is closed does not matter.
      socket.on('error', (error) => reject(connectionError(error, 'connecting') as Error));
      socket.once('close', () => reject(connectionError(Object.assign(new Error('closed'), { code: 'ECONNRESET' }), 'connecting') as Error));
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  } finally {
    socket.destroy();
  }
}

export function fingerprintChanged(location: string, shown: string): Failure {
  return new Failure('FINGERPRINT_CHANGED', {
    what: `The server ${location} shows another certificate than before: its fingerprint is ${shown}`,
    safe: 'Nothing was sent to it',
    next: 'If the certificate was renewed, compare the fingerprint with what the server printed and set it in the repository; otherwise somebody may pretend to be the server',
  });
}
