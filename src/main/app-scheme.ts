/**
 * `app://cyberbackup/`: the interface's own origin, with the files of the built interface and a strict content policy.
 *
 * Invariants: only GET and HEAD, only this host, only the files that lay in the folder at the start; a request that another
 * origin caused is refused.
 */
import { openInterfaceFiles } from '../agent/api/interface-files.ts';
import { apiHeaders } from '../agent/api/security-headers.ts';
import type { Logger } from '../core/platform/logger.ts';

export const appScheme = 'app';
const host = 'cyberbackup';
const origin = `${appScheme}://${host}`;

/** Before the program is ready: the scheme has origins, storage and secure contexts like https. */
export const schemePrivileges = { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } } as const;

export function appAddress(path: string): string {
  return `${origin}${path}`;
}

/** Whether a page is the interface: the scheme and the whole host count, whatever stands before or after them. */
export function isOwnPage(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host: of, username, password, port } = new URL(url);
  return protocol === `${appScheme}:` && of === host && username === '' && password === '' && port === '';
}

/** Answers requests for the interface. `folder` undefined: no interface was built. */
export async function serveInterface(folder: string | undefined, logger: Logger): Promise<(request: Request) => Promise<Response>> {
  const files = await openInterfaceFiles(folder);
  const refuse = (status: number, why: string, request: Request): Response => {
    logger.warn({ component: 'shell', why, method: request.method }, 'a request for the interface was refused');
    return new Response(null, { status, headers: apiHeaders });
  };
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'its method', request);
    if (!isOwnPage(request.url)) return refuse(403, 'its host', request);
    const from = request.headers.get('Origin');
    const site = request.headers.get('Sec-Fetch-Site');
    if ((from !== null && from !== origin) || site === 'cross-site' || site === 'same-site') return refuse(403, 'another origin', request);
    const path = decoded(new URL(request.url).pathname);
    const file = path === undefined ? undefined : await files.read(path);
    if (file === undefined) return new Response(null, { status: 404, headers: apiHeaders });
    const body = typeof file.body === 'string' ? file.body : new Uint8Array(file.body);
    return new Response(request.method === 'HEAD' ? null : body, { status: 200, headers: { ...file.headers } });
  };
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
