/** Pinned certificates, against our own server with a certificate that it made itself. */
import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { startTestServer } from '../../server/testing/test-server.ts';
import type { TestServer } from '../../server/testing/test-server.ts';
import { loadAddon } from '../native/load-addon.ts';
import { systemClock } from '../platform/clock.ts';
import { openStore } from './open-store.ts';
import type { OpenStoreOptions } from './open-store.ts';
import { serverCertificate } from './server-certificate.ts';
import { storageFailure } from './storage-failure.ts';

let folder: string;
let server: TestServer;
let fingerprint: string;
let location: string;

beforeAll(async () => {
  folder = temporaryFolder('pin');
  server = await startTestServer({ tls: { certificateFile: path.join(folder, 'certificate.pem'), keyFile: path.join(folder, 'key.pem') } });
  fingerprint = (server.server.fingerprint ?? '').replaceAll(':', '').toLowerCase();
  location = `rest:https://anna:planted@127.0.0.1:${server.port}/`;
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const config = { type: 'config', name: '' } as const;

async function withStore<T>(options: Partial<OpenStoreOptions>, use: (store: ReturnType<typeof openStore>) => Promise<T>): Promise<T> {
  const store = openStore(location, { addon: loadAddon(), clock: systemClock, ...options });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** What a person is told about the first failure. */
function failureOf(options: Partial<OpenStoreOptions>): Promise<unknown> {
  return withStore(options, async (store) => store.stat(config).then(() => undefined, (error: unknown) => storageFailure(error, store.location)));
}

describe('a pinned certificate', () => {
  it('is trusted although no authority vouches for it, and every connection tells it', async () => {
    const seen: string[] = [];
    await withStore({ certificateFingerprint: fingerprint, onCertificate: (shown) => seen.push(shown) }, async (store) => {
      await store.create();
      // Uploads and downloads have connections of their own.
      const bytes = Buffer.from('pinned');
      const name = loadAddon().sha256(bytes).toString('hex');
      await store.put({ type: 'data', name }, bytes);
      expect((await store.get({ type: 'data', name })).equals(bytes)).toBe(true);
    });
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(new Set(seen)).toEqual(new Set([fingerprint]));
  });

  it('that changed is refused at once, with both fingerprints and without a retry', async () => {
    const retries: unknown[] = [];
    const pinned = 'ab'.repeat(32);
    const failure = await failureOf({ certificateFingerprint: pinned, onRetry: (event) => retries.push(event) });
    expect(failure).toMatchObject({ code: 'FINGERPRINT_CHANGED', text: { safe: expect.stringContaining('was sent to it') as string } });
    expect(String(failure)).toContain(fingerprint);
    expect(String(failure)).toContain(pinned);
    expect(String(failure)).not.toContain('planted');
    expect(retries).toEqual([]);
  });

  it('that is none is refused before anything is opened', () => {
    expect(() => openStore(location, { addon: loadAddon(), clock: systemClock, certificateFingerprint: 'abc' })).toThrow(/not a SHA-256 fingerprint/);
  });
});

describe('serverCertificate', () => {
  it('tells what to pin', async () => {
    expect(await serverCertificate(location, systemClock)).toEqual({ fingerprint, vouched: false });
  });

  it('has nothing to tell of a folder and of plain HTTP', async () => {
    expect(await serverCertificate(folder, systemClock)).toBeUndefined();
    expect(await serverCertificate('rest:http://127.0.0.1:1/', systemClock)).toBeUndefined();
  });

  it('says that a server cannot be reached, and names no credential', async () => {
    const listener = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as AddressInfo;
    const look = (): Promise<unknown> => serverCertificate(`rest:https://anna:planted@127.0.0.1:${port}/`, systemClock).catch((error: unknown) => error);
    const hungUp = await look();
    await new Promise<void>((resolve) => listener.close(() => resolve()));
    for (const failure of [hungUp, await look()]) {
      expect(failure).toMatchObject({ code: 'STORAGE_UNREACHABLE' });
      expect(String(failure)).not.toContain('planted');
    }
  });

  it('ends with an abort', async () => {
    const listener = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const controller = new AbortController();
    const reason = new Error('enough');
    const looking = serverCertificate(`rest:https://127.0.0.1:${(listener.address() as AddressInfo).port}/`, systemClock, controller.signal);
    listener.once('connection', () => controller.abort(reason));
    await expect(looking).rejects.toBe(reason);
    await new Promise<void>((resolve) => listener.close(() => resolve()));
  });
});

describe('every request', () => {
  it('says who sends it and for what', async () => {
    const seen: { clientId: unknown; traceparent: unknown; method: unknown }[] = [];
    const listener = createHttp((request, response) => {
      seen.push({ method: request.method, clientId: request.headers['x-client-id'], traceparent: request.headers['traceparent'] });
      request.resume();
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const context = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
    const store = openStore(`rest:http://127.0.0.1:${(listener.address() as AddressInfo).port}/`, { addon: loadAddon(), clock: systemClock, clientId: 'job-7\r\nX-Evil: 1\u20ac', traceparent: () => context });
    await expect(store.stat(config)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(store.get({ type: 'data', name: 'ab'.repeat(32) })).rejects.toMatchObject({ kind: 'not-found' });
    await store.close();
    await new Promise<void>((resolve) => listener.close(() => resolve()));
    expect(seen).toEqual(['HEAD', 'GET'].map((method) => ({ method, clientId: 'job-7X-Evil: 1', traceparent: context })));
  });
});
