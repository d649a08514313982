/** Where other computers reach the companion server, and whether it may be opened to them. */
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { hostName } from '../../core/platform/identity.ts';
import type { Settings } from '../../shared/contract/schemas/settings.ts';
import { Failure } from '../../shared/errors.ts';

type EmbeddedServer = Settings['embedded_server'];

const everyAddress: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** The same server under each of its names and addresses, the most telling first. */
export function networkUrls(networkListen: string, port: number): string[] {
  const { host } = parseAddress(networkListen);
  const hosts = everyAddress.has(host) ? [hostName(), ...ownAddresses()] : [host];
  return hosts.map((one) => `https://${one.includes(':') ? `[${one}]` : one}:${port}`);
}

/**
 * Before other computers are let in, or at another address: there is somebody who may sign in (SERVER_USERS_NEEDED), and the
 * address is free (PORT_IN_USE, CONFIGURATION).
 */
export async function checkNetwork(before: EmbeddedServer, chosen: EmbeddedServer, users: () => number): Promise<void> {
  if (!chosen.network || !chosen.enabled) return;
  const wasOpen = before.network && before.enabled;
  if (!wasOpen && users() === 0) {
    throw new Failure('SERVER_USERS_NEEDED', { what: 'The server has no user who could sign in from another computer', safe: 'Nothing was changed: only this computer reaches it', next: 'Add a user first' }, { path: 'embedded_server.network' });
  }
  if (wasOpen && before.network_listen === chosen.network_listen) return;
  await probe(chosen.network_listen);
}

async function probe(address: string): Promise<void> {
  const { host, port } = parseAddress(address);
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, exclusive: true }, resolve);
    });
  } catch (error) {
    const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    throw new Failure(
      taken ? 'PORT_IN_USE' : 'CONFIGURATION',
      { what: taken ? `Port ${port} of this computer is in use by another program` : `The server cannot listen on ${address}`, safe: 'Nothing was changed: only this computer reaches the server', next: taken ? 'Stop that program, or choose another port' : 'Choose an address of this computer' },
      { cause: error, path: 'embedded_server.network_listen' },
    );
  } finally {
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  }
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address));
}

function parseAddress(address: string): { readonly host: string; readonly port: number } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
}
