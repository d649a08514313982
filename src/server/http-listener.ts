/**
 * The socket side: node:http or node:https with limits on headers and connections, and the monitor on each connection.
 *
 * Invariants: Node's limit on a request's total time (300 s by default) is off, since a slow line may need longer for one
 * pack; progress is the monitor's to judge. What cannot be parsed gets a status, not a reset.
 */
import { STATUS_CODES, createServer as createPlainServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '../core/platform/logger.ts';
import { Failure } from '../shared/errors.ts';
import type { ConnectionMonitor } from './connection-monitor.ts';
import type { ServerLimits } from './server-options.ts';
import type { TlsIdentity } from './tls-files.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) => void;

const handshakeMs = 15_000;
/** Connections over the limit that still get an answer instead of a reset. */
const refusedConnections = 64;

export interface Listener {
  readonly server: Server;
  /** Ends every connection, those in a TLS handshake too. */
  destroyConnections(): void;
}

export function createListener(limits: ServerLimits, identity: TlsIdentity | undefined, monitor: ConnectionMonitor, handle: RequestHandler): Listener {
  const options = {
    requestTimeout: 0,
    headersTimeout: limits.headersMs,
    connectionsCheckingInterval: Math.max(50, Math.min(5000, limits.headersMs / 2)),
    keepAliveTimeout: limits.keepAliveMs,
    maxHeaderSize: limits.maximumHeaderBytes,
    noDelay: true,
    keepAlive: true,
  };
  const server =
    identity === undefined
      ? createPlainServer(options)
      : createTlsServer({ ...options, cert: identity.cert, key: identity.key, minVersion: 'TLSv1.2', handshakeTimeout: handshakeMs, ALPNProtocols: ['http/1.1'] });
  // Counted by the handler instead, which answers 431; Node would drop the surplus silently.
  server.maxHeadersCount = 0;
  server.maxConnections = limits.maximumConnections + refusedConnections;
  server.on(identity === undefined ? 'connection' : 'secureConnection', (socket: Socket) => monitor.watch(socket));
  if (identity !== undefined) server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
  server.on('request', (request, response) => handle(request, response, false));
  server.on('checkContinue', (request, response) => handle(request, response, true));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => refuse(error, socket, monitor));
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return {
    server,
    destroyConnections() {
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Listens; a `Failure` says in one line that the port is taken, or the address is not this machine's. */
export function listen(server: Server, host: string, port: number, logger: Logger, flag = '--listen'): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => reject(listenFailure(error, host, port, flag));
    server.once('error', onError);
    server.listen({ host, port, exclusive: true, backlog: 1024 }, () => {
      server.off('error', onError);
      // Out of descriptors, for one: the connection is lost, the server goes on.
      server.on('error', (error) => logger.warn({ reason: String(error) }, 'a connection could not be accepted'));
      resolve(server.address() as AddressInfo);
    });
  });
}

function listenFailure(error: NodeJS.ErrnoException, host: string, port: number, flag: string): Failure {
  if (error.code === 'EADDRINUSE') {
    return new Failure('PORT_IN_USE', { what: `Port ${port} of ${host} is in use by another program`, next: `Stop it, or choose another port with ${flag}` }, { cause: error });
  }
  const reason = error.code === 'EACCES' ? 'this user may not use that port' : `the address is not one of this machine (${error.code ?? 'unknown'})`;
  return new Failure('CONFIGURATION', { what: `Cannot listen on ${host}, port ${port}: ${reason}`, next: `Choose another address with ${flag}` }, { cause: error });
}

/** Answers what the parser refused: slow or oversized headers, two lengths, no HTTP at all. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex, monitor: ConnectionMonitor): void {
  monitor.noteError(socket as Socket, error);
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  if (socket.destroyed) return;
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
