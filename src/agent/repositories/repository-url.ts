/**
 * The URL of a repository as a person gives it, checked at the border: an absolute folder or a REST server, and nothing else.
 *
 * Invariant: `url` holds no credentials; those go to the secret store and come back only for the one who connects.
 */
import { isAbsolute, resolve } from 'node:path';
import { parseStoreUrl } from '../../core/storage/store-url.ts';
import { Failure } from '../../shared/errors.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface RepositoryPlace {
  readonly kind: 'local' | 'rest';
  /** As it is kept and shown: a path, or `rest:https://host/…/`. */
  readonly url: string;
  readonly credentials?: Credentials;
}

/** Failure INVALID_INPUT, path `url`. */
export function parseRepositoryUrl(text: string): RepositoryPlace {
  const path = /^local:/i.test(text) ? text.slice('local:'.length) : text;
  const isLocal = path !== text || isAbsolute(text);
  if (isLocal) {
    if (!isAbsolute(path) || path.includes('\0')) throw refusal('The path of the repository is not absolute');
    return { kind: 'local', url: resolve(path) };
  }
  if (!/^rest:/i.test(text)) throw refusal(/^s3:/i.test(text) ? 'Repositories in S3 object storage cannot be opened by this version' : 'The location is neither an absolute path nor a rest: URL');
  return restPlace(text);
}

/** The URL for the one who connects. */
export function withCredentials(url: string, credentials: Credentials | undefined): string {
  if (credentials === undefined) return url;
  const base = new URL(url.slice('rest:'.length));
  base.username = encodeURIComponent(credentials.username);
  base.password = encodeURIComponent(credentials.password);
  return `rest:${base.href}`;
}

function restPlace(text: string): RepositoryPlace {
  try {
    const location = parseStoreUrl(text);
    if (location.kind !== 'rest') throw refusal('The location is no rest: URL');
    const { url, username, password } = location;
    return { kind: 'rest', url: `rest:${url.href}`, ...(username === '' && password === '' ? {} : { credentials: { username, password } }) };
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'INVALID_INPUT') throw error;
    throw refusal(error.text.what);
  }
}

function refusal(what: string): Failure {
  return new Failure('INVALID_INPUT', { what, safe: 'Nothing was changed', next: 'Write /path, local:/path or rest:http[s]://[user:password@]host:port/[path/]' }, { path: 'url' });
}
