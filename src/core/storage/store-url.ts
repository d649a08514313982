/**
 * Locations of repositories (interfaces, section 1).
 *
 * Forms: `/path` or another path of this machine · `local:/path` · `rest:http[s]://[user:password@]host:port/[path/]`.
 * Invariant: no failure and no field but `username` and `password` holds a credential.
 */
import { isAbsolute, resolve } from 'node:path';
import { Failure } from '../../shared/errors.ts';

export type StoreLocation =
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'rest'; readonly url: URL; readonly username: string; readonly password: string };

const forms = 'Write /path, local:/path or rest:http[s]://[user:password@]host:port/[path/]';

/** Parses a location; throws `Failure` USAGE, or CONFIGURATION for a kind that this version cannot open. */
export function parseStoreUrl(text: string): StoreLocation {
  if (text.trim() === '' || text.includes('\0')) throw usage('The repository location is empty');
  if (isAbsolute(text) || /^\.{0,2}[/\\]/.test(text)) return { kind: 'local', path: resolve(text) };
  const scheme = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(text);
  if (scheme === null) return { kind: 'local', path: resolve(text) };
  const [, name = '', rest = ''] = scheme;
  switch (name.toLowerCase()) {
    case 'local':
      if (rest === '') throw usage('The repository location local: has no path');
      return { kind: 'local', path: resolve(rest) };
    case 'rest':
      return restLocation(rest);
    case 's3':
      throw new Failure('CONFIGURATION', {
        what: 'Repositories in S3 object storage cannot be opened by this version',
        next: 'A later version brings them; use a folder or a CyberBackup server until then',
      });
    case 'http':
    case 'https':
      throw usage('The repository location lacks the leading rest:');
    default:
      throw usage(`The repository location begins with the unknown kind ${name.slice(0, 20)}:`);
  }
}

/** The location as it may be shown: credentials replaced, whatever else is wrong with it. */
export function withoutCredentials(text: string): string {
  return text.replace(/(:\/\/)[^/]*@/, '$1***@');
}

function restLocation(rest: string): StoreLocation {
  if (!URL.canParse(rest)) throw usage('The repository location after rest: is not a valid URL');
  const url = new URL(rest);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw usage('The repository location after rest: begins with neither http:// nor https://');
  if (url.search !== '' || url.hash !== '') throw usage('The repository location has a query or a fragment');
  const username = decoded(url.username);
  const password = decoded(url.password);
  url.username = url.password = '';
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return { kind: 'rest', url, username, password };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    // The cause would quote the credential.
    if (error instanceof URIError) throw usage('The user name or password in the repository location has a broken percent escape');
    throw error;
  }
}

function usage(what: string): Failure {
  return new Failure('USAGE', { what, next: forms });
}
