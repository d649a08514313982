/**
 * Events to clients over Socket.IO, on the port of the HTTP API, path `/socket.io`, `auth: { token }`.
 *
 * Invariants: the same checks of headers as for HTTP, before anything else; no event reaches a client without a valid
 * credential; clients send nothing: one that does is let go.
 */
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server } from 'socket.io';
import type { Socket } from 'socket.io';
import type { Clock } from '../../core/platform/clock.ts';
import { gatheredEvents, gatherMs } from '../../shared/contract/events.ts';
import { Failure } from '../../shared/errors.ts';
import type { EventHub } from '../event-hub.ts';
import type { Credentials } from './credentials.ts';
import { EventOutbox } from './event-outbox.ts';
import { answerRaw } from './http-limits.ts';
import { refusalOf } from './request-gate.ts';
import { apiHeaders } from './security-headers.ts';

export interface EventServices {
  readonly hub: EventHub;
  readonly credentials: Credentials;
  readonly clock: Clock;
  /** The port that the server listens on. */
  readonly port: () => number;
}

export interface EventServer {
  /** Connected clients. */
  clients(): number;
  /** Lets every client go; the HTTP server is not touched. */
  close(): void;
}

/** A client has to send nothing but its token. */
const largestMessageBytes = 16 * 1024;
const connectMs = 5000;
/** So often a client hears from here. */
const pingMs = 8000;
/** Without an answer for so long a client counts as gone, and without a word for both together the agent does: a busy machine may take its time. */
const patienceMs = 20_000;
const mostClients = 100;

export function serveEvents(server: HttpServer, { hub, credentials, clock, port }: EventServices): EventServer {
  const io = new Server({
    path: '/socket.io',
    serveClient: false,
    maxHttpBufferSize: largestMessageBytes,
    connectTimeout: connectMs,
    pingInterval: pingMs,
    pingTimeout: patienceMs,
    perMessageDeflate: false,
    httpCompression: false,
    allowRequest: (request, answer) => {
      const refused = refusalOf(gated(request), port()) !== undefined || io.engine.clientsCount >= mostClients;
      answer(refused ? 'forbidden' : undefined, !refused);
    },
  });
  io.attach(server);
  server.on('upgrade', refuseOtherUpgrades(port));
  // Engine.IO says `no-store` itself.
  const { 'Cache-Control': _, ...securityHeaders } = apiHeaders;
  io.engine.on('headers', (headers: Record<string, string>) => Object.assign(headers, securityHeaders));
  io.use((socket, next) => {
    const { token } = socket.handshake.auth as { token?: unknown };
    if (typeof token === 'string' && credentials.admits(token)) next();
    else next(Object.assign(new Error('The token of the local API is missing or wrong'), { data: { code: 'UNAUTHORIZED', path: 'auth.token' } }));
  });
  io.on('connection', (socket) => attend(socket, hub, clock));
  return {
    clients: () => io.of('/').sockets.size,
    close() {
      io.disconnectSockets(true);
      io.engine.close();
    },
  };
}

/** Engine.IO looks at its own path only, and would end the others without a word. */
function refuseOtherUpgrades(port: () => number): (request: IncomingMessage, socket: Duplex) => void {
  return (request, socket) => {
    if (/^\/socket\.io\/?(\?|$)/.test(request.url ?? '')) return;
    const failure = refusalOf(gated(request), port()) ?? new Failure('NOT_FOUND', { what: 'Nothing but /socket.io can be upgraded', next: 'Ask for it without the header Upgrade' }, { path: 'upgrade' });
    answerRaw(socket, failure.httpStatus, failure);
  };
}

function attend(socket: Socket, hub: EventHub, clock: Clock): void {
  const { conn } = socket;
  // Packets that wait for the transport: made, but not handed to it.
  let waiting = 0;
  conn.on('packetCreate', () => (waiting += 1));
  conn.on('flush', () => (waiting = 0));
  const gathers = (socket.handshake.auth as { gather?: unknown }).gather === true;
  const outbox = new EventOutbox(
    {
      isIdle: () => conn.transport.writable && waiting === 0,
      send(list) {
        if (gathers) socket.emit(gatheredEvents, list);
        else for (const [name, payload] of list) socket.emit(name, payload);
      },
      waiting: () => waiting,
      drop: () => void socket.disconnect(true),
    },
    clock,
    gathers ? gatherMs : 0,
  );
  // A transport is ready when what it was given has left this process; a WebSocket takes the place of polling.
  const onReady = (): void => outbox.drained();
  conn.transport.on('ready', onReady);
  conn.on('upgrade', () => conn.transport.on('ready', onReady));
  const stop = hub.listen((name, payload) => outbox.push(name, payload));
  socket.onAny(() => socket.disconnect(true));
  socket.once('disconnect', () => {
    stop();
    outbox.close();
  });
}

function gated({ method = '', url = '', headers }: IncomingMessage): Parameters<typeof refusalOf>[0] {
  return { method, target: url, headers };
}
