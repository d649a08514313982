/**
 * Connections to the server: kept alive, and trusted before the first byte of a request is sent.
 *
 * Vocabulary: a *pin* is the SHA-256 fingerprint of the server's certificate. With a pin exactly that certificate is
 * trusted, self-signed or not; without one the usual authorities, or the given ones, decide.
 */
import { Agent as HttpAgent } from 'node:http';
import type { ClientRequestArgs } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { StorageError } from './object-store.ts';

export interface TlsOptions {
  /** PEM certificates that replace the system's authorities. */
  readonly ca?: string | Buffer;
  /** 64 hex digits; colons and case do not matter. */
  readonly fingerprint?: string;
}

const keepAliveProbe = 30_000;

/** One agent for one store; `idle` is how many idle connections it keeps. */
export function createAgent(secure: boolean, idle: number, tls: TlsOptions): HttpAgent {
  const options = { keepAlive: true, keepAliveMsecs: keepAliveProbe, maxFreeSockets: idle, noDelay: true };
  if (!secure) return new HttpAgent(options);
  const trust = { ...options, minVersion: 'TLSv1.2' as const, ...(tls.ca === undefined ? {} : { ca: tls.ca }) };
  return tls.fingerprint === undefined ? new HttpsAgent(trust) : new PinningAgent(trust, normalFingerprint(tls.fingerprint));
}

/** Lower-case hex without colons; kind `permanent` for anything that is no SHA-256 fingerprint. */
export function normalFingerprint(text: string): string {
  const plain = text.replaceAll(':', '').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(plain)) throw new StorageError('permanent', 'the certificate fingerprint is not 64 hex digits');
  return plain;
}

type Connected = (error: Error | null, socket: Duplex) => void;

class PinningAgent extends HttpsAgent {
  readonly #pin: string;

  constructor(options: ConstructorParameters<typeof HttpsAgent>[0], pin: string) {
    super({ ...options, rejectUnauthorized: false });
    this.#pin = pin;
  }

  // The socket is handed over only after its certificate was compared, so no credential reaches another server.
  override createConnection(options: ClientRequestArgs, connected?: Connected): Duplex | null | undefined {
    const host = options.host ?? 'localhost';
    const socket = connect({ host, port: Number(options.port), ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }), rejectUnauthorized: false, minVersion: 'TLSv1.2' });
    const onError = (error: Error): void => connected?.(error, socket);
    socket.once('error', onError);
    socket.once('secureConnect', () => {
      socket.removeListener('error', onError);
      const seen = socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase();
      if (seen === this.#pin) {
        connected?.(null, socket);
        return;
      }
      socket.destroy();
      connected?.(new StorageError('permanent', `the certificate of the server is another one: its fingerprint is ${seen}`), socket);
    });
    return undefined;
  }
}
