/**
 * Connections to the server: kept alive, and trusted before the first byte of a request is sent.
 *
 * Vocabulary: a *pin* is the SHA-256 fingerprint of the server's certificate. With a pin exactly that certificate is
 * trusted, self-signed or not; without one the usual authorities, or the given ones, decide.
 */
import { Agent as HttpAgent } from 'node:http';
import type { ClientRequestArgs } from 'node:http';
import type * as https from 'node:https';
import { connect as connectPlain } from 'node:net';
import type { OnReadOpts, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type * as tls from 'node:tls';
import { StorageError } from './object-store.ts';

export interface TlsOptions {
  /** PEM certificates that replace the system's authorities. */
  readonly ca?: string | Buffer;
  /** 64 hex digits; colons and case do not matter. */
  readonly fingerprint?: string;
  /** Told the fingerprint of each connection's certificate, 64 hex digits, once that is trusted. */
  readonly onCertificate?: (fingerprint: string) => void;
}

export interface Endpoint {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  readonly tls: TlsOptions;
}

const keepAliveProbe = 30_000;

/** Node's modules for TLS, only when a server wants it: loading them takes 10 ms of processor time from each start. */
export const httpsModule = (): typeof https => process.getBuiltinModule('node:https');
export const tlsModule = (): typeof tls => process.getBuiltinModule('node:tls');

/** Where a base URL leads. */
export function endpointOf(base: URL, tls: TlsOptions): Endpoint {
  const secure = base.protocol === 'https:';
  return { secure, host: base.hostname.replace(/^\[|\]$/g, ''), port: base.port === '' ? (secure ? 443 : 80) : Number(base.port), tls };
}

/** One agent for one store; `idle` is how many idle connections it keeps. */
export function createAgent(endpoint: Endpoint, idle: number): HttpAgent {
  const options = { keepAlive: true, keepAliveMsecs: keepAliveProbe, maxFreeSockets: idle, noDelay: true };
  if (!endpoint.secure) return new HttpAgent(options);
  const agent = new (httpsModule().Agent)(options);
  // The socket is handed over only after its certificate was judged, so no credential reaches another server.
  agent.createConnection = (_options: ClientRequestArgs, connected?: Connected): undefined => {
    const socket = openSocket(endpoint, (error) => connected?.(error ?? null, socket));
  };
  return agent;
}

type Connected = (error: Error | null, socket: Duplex) => void;

/**
 * Connects; `trusted` is called once, without an error when the connection stands and, over TLS, its certificate is
 * trusted. With `onread`, incoming bytes go straight to its buffers.
 */
export function openSocket(endpoint: Endpoint, trusted: (error: Error | undefined) => void, onread?: OnReadOpts): Socket {
  const { host, port, secure, tls: trust } = endpoint;
  const reading = onread === undefined ? {} : { onread };
  const plain = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveProbe, ...reading };
  if (!secure) {
    const socket = connectPlain(plain);
    settleOnce(socket, 'connect', trusted, () => undefined);
    return socket;
  }
  const pin = trust.fingerprint === undefined ? undefined : normalFingerprint(trust.fingerprint);
  // Node's types know `onread` of a plain socket only; TLS takes it too (documentation of tls.connect).
  const options: tls.ConnectionOptions = { ...plain, ...tlsTarget(endpoint), rejectUnauthorized: pin === undefined };
  if (trust.ca !== undefined) options.ca = trust.ca;
  const socket = tlsModule().connect(options);
  settleOnce(socket, 'secureConnect', trusted, () => {
    const seen = normalFingerprint(socket.getPeerCertificate().fingerprint256);
    if (pin !== undefined && seen !== pin) return new StorageError('untrusted', `its fingerprint is ${seen}, pinned is ${pin}`);
    trust.onCertificate?.(seen);
    return undefined;
  });
  return socket;
}

/** Where and how to speak TLS; addresses have no name to ask for. */
export function tlsTarget({ host, port }: Endpoint): tls.ConnectionOptions {
  return { host, port, minVersion: 'TLSv1.2', ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }) };
}

/** Lower-case hex without colons; kind `permanent` for anything that is no SHA-256 fingerprint. */
export function normalFingerprint(text: string): string {
  const plain = text.replaceAll(':', '').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(plain)) throw new StorageError('permanent', 'the certificate fingerprint is not 64 hex digits');
  return plain;
}

function settleOnce(socket: Socket, event: 'connect' | 'secureConnect', settled: (error: Error | undefined) => void, judge: () => Error | undefined): void {
  const onError = (error: Error): void => settled(error);
  socket.once('error', onError);
  socket.once(event, () => {
    socket.removeListener('error', onError);
    const refusal = judge();
    if (refusal !== undefined) {
      // Nothing was sent; what breaks while it is closed does not matter.
      socket.on('error', () => undefined);
      socket.destroy();
    }
    settled(refusal);
  });
}
