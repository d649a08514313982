import { execFileSync } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { serveFolder } from '../../../test/support/our-server.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { systemClock } from '../../core/platform/clock.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import { isProcessAlive } from '../../core/platform/process-alive.ts';
import { randomObject, until } from '../../server/testing/test-server.ts';
import type { ConnectionHealth } from '../../shared/contract/schemas/connection-health.ts';
import { MetricsRegistry } from '../../telemetry/metrics-registry.ts';
import { TraceStore } from '../../telemetry/trace-store.ts';
import { newSpanId, newTraceId, traceparentOf } from '../../telemetry/traceparent.ts';
import { agentClientId } from './companion-client.ts';
import { prepareCompanionFiles } from './companion-files.ts';
import type { CompanionFiles } from './companion-files.ts';
import { CompanionServer } from './companion-server.ts';
import type { CompanionState } from './companion-server.ts';
import { ConnectionWatch } from './connection-watch.ts';

const posix = process.platform !== 'win32';

describe('the companion server', () => {
  let home: string;
  let port: number;
  let files: CompanionFiles;
  const started: CompanionServer[] = [];
  const logged: string[] = [];

  beforeEach(async () => {
    home = temporaryFolder('companion');
    port = await freePort();
    files = await prepareCompanionFiles({ configuration: path.join(home, 'config'), data: path.join(home, 'data') });
    logged.length = 0;
  });

  afterEach(async () => {
    for (const companion of started.splice(0)) await companion.stop();
    rmSync(home, { recursive: true, force: true });
  });

  function companionServer(env: NodeJS.ProcessEnv = process.env): CompanionServer {
    const note = (fields: Record<string, unknown>, message: string): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
    const companion = new CompanionServer({
      clock: systemClock,
      logger: { ...silentLogger, info: note, warn: note, error: note },
      files,
      listen: `127.0.0.1:${port}`,
      env: { ...env, CYBERBACKUP_HOME: home },
      random: () => 0,
      times: { pulseMs: 50, missedPulses: 1, blockedMs: 50 },
    });
    started.push(companion);
    return companion;
  }

  function watch(companion: CompanionServer, events: Record<string, ConnectionHealth>[] = []): ConnectionWatch {
    return new ConnectionWatch({
      clock: systemClock,
      logger: silentLogger,
      client: companion.client,
      isRunning: () => companion.state.kind === 'running',
      emit: (name, payload) => void (name === 'connection_health' && events.push(payload as Record<string, ConnectionHealth>)),
      metrics: new MetricsRegistry({ clock: systemClock }),
    });
  }

  const pidOf = ({ state }: { readonly state: CompanionState }): number => (state.kind === 'running' ? (state.pid ?? 0) : 0);
  const authorization = (): string => `Basic ${Buffer.from(`${files.credentials.username}:${files.credentials.password}`).toString('base64')}`;
  const ask = async (target: string, init: RequestInit = {}): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${port}${target}`, { ...init, headers: { connection: 'close', ...(init.headers as Record<string, string> | undefined) } });
    await answer.arrayBuffer();
    return answer.status;
  };

  it('keeps its secrets in private files, and makes them once', async () => {
    const again = await prepareCompanionFiles({ configuration: path.join(home, 'config'), data: path.join(home, 'data') });
    expect(again).toEqual(files);
    if (posix) for (const file of [files.tokenFile, files.usersFile, path.join(home, 'config', 'server-password')]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await readFile(files.usersFile, 'utf8')).not.toContain(files.credentials.password);
  });

  it('runs as a child that only this user can use, with no secret to be seen, and is stopped', async () => {
    const companion = companionServer({ ...process.env, CYBERBACKUP_PASSWORD: 'geheim', AWS_SECRET_ACCESS_KEY: 'k3y' });
    expect(await companion.start()).toMatchObject({ kind: 'running', adopted: false });
    const pid = pidOf(companion);
    expect(await ask('/?create=true', { method: 'POST' })).toBe(401);
    expect(await ask('/?create=true', { method: 'POST', headers: { authorization: authorization() } })).toBe(200);
    expect(companion.reach()).toMatchObject({ reach: 'reachable' });
    if (process.platform === 'linux') {
      const shown = (await readFile(`/proc/${pid}/cmdline`, 'latin1')) + (await readFile(`/proc/${pid}/environ`, 'latin1'));
      for (const secret of [files.token, files.credentials.password, 'geheim', 'k3y']) expect(shown).not.toContain(secret);
    }
    await companion.stop();
    expect(isProcessAlive(pid)).toBe(false);
    expect(companion.state.kind).toBe('off');
    expect(logged.join()).not.toContain(files.token);
  });

  it('is started again when it is killed, and when it hangs', async () => {
    const companion = companionServer();
    await companion.start();
    const first = pidOf(companion);
    process.kill(first, 'SIGKILL');
    await until(() => companion.state.kind === 'running' && pidOf(companion) !== first);
    const second = pidOf(companion);
    expect(await ask('/health')).toBe(200);
    if (!posix) return;
    process.kill(second, 'SIGSTOP');
    await until(() => companion.state.kind === 'running' && pidOf(companion) !== second);
    expect(isProcessAlive(second)).toBe(false);
    expect(await ask('/health')).toBe(200);
  });

  it('is adopted where it already runs, and then never stopped here', async () => {
    const other = await serveFolder(files.dataFolder, { port, adminTokenFile: files.tokenFile, authentication: { kind: 'htpasswd', file: files.usersFile } });
    const companion = companionServer();
    expect(await companion.adopt()).toBe(true);
    expect(companion.state).toMatchObject({ kind: 'running', adopted: true });
    await companion.stop();
    expect(await ask('/health')).toBe(200);
    // When the adopted one ends, a child takes its place.
    const next = companionServer();
    await next.start();
    await other.close();
    await until(() => next.state.kind === 'running' && !next.state.adopted);
  });

  it('adopts nothing where nothing runs', async () => {
    const companion = companionServer();
    expect(await companion.adopt()).toBe(false);
    expect(companion.state.kind).toBe('off');
  });

  it('says so when a stranger has the port, tells it no secret, and takes over when it is gone', async () => {
    const heard: IncomingMessage['headers'][] = [];
    const stranger = createServer((request, response) => {
      heard.push({ ...request.headers, url: request.url ?? '' });
      response.end('{"status":"ok","proof":"0000"}');
    });
    await new Promise<void>((resolve) => stranger.listen(port, '127.0.0.1', resolve));
    const companion = companionServer();
    expect(await companion.start()).toMatchObject({ kind: 'blocked', message: expect.stringContaining('another program') as string });
    expect(companion.reach()).toMatchObject({ reach: 'unreachable' });
    await expect(companion.client.call('GET', '/api/status')).rejects.toMatchObject({ code: 'SERVER_NOT_RUNNING' });
    expect(await companion.client.identify()).toBe('stranger');
    expect(heard.length).toBeGreaterThan(1);
    for (const headers of heard) expect(JSON.stringify(headers)).not.toMatch(new RegExp(`authorization|${files.token}`, 'i'));
    await closed(stranger);
    await until(() => companion.state.kind === 'running');
  });

  it('sends the token to nobody who took the port later', async () => {
    const ours = await serveFolder(files.dataFolder, { port, adminTokenFile: files.tokenFile });
    const companion = companionServer();
    expect((await companion.client.call('GET', '/api/status')).status).toBe(200);
    await ours.close();
    const heard: string[] = [];
    const thief = createTcpServer((socket) => {
      socket.on('data', (piece) => {
        heard.push(piece.toString());
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');
      });
      socket.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => thief.listen(port, '127.0.0.1', resolve));
    await expect(companion.client.call('GET', '/api/status')).rejects.toMatchObject({ code: 'SERVER_NOT_RUNNING' });
    expect(heard.length).toBeGreaterThan(0);
    expect(heard.join()).not.toContain(files.token);
    await new Promise((resolve) => thief.close(resolve));
  });

  it('waits where another server has its data folder', async () => {
    const other = await serveFolder(files.dataFolder);
    const companion = companionServer();
    expect(await companion.start()).toMatchObject({ kind: 'waiting', message: expect.stringContaining('data folder') as string });
    await other.close();
    await until(() => companion.state.kind === 'running');
  });

  it.skipIf(!posix)('ends with the agent, however that ends', async () => {
    const script = `
      import { prepareCompanionFiles } from ${JSON.stringify(import.meta.resolve('./companion-files.ts'))};
      import { CompanionServer } from ${JSON.stringify(import.meta.resolve('./companion-server.ts'))};
      import { systemClock } from ${JSON.stringify(import.meta.resolve('../../core/platform/clock.ts'))};
      import { silentLogger } from ${JSON.stringify(import.meta.resolve('../../core/platform/logger.ts'))};
      const files = await prepareCompanionFiles({ configuration: ${JSON.stringify(path.join(home, 'config'))}, data: ${JSON.stringify(path.join(home, 'data'))} });
      const state = await new CompanionServer({ clock: systemClock, logger: silentLogger, files, listen: '127.0.0.1:${port}', env: process.env }).start();
      console.log(state.pid);
      process.kill(process.pid, 'SIGKILL');
    `;
    let said = '';
    try {
      execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8', env: { ...process.env, CYBERBACKUP_HOME: home } });
    } catch (error) {
      said = (error as { readonly stdout: string }).stdout;
    }
    const pid = Number(said.trim());
    expect(pid).toBeGreaterThan(0);
    await until(() => !isProcessAlive(pid));
  });

  it('shows connections, partial uploads and spans of the server', async () => {
    const companion = companionServer();
    await companion.start();
    const events: Record<string, ConnectionHealth>[] = [];
    const connections = watch(companion, events);
    expect(await connections.connections()).toEqual({});
    await ask('/?create=true', { method: 'POST', headers: { authorization: authorization() } });
    const parent = { traceId: newTraceId(), spanId: newSpanId() };
    const { name } = randomObject(10);
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => socket.destroy());
    socket.write(`POST /data/${name} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization()}\r\nX-Client-Id: job-9\r\nTraceparent: ${traceparentOf(parent)}\r\nContent-Length: 1000\r\n\r\nhalf`);
    await until(async () => (await connections.partials()).length === 1);
    await connections.poll();
    expect(connections.latest().map(({ client_id }) => client_id)).toContain('job-9');
    expect(events.length).toBeGreaterThan(0);
    expect(connections.partialClears).toBe(0);
    const [partial] = await connections.partials();
    expect(partial).toMatchObject({ name: `data/${name}`, client_id: 'job-9' });
    await connections.abortPartial(partial?.id ?? '');
    await expect(connections.abortPartial(partial?.id ?? '')).rejects.toMatchObject({ code: 'PARTIAL_NOT_FOUND' });
    expect(await connections.partials()).toEqual([]);
    socket.destroy();
    await until(async () => (await connections.closedConnections()).some(({ client_id }) => client_id === 'job-9'));
    await until(async () => Object.keys(await connections.connections()).length === 0);
    await connections.poll();
    expect(connections.partialClears).toBe(1);
    expect((await connections.closedConnections()).some(({ client_id }) => client_id === agentClientId)).toBe(false);
    expect(events.at(-1)).toEqual({});
    const traces = new TraceStore();
    await connections.mergeTrace(parent.traceId, traces);
    await connections.mergeTrace(parent.traceId, traces);
    expect(traces.get(parent.traceId)).toMatchObject([{ component: 'server', name: 'POST data', parent_span_id: parent.spanId }]);
    await connections.mergeTrace(newTraceId(), traces);
    expect(traces.size).toBe(1);
  });

  it('says that the server does not run, where it does not', async () => {
    const companion = companionServer();
    const connections = watch(companion);
    await expect(connections.connections()).rejects.toMatchObject({ code: 'SERVER_NOT_RUNNING' });
    await connections.poll();
    await connections.mergeTrace(newTraceId(), new TraceStore());
    expect(connections.latest()).toEqual([]);
  });
});

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
