/** Start and stop: graceful ends, crashes, leftovers, two servers, taken ports, TLS; as real processes where it matters. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { call, filesBelow, randomObject, rawConnection, startTestServer, temporaryFiles, until } from './testing/test-server.ts';

const { bytes, name } = randomObject(2_000_000);
let folder: string;
const children = new Set<ChildProcess>();

beforeEach(async () => {
  folder = temporaryFolder('lifecycle');
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await until(() => children.size === 0);
  await rm(folder, { recursive: true, force: true });
});

interface ServerProcess {
  readonly child: ChildProcess;
  /** Log lines so far. */
  readonly log: () => string;
  /** Resolves with the address once it listens. */
  readonly url: Promise<string>;
  readonly exit: Promise<number | null>;
}

/** Runs the server's process entry on the folder `data`. */
function spawnServer(args: readonly string[] = ['--no-auth', '--listen', '127.0.0.1:0']): ServerProcess {
  const program = `
    import { parseServerArguments } from './options.ts';
    import { runServer } from './run-server.ts';
    try {
      process.exitCode = await runServer(parseServerArguments(process.argv.slice(1), { defaultDataFolder: ${JSON.stringify(join(folder, 'data'))} }));
    } catch (error) {
      console.error(error.code + ': ' + error.message);
      process.exitCode = error.exitCode;
    }`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program, '--', ...args], { cwd: fileURLToPath(new URL('.', import.meta.url)), stdio: ['ignore', 'ignore', 'pipe'] });
  children.add(child);
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const exit = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      children.delete(child);
      resolve(code);
    });
  });
  const url = until(() => log.includes('"listening"') || child.exitCode !== null).then(() => /"url":"([^"]+)"/.exec(log)?.[1] ?? '');
  return { child, log: () => log, url, exit };
}

/** Sends the start of an upload and waits until its temporary file exists. */
async function beginUpload(url: string, part: number): ReturnType<typeof rawConnection> {
  const connection = await rawConnection(Number(new URL(url).port));
  connection.socket.write(`POST /data/${name} HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes.length}\r\n\r\n`);
  connection.socket.write(bytes.subarray(0, part));
  await until(async () => (await temporaryFiles(join(folder, 'data'))).length > 0);
  return connection;
}

describe('stopping', () => {
  it('lets running requests end and takes no new ones', async () => {
    const server = await startTestServer();
    await server.call('POST', '/?create=true');
    const upload = await rawConnection(server.port);
    upload.socket.write(`POST /data/${name} HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes.length}\r\n\r\n`);
    upload.socket.write(bytes.subarray(0, 1000));
    await until(() => server.server.uploads.size === 1);
    const idle = await rawConnection(server.port);
    const stopped = server.server.close();
    await idle.closed;
    await expect(call('GET', `${server.url}/data/`)).rejects.toThrow('ECONNREFUSED');
    upload.socket.write(bytes.subarray(1000));
    expect(await upload.closed).toMatch(/^HTTP\/1\.1 200 /);
    await stopped;
    expect((await readFile(join(server.data, 'data', name.slice(0, 2), name))).equals(bytes)).toBe(true);
    await server.stop();
  });

  it('cuts what does not end within the grace, and removes its partial', async () => {
    const server = await startTestServer({ limits: { graceMs: 100 } });
    await server.call('POST', '/?create=true');
    const upload = await rawConnection(server.port);
    upload.socket.write(`POST /data/${name} HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes.length}\r\n\r\nxyz`);
    await until(async () => (await temporaryFiles(server.data)).length === 1);
    await server.server.close();
    await upload.closed;
    expect(await filesBelow(server.data)).toEqual([]);
    await server.stop();
  });

  it.runIf(process.platform !== 'win32')('by SIGTERM ends with 0 and leaves no lock', async () => {
    const server = spawnServer();
    const url = await server.url;
    await call('POST', `${url}/?create=true`);
    expect((await call('POST', `${url}/data/${name}`, { body: bytes })).status).toBe(200);
    server.child.kill('SIGTERM');
    expect(await server.exit).toBe(0);
    expect(server.log()).toContain('"stopped"');
    for (const line of server.log().trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ ts: expect.any(String) as string, level: expect.any(String) as string, component: 'server', msg: expect.any(String) as string });
    expect(await filesBelow(join(folder, 'data'))).toEqual([join(folder, 'data', 'data', name.slice(0, 2), name)]);
  });
});

describe.runIf(process.platform !== 'win32')('a server that was killed', () => {
  it('is followed by one that removes its leftovers and keeps what was acknowledged', async () => {
    const first = spawnServer();
    const url = await first.url;
    await call('POST', `${url}/?create=true`);
    const stored = randomObject(100_000);
    expect((await call('POST', `${url}/data/${stored.name}`, { body: stored.bytes })).status).toBe(200);
    const upload = await beginUpload(url, 1_500_000);
    first.child.kill('SIGKILL');
    await first.exit;
    await upload.closed;
    expect(await temporaryFiles(join(folder, 'data'))).toHaveLength(1);

    const second = spawnServer();
    const again = await second.url;
    expect(second.log()).toContain('temporary files of interrupted uploads removed');
    expect(await temporaryFiles(join(folder, 'data'))).toEqual([]);
    expect((await call('GET', `${again}/data/${stored.name}`)).body.equals(stored.bytes)).toBe(true);
    expect(JSON.parse((await call('GET', `${again}/data/`)).body.toString())).toEqual([stored.name]);
    second.child.kill('SIGTERM');
    expect(await second.exit).toBe(0);
  });
});

describe('two servers on one data folder', () => {
  it('the second says so and ends; it changes nothing', async () => {
    const first = spawnServer();
    const url = await first.url;
    await call('POST', `${url}/?create=true`);
    const before = await filesBelow(join(folder, 'data'));
    const second = spawnServer();
    expect(await second.exit).toBe(1);
    expect(second.log()).toMatch(/^DATA_FOLDER_IN_USE: Another server \(process \d+\) uses the data folder .+\. Nothing was changed\. Stop that server, .+\n$/);
    expect(await filesBelow(join(folder, 'data'))).toEqual(before);
    expect((await call('GET', `${url}/data/`)).status).toBe(200);
  });

  it('of many started at the same time exactly one stays, also over the lock of a dead one', async () => {
    await startTestServer({ dataFolder: join(folder, 'data') }).then((server) => server.stop());
    const dead = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => dead.once('close', resolve));
    for (const lock of [undefined, JSON.stringify({ pid: dead.pid, started: '1', scope: 'elsewhere', nonce: 'x' }), 'no lock at all']) {
      const lockFile = join(folder, 'data', '.server.lock');
      if (lock !== undefined) {
        await writeFile(lockFile, lock);
        await utimes(lockFile, new Date(0), new Date(0));
      }
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => startTestServer({ dataFolder: join(folder, 'data') })));
      const started = results.filter((result) => result.status === 'fulfilled').map((result) => result.value);
      expect(started).toHaveLength(1);
      for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'DATA_FOLDER_IN_USE' });
      for (const server of started) await server.stop();
    }
    expect(await filesBelow(join(folder, 'data'))).toEqual([]);
  });

  it('a lock of another machine counts while its heart beats', async () => {
    await startTestServer({ dataFolder: join(folder, 'data') }).then((server) => server.stop());
    await writeFile(join(folder, 'data', '.server.lock'), JSON.stringify({ pid: 1, started: '1', scope: 'elsewhere', nonce: 'x' }));
    await expect(startTestServer({ dataFolder: join(folder, 'data') })).rejects.toMatchObject({ code: 'DATA_FOLDER_IN_USE' });
  });
});

describe('what does not fit', () => {
  it('a port in use: one clear line, and the lock is free again', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.1', resolve);
    });
    const { port } = other.address() as AddressInfo;
    const server = spawnServer(['--no-auth', '--listen', `127.0.0.1:${port}`]);
    expect(await server.exit).toBe(1);
    expect(server.log()).toBe(`PORT_IN_USE: Port ${port} of 127.0.0.1 is in use by another program. Stop it, or choose another port with --listen\n`);
    await new Promise((resolve) => other.close(resolve));
    expect(await filesBelow(join(folder, 'data'))).toEqual([]);
  });

  it.each([
    ['no file of users', [], /^CONFIGURATION: The file of users .+ does not exist\. Make it with /],
    ['an address of another machine', ['--no-auth', '--i-know-this-is-open', '--listen', '192.0.2.1:0'], /^CONFIGURATION: Cannot listen on 192\.0\.2\.1, port 0: /],
    ['a data folder that is a file', ['--no-auth', '--data', fileURLToPath(import.meta.url)], /^CONFIGURATION: The data folder .+ cannot be used: /],
  ])('%s', async (_, args, message) => {
    const server = spawnServer([...(args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0']), ...args]);
    expect(await server.exit).toBe(1);
    expect(server.log()).toMatch(message);
    expect(server.log().trim().split('\n')).toHaveLength(1);
  });
});

describe('TLS', () => {
  it('makes a certificate once, serves with it, and refuses what is older than TLS 1.2', async () => {
    const tls = { certificateFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
    const server = await startTestServer({ tls });
    expect(server.url).toMatch(/^https:/);
    expect(server.server.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    if (process.platform !== 'win32') expect((await stat(tls.keyFile)).mode & 0o777).toBe(0o600);

    const certificate = await readFile(tls.certificateFile);
    const { authorized, fingerprint } = await new Promise<{ authorized: boolean; fingerprint: string }>((resolve, reject) => {
      const socket = tlsConnect({ host: '127.0.0.1', port: server.port, ca: certificate, servername: 'localhost' }, () => {
        resolve({ authorized: socket.authorized, fingerprint: socket.getPeerCertificate().fingerprint256 });
        socket.destroy();
      });
      socket.on('error', reject);
    });
    expect({ authorized, fingerprint }).toEqual({ authorized: true, fingerprint: server.server.fingerprint });
    const old = new Promise((resolve, reject) => {
      tlsConnect({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }, () => resolve('connected')).on('error', reject);
    });
    await expect(old).rejects.toThrow();

    await server.call('POST', '/?create=true');
    expect((await server.call('POST', `/data/${name}`, { body: bytes })).status).toBe(200);
    expect((await server.call('GET', `/data/${name}`)).body.equals(bytes)).toBe(true);
    const plain = await rawConnection(server.port);
    plain.socket.write('GET /data/ HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await plain.closed).not.toContain('200 OK');
    await server.stop();

    const again = await startTestServer({ tls });
    expect(again.server.fingerprint).toBe(fingerprint);
    await again.stop();
    await rm(tls.keyFile);
    await expect(startTestServer({ tls })).rejects.toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining('key.pem is missing') as string });
  });
});
