/** A server on a free port of loopback with a temporary data folder, and small HTTP clients; for tests only. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { replaceFiles } from '../../core/platform/replace-files.ts';
import { usersFileName } from '../../shared/server-users.ts';
import type { ServerUser } from '../../shared/server-users.ts';
import { startServer } from '../server.ts';
import type { RunningServer, ServerPorts } from '../server.ts';
import { defaultLimits } from '../server-options.ts';
import type { ServerLimits, ServerOptions } from '../server-options.ts';

export interface TestServer {
  readonly server: RunningServer;
  readonly url: string;
  readonly port: number;
  /** The data folder. */
  readonly data: string;
  /** Holds the data folder and nothing else of the server. */
  readonly outside: string;
  readonly adminToken: string;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  stop(): Promise<void>;
}

export interface CallOptions {
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Uint8Array;
  /** `user:password`. */
  readonly auth?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export type TestServerOptions = Partial<Omit<ServerOptions, 'limits'>> & { readonly limits?: Partial<ServerLimits>; readonly htpasswd?: string; readonly users?: readonly ServerUser[] };

export async function startTestServer(options: TestServerOptions = {}, ports: ServerPorts = {}): Promise<TestServer> {
  const outside = options.dataFolder === undefined ? temporaryFolder('server') : join(options.dataFolder, '..');
  const data = options.dataFolder ?? join(outside, 'data');
  const adminToken = 'test-administrator-token';
  const adminTokenFile = join(outside, 'admin-token');
  await writeFile(adminTokenFile, adminToken, { mode: 0o600 });
  const htpasswdFile = join(outside, 'htpasswd');
  const usersFile = join(data, usersFileName);
  const { htpasswd, users, limits, ...rest } = options;
  if (users !== undefined) await writeUsers(data, users);
  if (htpasswd !== undefined) await writeFile(htpasswdFile, htpasswd, { mode: 0o600 });
  const removeOwn = async (): Promise<void> => {
    if (options.dataFolder === undefined) await rm(outside, { recursive: true, force: true });
  };
  const server = await startServer(
    {
      host: '127.0.0.1',
      port: 0,
      dataFolder: data,
      authentication: htpasswd === undefined && users === undefined ? { kind: 'none' } : { kind: 'htpasswd', file: htpasswdFile, usersFile },
      privateRepositories: false,
      appendOnly: false,
      prometheus: true,
      adminTokenFile,
      log: { level: 'debug', format: 'json' },
      ...rest,
      limits: { ...defaultLimits, graceMs: 5000, ...limits },
    },
    ports,
  ).catch(async (error: unknown) => {
    await removeOwn();
    throw error;
  });
  return {
    server,
    url: server.url,
    port: server.port,
    data,
    outside,
    adminToken,
    call: (method, path, callOptions) => call(method, `${server.url}${path}`, callOptions),
    stop: async () => {
      await server.close();
      await removeOwn();
    },
  };
}

/** Replaces the file of the server's own users. */
export async function writeUsers(dataFolder: string, users: readonly ServerUser[]): Promise<void> {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  replaceFiles([join(dataFolder, usersFileName)], JSON.stringify({ version: 1, users }));
}

/** One request on a connection of its own; the path is sent as it is. */
export function call(method: string, url: string, options: CallOptions = {}): Promise<Answer> {
  const match = /^(https?):\/\/([^/]+?):(\d+)(\/.*)?$/.exec(url);
  const [, scheme, host = '', port, path = '/'] = match ?? [];
  const send = scheme === 'https' ? tlsRequest : plainRequest;
  const headers = { ...(options.body === undefined ? {} : { 'content-length': options.body.length }), ...options.headers };
  return new Promise((resolve, reject) => {
    const request = send({ host, port, path, method, headers, agent: false, rejectUnauthorized: false, ...(options.auth === undefined ? {} : { auth: options.auth }) }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) }));
    });
    request.on('error', reject);
    request.end(options.body);
  });
}

/** A connection on which tests send what no client would. */
export interface RawConnection {
  readonly socket: Socket;
  /** Everything received so far. */
  readonly received: () => string;
  /** Resolves with everything received when the other side has closed. */
  readonly closed: Promise<string>;
}

export async function rawConnection(port: number): Promise<RawConnection> {
  const socket = connect({ host: '127.0.0.1', port });
  let received = '';
  socket.on('data', (piece) => {
    received += piece.toString('latin1');
  });
  // A reset by the server ends the connection too; what it had answered before counts.
  socket.on('error', () => socket.destroy());
  const closed = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(received));
  });
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
  });
  return { socket, received: () => received, closed };
}

/** Sends the text and resolves with all that came back until the server closed. */
export async function rawExchange(port: number, text: string): Promise<string> {
  const connection = await rawConnection(port);
  connection.socket.write(text, 'latin1');
  return connection.closed;
}

/** Waits until the condition holds; gives up (and lets the test fail on it) after a generous time. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 2000 && !(await condition()); turn++) await pause(5);
  if (!(await condition())) throw new Error('what the test waited for did not happen');
}

/** Random bytes and the name that they are stored under. */
export function randomObject(size: number): { readonly bytes: Buffer; readonly name: string } {
  const bytes = randomBytes(size);
  return { bytes, name: nameOf(bytes) };
}

export function nameOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Paths of all files below the folder, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

export async function temporaryFiles(folder: string): Promise<string[]> {
  return (await filesBelow(folder)).filter((path) => path.includes('-temp-'));
}
