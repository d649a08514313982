import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { sampleBytes } from '../core/storage/testing/samples.ts';
import { startTestServer } from './testing/test-server.ts';
import type { TestServer } from './testing/test-server.ts';

let server: TestServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** Asks for the object, takes its beginning and leaves. */
async function leaveEarly(port: number, path: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await once(socket, 'data');
  socket.destroy();
}

// With the memory of four buffers the pieces of many downloads are small, and buffers pass from one to the next at once.
it.each([96, 4])('many downloads at once, some of which end early, never see the bytes of another (%i MiB for all)', async (mebibytes) => {
  server = await startTestServer({ limits: { transferMemory: mebibytes * 1024 * 1024 } });
  const { port } = server;
  const call = server.call.bind(server);
  await call('POST', '/repo/?create=true');
  const objects = Array.from({ length: 4 }, (_, seed) => sampleBytes(3_000_000 + seed, seed)).map((bytes) => ({ bytes, path: `/repo/data/${createHash('sha256').update(bytes).digest('hex')}` }));
  for (const { bytes, path } of objects) expect((await call('POST', path, { body: bytes })).status).toBe(200);
  await Promise.all(
    Array.from({ length: 60 }, async (_, turn) => {
      const { bytes, path } = objects[turn % objects.length] as (typeof objects)[number];
      if (turn % 5 === 0) return leaveEarly(port, path);
      const first = turn * 10_007;
      const last = first + turn * 40_009;
      const part = await call('GET', path, turn % 5 === 1 ? {} : { headers: { Range: `bytes=${first}-${last}` } });
      expect(part.body.equals(turn % 5 === 1 ? bytes : bytes.subarray(first, last + 1))).toBe(true);
      return undefined;
    }),
  );
});
