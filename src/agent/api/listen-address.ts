/** The address that the agent listens on: of this machine only, since whoever reaches it holds all backups in hand. */
import { isIP } from 'node:net';
import { Failure } from '../../shared/errors.ts';

export interface ListenAddress {
  /** An IP address of loopback. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

export const defaultListen: ListenAddress = { host: '127.0.0.1', port: 9090 };

/** `127.0.0.1:9090`, `localhost:9090`, `[::1]:9090`, `:9090`, `9090`; throws `USAGE` for anything else. */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:(?:\[([^\]]+)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const named = match?.[1] ?? match?.[2] ?? '';
  const host = named === '' || named.toLowerCase() === 'localhost' ? defaultListen.host : named;
  if (match === null || port > 65_535 || (match[1] !== undefined && isIP(host) !== 6)) {
    throw new Failure('USAGE', { what: `--listen takes an address such as 127.0.0.1:9090 or [::1]:9090, not "${text}"` });
  }
  if (!isLoopbackAddress(host)) {
    throw new Failure('USAGE', { what: `The agent listens on this machine only, and ${host} is not an address of loopback`, next: 'Use 127.0.0.1, and for access from elsewhere a tunnel such as ssh -L' });
  }
  return { host, port };
}

export function isLoopbackAddress(host: string): boolean {
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** `http://127.0.0.1:9090` */
export function urlOf({ host, port }: ListenAddress): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
