/** The conformance suite of the storage port over real servers: ours, and those of other programs where installed. */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderOnDisk } from '../support/temporary-folder.ts';
import { loadAddon } from '../../src/core/native/load-addon.ts';
import type { Clock } from '../../src/core/platform/clock.ts';
import { systemClock } from '../../src/core/platform/clock.ts';
import { Bandwidth } from '../../src/core/storage/bandwidth-limit.ts';
import { storeConformance } from '../../src/core/storage/testing/conformance.ts';
import type { ConformanceLimits } from '../../src/core/storage/testing/conformance.ts';
import type { TlsOptions } from '../../src/core/storage/http-agent.ts';
import { openStore } from '../../src/core/storage/open-store.ts';
import { RestStore } from '../../src/core/storage/rest-store.ts';
import { kindOf } from '../../src/core/storage/testing/samples.ts';
import type { RunningServer } from '../../src/server/server.ts';
import type { TlsFiles } from '../../src/server/tls-files.ts';
import { foreignServerProgram, startForeignServer } from '../support/foreign-server.ts';
import type { ForeignServer, ForeignServerName } from '../support/foreign-server.ts';
import { serveFolder } from '../support/our-server.ts';

const addon = loadAddon();
/** Waits between repetitions are cut short: some cases fail for good only after several. */
const hastyClock: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal) };
/** Each store of the suite gets a repository of its own on the shared server. */
let count = 0;
const folders: string[] = [];

async function freshFolder(): Promise<string> {
  const folder = folderOnDisk('storage-servers');
  folders.push(folder);
  return folder;
}

afterAll(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describe('our server', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await serveFolder(await freshFolder());
  });
  afterAll(() => server.close());

  storeConformance('the whole stack, limited, against our server', () =>
    Promise.resolve({ store: openStore(`rest:${server.url}/r${++count}/`, { addon, clock: hastyClock, limitUpload: 2 ** 30, limitDownload: 2 ** 30 }) }),
  );
});

describe('TLS', () => {
  let server: RunningServer;
  let files: TlsFiles;
  beforeAll(async () => {
    const folder = await freshFolder();
    files = { certificateFile: path.join(folder, 'certificate.pem'), keyFile: path.join(folder, 'key.pem') };
    server = await serveFolder(await freshFolder(), { tls: files });
  });
  afterAll(() => server.close());

  storeConformance('rest over TLS with a pinned certificate', () =>
    Promise.resolve({ store: new RestStore(new URL(`${server.url}/r${++count}/`), { clock: systemClock, tls: { fingerprint: server.fingerprint ?? '' } }) }),
  );

  it.each([
    ['another pin', { fingerprint: 'ab'.repeat(32) }, 'untrusted'],
    ['no pin and no known authority', {}, 'permanent'],
  ])('sends not one byte to a server that is not trusted: %s', async (_, tls: TlsOptions, kind) => {
    let received = 0;
    const listener = createServer({ cert: readFileSync(files.certificateFile), key: readFileSync(files.keyFile) }, (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes: Buffer) => (received += bytes.length));
    });
    listener.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const store = new RestStore(new URL(`https://127.0.0.1:${(listener.address() as AddressInfo).port}/`), { clock: systemClock, tls, username: 'u', password: 'planted' });
    const handle = { type: 'data', name: 'ab'.repeat(32) } as const;
    for (const attempt of [store.stat(handle), store.get(handle), store.put(handle, Buffer.alloc(10))]) expect(await kindOf(attempt)).toBe(kind);
    await store.close();
    await new Promise<void>((resolve) => listener.close(() => resolve()));
    expect(received).toBe(0);
  });

  it('trusts a given authority', async () => {
    const store = new RestStore(new URL(`${server.url}/r${++count}/`), { clock: systemClock, tls: { ca: readFileSync(files.certificateFile) } });
    await store.create();
    await store.close();
  });
});

storeConformance('the whole stack, without a limit for now, over a folder', async () => ({
  store: openStore(path.join(await freshFolder(), 'repository'), { addon, clock: hastyClock, bandwidth: new Bandwidth(hastyClock, { upload: 0, download: 0 }) }),
}));

foreign('rest-server', {});
foreign('rclone', { unverified: true, replaces: true, showsPartials: true });

function foreign(name: ForeignServerName, limits: ConformanceLimits): void {
  const program = foreignServerProgram(name);
  if (program === undefined) {
    describe(`${name} is not in CYBERBACKUP_PEERS`, () => it('so the storage conformance over it is not judged here', () => undefined));
    return;
  }
  describe(name, () => {
    let server: ForeignServer;
    beforeAll(async () => {
      server = await startForeignServer(name, program, await freshFolder());
    });
    afterAll(() => server.close());
    storeConformance(`rest against ${name}`, () => Promise.resolve({ store: new RestStore(new URL(`${server.url}r${++count}/`), { clock: systemClock }) }), limits);
  });
}
