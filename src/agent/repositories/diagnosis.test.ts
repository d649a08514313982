import { rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import { freePort } from '../../../test/support/free-port.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { diagnose } from './diagnosis.ts';

const servers = new Set<Server>();
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all([...servers].map((server) => new Promise((resolve) => server.close(resolve))));
  servers.clear();
});

async function listening(server: Server): Promise<number> {
  servers.add(server);
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const brief = async (url: string, clock = new FakeClock()): Promise<string[]> => (await diagnose(url, clock)).map(({ step, ok, detail }) => `${step} ${ok ? 'ok' : 'no'} ${detail}`);

it('sees a server that answers, whatever it answers', async () => {
  const port = await listening(createHttpServer((_, response) => response.writeHead(401).end()));
  expect(await brief(`rest:http://127.0.0.1:${port}/mara/`)).toEqual(['name ok 127.0.0.1', 'port ok ', 'answer ok 401']);
});

it('stops at the port where nobody listens', async () => {
  expect(await brief(`rest:http://127.0.0.1:${await freePort()}/`)).toEqual(['name ok 127.0.0.1', 'port no ECONNREFUSED']);
});

it('tells a server that takes connections and says nothing', async () => {
  const clock = new FakeClock();
  const accepted = Promise.withResolvers<void>();
  const port = await listening(createServer((socket) => socket.once('data', () => accepted.resolve())));
  const looking = brief(`rest:http://127.0.0.1:${port}/`, clock);
  await accepted.promise;
  await clock.advance(5000);
  expect(await looking).toEqual(['name ok 127.0.0.1', 'port ok ', 'answer no ETIMEDOUT']);
});

it('looks whether a folder is there', async () => {
  const folder = temporaryFolder('diagnosis');
  expect(await brief(folder)).toEqual(['folder ok ']);
  rmSync(folder, { recursive: true });
  expect(await brief('/no/such/drive')).toEqual(['folder no ENOENT']);
});
