/**
 * Who may talk to the local API at all, decided by headers alone, before a body is read.
 *
 * A page in a browser of this machine can send requests to loopback. What keeps foreign pages out: `Host` must be a name
 * of loopback (a foreign name that resolves to 127.0.0.1 is DNS rebinding), `Origin` must be this very server, and
 * `Sec-Fetch-Site` must not tell of another site. The token is asked for besides.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { invalidInput } from '../../shared/contract/check-input.ts';
import { Failure } from '../../shared/errors.ts';
import { isLoopbackAddress } from './listen-address.ts';

export interface GatedRequest {
  readonly method: string;
  /** As it was sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

/** Why the request is refused; undefined where it may go on. `port`: the one that the server listens on. */
export function refusalOf(request: GatedRequest, port: number): Failure | undefined {
  const { headers, target } = request;
  if (!target.startsWith('/')) return invalidInput({ path: 'url', message: 'The request must name a path' });
  const host = headers.host ?? '';
  if (!isOwnHost(host, port)) return forbidden('host', 'The Host header is not this agent');
  if (headers.origin !== undefined && headers.origin !== `http://${host}`) return forbidden('origin', 'The request comes from a page of another origin');
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isNavigation(request)) return forbidden('sec-fetch-site', 'The request comes from a page of another site');
  return undefined;
}

function isOwnHost(host: string, port: number): boolean {
  const match = /^(?:\[([0-9a-f:]+)\]|([0-9a-z.]+))(?::(\d{1,5}))?$/i.exec(host);
  if (match === null || Number(match[3] ?? 80) !== port) return false;
  const name = (match[1] ?? match[2] ?? '').toLowerCase();
  return name === 'localhost' || isLoopbackAddress(name);
}

/**
 * A link or a local file that leads to the interface, in a window of its own: it carries no authority, and neither its
 * origin nor its answer reach the page that the link is on (headers forbid frames and openers).
 */
function isNavigation({ method, target, headers }: GatedRequest): boolean {
  return method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document' && isInterfacePath(target);
}

/** Paths of the interface's static files: everything that is not the API. */
export function isInterfacePath(target: string): boolean {
  return !/^\/((api|metrics|socket\.io)([/?]|$)|health(\?|$))/.test(target);
}

function forbidden(header: string, what: string): Failure {
  return new Failure('FORBIDDEN', { what, safe: 'Nothing was changed', next: 'Use the address that "cyberbackup agent" shows' }, { path: header });
}
