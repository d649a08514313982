/** The request sequences of the REST protocol's specification, section 13, and its tables of sections 2 to 5. */
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unprivileged } from '../../test/support/rights.ts';
import { randomObject, startTestServer } from './testing/test-server.ts';
import type { TestServer } from './testing/test-server.ts';

const version1 = 'application/vnd.x.restic.rest.v1';
const version2 = 'application/vnd.x.restic.rest.v2';
const wrong = Buffer.from('other content');

let ordinary: TestServer;
let appendOnly: TestServer;

beforeAll(async () => {
  ordinary = await startTestServer();
  appendOnly = await startTestServer({ appendOnly: true });
  for (const server of [ordinary, appendOnly]) {
    for (const folder of ['/', '/parent1/', '/parent1/sub1/', '/parent2/']) {
      expect((await server.call('POST', `${folder}?create=true`)).status).toBe(200);
      expect((await server.call('POST', `${folder}?create=true`)).status).toBe(200);
    }
  }
});

afterAll(async () => {
  await ordinary.stop();
  await appendOnly.stop();
});

describe.each(['/', '/parent1/', '/parent1/sub1/'])('append-only repository %s', (folder) => {
  it.each(['data', 'index', 'keys', 'snapshots'])('keeps an object of %s for ever', async (type) => {
    const { bytes, name } = randomObject(5000);
    const path = `${folder}${type}/${name}`;
    const call: TestServer['call'] = (...request) => appendOnly.call(...request);
    expect((await call('GET', path)).status).toBe(404);
    expect((await call('HEAD', path)).status).toBe(404);
    expect((await call('DELETE', path)).status).toBe(403);
    expect((await call('POST', path, { body: wrong })).status).toBe(400);
    expect((await call('GET', path)).status).toBe(404);
    expect(await call('POST', path, { body: bytes })).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    expect(await call('GET', path)).toMatchObject({ status: 200, body: bytes });
    expect((await call('POST', path, { body: wrong })).status).toBe(403);
    expect(await call('GET', path)).toMatchObject({ status: 200, body: bytes });
    expect((await call('DELETE', path)).status).toBe(403);
    expect(await call('GET', path)).toMatchObject({ status: 200, body: bytes });
  });

  it('keeps config, whatever is sent', async () => {
    const path = `${folder}config`;
    const call: TestServer['call'] = (...request) => appendOnly.call(...request);
    expect((await call('GET', path)).status).toBe(404);
    expect((await call('POST', path, { body: Buffer.from('sealed') })).status).toBe(200);
    expect(await call('HEAD', path)).toMatchObject({ status: 200, headers: { 'content-length': '6' } });
    for (const body of [wrong, Buffer.from('sealed')]) expect((await call('POST', path, { body })).status).toBe(403);
    expect((await call('DELETE', path)).status).toBe(403);
    expect((await call('GET', path)).body.toString()).toBe('sealed');
  });

  it('lets locks go', async () => {
    const { bytes, name } = randomObject(200);
    const path = `${folder}locks/${name}`;
    expect((await appendOnly.call('POST', path, { body: bytes })).status).toBe(200);
    expect((await appendOnly.call('DELETE', path)).status).toBe(200);
    expect((await appendOnly.call('GET', path)).status).toBe(404);
  });
});

describe('ordinary repository', () => {
  it.each(['data', 'index', 'keys', 'snapshots', 'locks'])('stores and removes an object of %s, twice', async (type) => {
    const { bytes, name } = randomObject(70_000);
    const path = `/${type}/${name}`;
    for (let round = 0; round < 2; round++) {
      expect((await ordinary.call('POST', path, { body: bytes })).status).toBe(200);
      expect((await ordinary.call('GET', path)).body.equals(bytes)).toBe(true);
      expect((await ordinary.call('DELETE', path)).status).toBe(200);
      expect((await ordinary.call('GET', path)).status).toBe(404);
      expect((await ordinary.call('DELETE', path)).status).toBe(200);
    }
  });

  it('takes the same object again: a client whose answer was lost sends it twice', async () => {
    for (const server of [ordinary, appendOnly]) {
      const { bytes, name } = randomObject(3000);
      for (let round = 0; round < 3; round++) expect((await server.call('POST', `/data/${name}`, { body: bytes })).status).toBe(200);
      expect((await server.call('GET', `/data/${name}`)).body.equals(bytes)).toBe(true);
    }
  });

  it('lets config be replaced only after removing it', async () => {
    expect((await ordinary.call('POST', '/parent2/config', { body: Buffer.from('one') })).status).toBe(200);
    expect((await ordinary.call('POST', '/parent2/config', { body: Buffer.from('two') })).status).toBe(403);
    expect((await ordinary.call('DELETE', '/parent2/config')).status).toBe(200);
    expect((await ordinary.call('DELETE', '/parent2/config')).status).toBe(200);
    expect((await ordinary.call('POST', '/parent2/config', { body: Buffer.from('two') })).status).toBe(200);
  });

  it('stores empty, chunked and large bodies alike, with 0400 files in 0700 folders', async () => {
    for (const size of [0, 1, 65_536, 1024 * 1024, 5 * 1024 * 1024 + 17]) {
      const { bytes, name } = randomObject(size);
      expect((await ordinary.call('POST', `/data/${name}`, { body: bytes, headers: size % 2 === 0 ? {} : { 'content-length': [] as never, 'transfer-encoding': 'chunked' } })).status).toBe(200);
      const path = join(ordinary.data, 'data', name.slice(0, 2), name);
      expect((await readFile(path)).equals(bytes)).toBe(true);
      if (process.platform !== 'win32') {
        expect((await stat(path)).mode & 0o777).toBe(0o400);
        expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700);
      }
    }
  });

  it.runIf(process.platform !== 'win32')('answers 500 for a file that cannot be read', async () => {
    const { bytes, name } = randomObject(10);
    await ordinary.call('POST', `/keys/${name}`, { body: bytes });
    const reads = async (): Promise<number> => (await unprivileged(() => ordinary.call('GET', `/keys/${name}`))).status;
    // Whoever reads may go as far as the file.
    for (const at of [ordinary.outside, ordinary.data, join(ordinary.data, 'keys')]) await chmod(at, 0o755);
    await chmod(join(ordinary.data, 'keys', name), 0o444);
    expect(await reads()).toBe(200);
    await chmod(join(ordinary.data, 'keys', name), 0o000);
    expect(await reads()).toBe(500);
  });
});

describe('answers', () => {
  it('names the methods that a path allows', async () => {
    const { name } = randomObject(1);
    for (const [path, methods, allow] of [
      ['/', ['GET', 'HEAD', 'PUT', 'DELETE'], 'POST'],
      ['/data/', ['HEAD', 'POST', 'DELETE', 'PUT'], 'GET'],
      [`/data/${name}`, ['PUT', 'PATCH', 'OPTIONS'], 'HEAD, GET, POST, DELETE'],
      ['/config', ['PUT', 'PATCH'], 'HEAD, GET, POST, DELETE'],
    ] as const) {
      for (const method of methods) expect(await ordinary.call(method, path), `${method} ${path}`).toMatchObject({ status: 405, headers: { allow } });
    }
  });

  it('creates only when asked to, with an empty chunked body too', async () => {
    expect((await ordinary.call('POST', '/')).status).toBe(400);
    expect((await ordinary.call('POST', '/?create=1')).status).toBe(400);
    expect((await ordinary.call('POST', '/chunked/?create=true', { headers: { 'transfer-encoding': 'chunked' } })).status).toBe(200);
    expect((await ordinary.call('GET', '/chunked/data/')).body.toString()).toBe('[]');
  });

  it('answers 404 for everything of a repository that does not exist, and makes nothing', async () => {
    const { bytes, name } = randomObject(10);
    for (const path of ['/absent/config', `/absent/data/${name}`, '/absent/data/', '/absent/a/keys/']) expect((await ordinary.call('GET', path)).status).toBe(404);
    expect((await ordinary.call('POST', `/absent/data/${name}`, { body: bytes })).status).toBe(404);
    expect((await ordinary.call('DELETE', `/absent/data/${name}`)).status).toBe(200);
    await expect(stat(join(ordinary.data, 'absent'))).rejects.toThrow('ENOENT');
  });
});

describe('lists', () => {
  it('come in the version that Accept names exactly', async () => {
    const { bytes, name } = randomObject(1234);
    await ordinary.call('POST', '/lists/?create=true');
    for (const accept of [version1, version2]) {
      expect(await ordinary.call('GET', '/lists/index/', { headers: { accept } })).toMatchObject({ status: 200, headers: { 'content-type': accept, 'x-lists-are-current': process.platform === 'linux' ? 'yes' : undefined }, body: Buffer.from('[]') });
    }
    await ordinary.call('POST', `/lists/index/${name}`, { body: bytes });
    const long = await ordinary.call('GET', '/lists/index/', { headers: { accept: version2 } });
    expect(long.headers).toMatchObject({ 'content-type': version2, 'content-length': String(long.body.length) });
    expect(JSON.parse(long.body.toString())).toEqual([{ name, size: 1234 }]);
    // Of a snapshot, when it came, whatever time it claims to be of.
    await ordinary.call('POST', `/lists/snapshots/${name}`, { body: bytes });
    const snapshots = await ordinary.call('GET', '/lists/snapshots/', { headers: { accept: version2 } });
    const { mtimeMs } = await stat(join(ordinary.data, 'lists', 'snapshots', name));
    expect(JSON.parse(snapshots.body.toString())).toEqual([{ name, size: 1234, received: Math.floor(mtimeMs) }]);
    for (const accept of [version1, '*/*', `${version2}, ${version1}`, `${version2};q=1`, undefined]) {
      const short = await ordinary.call('GET', '/lists/index/', { headers: accept === undefined ? {} : { accept } });
      expect(short.headers['content-type']).toBe(version1);
      expect(JSON.parse(short.body.toString())).toEqual([name]);
    }
  });

  it('show finished objects only', async () => {
    const { bytes, name } = randomObject(9);
    await ordinary.call('POST', '/foreign/?create=true');
    await ordinary.call('POST', `/foreign/data/${name}`, { body: bytes });
    const folder = join(ordinary.data, 'foreign', 'data');
    await writeFile(join(folder, 'foreign-file'), 'x');
    await writeFile(join(folder, name.slice(0, 2), `${name}.rest-server-temp123`), 'x');
    await writeFile(join(folder, name.slice(0, 2), name.toUpperCase().replace(/^[0-9]+/, 'A')), 'x');
    expect(JSON.parse((await ordinary.call('GET', '/foreign/data/')).body.toString())).toEqual([name]);
  });

  it('of ten thousand objects are streamed', async () => {
    await ordinary.call('POST', '/many/?create=true');
    const names = Array.from({ length: 10_000 }, (_, number) => number.toString(16).padStart(64, '0'));
    for (const name of names) await writeFile(join(ordinary.data, 'many', 'locks', name), '');
    const answer = await ordinary.call('GET', '/many/locks/', { headers: { accept: version2 } });
    expect(answer.headers).toMatchObject({ 'content-type': version2, 'transfer-encoding': 'chunked' });
    const listed = JSON.parse(answer.body.toString()) as { name: string; size: number }[];
    expect(listed.map(({ name }) => name).sort()).toEqual(names);
    expect(listed.every(({ size }) => size === 0)).toBe(true);
  });
});

describe('reading', () => {
  const { bytes, name } = randomObject(3_000_000);
  const empty = randomObject(0);

  beforeAll(async () => {
    await ordinary.call('POST', `/data/${name}`, { body: bytes });
    await ordinary.call('POST', `/data/${empty.name}`, { body: empty.bytes });
  });

  it('whole: 200 with the length, HEAD too', async () => {
    for (const method of ['GET', 'HEAD']) {
      expect(await ordinary.call(method, `/data/${name}`)).toMatchObject({ status: 200, headers: { 'content-length': '3000000', 'accept-ranges': 'bytes' } });
    }
    expect((await ordinary.call('GET', `/data/${name}`)).body.equals(bytes)).toBe(true);
  });

  it.each([
    ['bytes=0-', 0, 3_000_000],
    ['bytes=0-0', 0, 1],
    ['bytes=100-199', 100, 100],
    ['bytes=1048570-2097160', 1_048_570, 1_048_591],
    ['bytes=2999999-', 2_999_999, 1],
    ['bytes=2999000-9999999999', 2_999_000, 1000],
    ['bytes=-651', 2_999_349, 651],
    ['bytes=-99999999', 0, 3_000_000],
  ])('%s: exactly that part', async (range, offset, length) => {
    const answer = await ordinary.call('GET', `/data/${name}`, { headers: { range } });
    expect(answer).toMatchObject({ status: 206, headers: { 'content-length': String(length), 'content-range': `bytes ${offset}-${offset + length - 1}/3000000` } });
    expect(answer.body.equals(bytes.subarray(offset, offset + length))).toBe(true);
  });

  it.each(['bytes=3000000-', 'bytes=5-4', 'bytes=x-', 'bytes=-0', 'bytes=-', 'lines=1-2', 'bytes=1', 'bytes= 1 2-3'])('%s: 416 with the size', async (range) => {
    expect(await ordinary.call('GET', `/data/${name}`, { headers: { range } })).toMatchObject({ status: 416, headers: { 'content-range': 'bytes */3000000' } });
  });

  it('several ranges, an empty object, config: the whole', async () => {
    expect((await ordinary.call('GET', `/data/${name}`, { headers: { range: 'bytes=0-1,4-5' } })).status).toBe(200);
    expect(await ordinary.call('GET', `/data/${empty.name}`, { headers: { range: 'bytes=0-' } })).toMatchObject({ status: 200, headers: { 'content-length': '0' } });
    await ordinary.call('POST', '/config', { body: Buffer.from('sealed config') });
    expect(await ordinary.call('GET', '/config', { headers: { range: 'bytes=0-3' } })).toMatchObject({ status: 200, body: Buffer.from('sealed config') });
  });
});
