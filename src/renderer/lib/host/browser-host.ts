/**
 * The host in a browser: operations over HTTP, events over Socket.IO.
 *
 * The login code behind `#` is taken out of the address at once and traded for a session's token, which stays in this
 * page's memory (docs/decisions/0008): after a reload, or when the agent was started anew, the page is signed out.
 */
import { createClient, fetchTransport } from '../../../shared/contract/client.ts';
import { gatheredEvents } from '../../../shared/contract/events.ts';
import { Failure } from '../../../shared/errors.ts';
import { ConnectionCell, deliverAll } from './host.ts';
import type { EventListener, Host } from './host.ts';

/** Reconnecting: soon at first, then calmly. */
const reconnectMs = { first: 500, longest: 5000 } as const;

export async function browserHost(window: Window): Promise<Host> {
  const baseUrl = window.location.origin;
  const connection = new ConnectionCell('connecting');
  const listeners = new Set<EventListener>();
  const session = await startSession(baseUrl, takeLoginCode(window));
  const token = session.token ?? '';
  if (session.token === undefined) connection.set(session.reached ? 'signed-out' : 'lost');
  // Nothing on the screen waits for events: what was missed until they come is read again then.
  else void listenToEvents(baseUrl, session.token, connection, (name, payload) => listeners.forEach((listener) => listener(name, payload)));
  const send = fetchTransport({ baseUrl, token });
  return {
    kind: 'browser',
    platform: platformOf(window.navigator.userAgent),
    version: undefined,
    connection,
    client: createClient(async (name, input) => {
      try {
        return await send(name, input);
      } catch (error) {
        if (error instanceof Failure && error.code === 'UNAUTHORIZED') connection.set('signed-out');
        throw error;
      }
    }),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onCommand: () => () => undefined,
    onNavigate: () => () => undefined,
    capabilities: { saveText: async (suggestedName, text) => download(window, suggestedName, text) },
  };
}

/** The code behind `#login=`; the address is clean afterwards. */
function takeLoginCode({ location, history }: Window): string | undefined {
  const code = /^#login=([\w-]+)$/.exec(location.hash)?.[1];
  if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search);
  return code;
}

async function startSession(baseUrl: string, code: string | undefined): Promise<{ readonly reached: boolean; readonly token?: string }> {
  if (code === undefined) return { reached: true };
  try {
    const response = await fetch(`${baseUrl}/api/session`, { method: 'POST', headers: { Authorization: `Bearer ${code}` }, redirect: 'error' });
    const { token } = (await response.json()) as { token?: unknown };
    return typeof token === 'string' ? { reached: true, token } : { reached: true };
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return { reached: false };
    throw error;
  }
}

async function listenToEvents(baseUrl: string, token: string, connection: ConnectionCell, deliver: EventListener): Promise<void> {
  const { io } = await import('socket.io-client');
  const socket = io(baseUrl, { path: '/socket.io', auth: { token, gather: true }, transports: ['websocket'], reconnectionDelay: reconnectMs.first, reconnectionDelayMax: reconnectMs.longest });
  socket.on(gatheredEvents, (list: unknown) => deliverAll(list, deliver));
  socket.on('connect', () => connection.set('connected'));
  socket.on('disconnect', (reason) => {
    if (connection.state !== 'signed-out') connection.set('lost');
    // The agent let this client go because it was too slow: nothing reconnects by itself then.
    if (reason === 'io server disconnect') socket.connect();
  });
  socket.on('connect_error', () => {
    // Still trying, or refused by the agent itself.
    connection.set(socket.active ? 'lost' : 'signed-out');
  });
}

function platformOf(userAgent: string): Host['platform'] {
  if (/Mac|iPhone|iPad/.test(userAgent)) return 'darwin';
  return userAgent.includes('Windows') ? 'win32' : 'linux';
}

function download({ document }: Window, name: string, text: string): boolean {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
  return true;
}
