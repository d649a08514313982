/**
 * What a request's URL names.
 *
 * Vocabulary: a *repository path* is the folders before the object part, none to two of them (specification of the REST
 * protocol, section 1). A *target* is the parsed path of a URL.
 *
 * Invariants: the path is decoded exactly once; no folder can be `.`, `..`, empty, hidden, or hold a separator or a
 * control character, so that joined to the data folder it never leaves it. Whatever does not parse is `unknown` (404).
 */
import { isObjectName } from '../core/storage/object-store.ts';
import type { ObjectHandle, ObjectType } from '../core/storage/object-store.ts';

export type ListedType = Exclude<ObjectType, 'config'>;

export type RequestTarget =
  | { readonly kind: 'repository'; readonly folders: readonly string[] }
  | { readonly kind: 'list'; readonly folders: readonly string[]; readonly type: ListedType }
  | { readonly kind: 'object'; readonly folders: readonly string[]; readonly handle: ObjectHandle }
  /** Outside the REST protocol: `/health`, `/metrics` and everything below `/api`. */
  | { readonly kind: 'reserved'; readonly segments: readonly string[] }
  /** `folders` is at most the first, which private repositories look at. */
  | { readonly kind: 'unknown'; readonly folders: readonly string[] };

const maximumFolders = 2;
const maximumFolderBytes = 255;
const reservedSegments: ReadonlySet<string> = new Set(['api', 'metrics', 'health']);

/** Path element of each type in URLs and on disk. */
const urlTypes: ReadonlyMap<string, ListedType> = new Map([
  ['keys', 'key'],
  ['locks', 'lock'],
  ['snapshots', 'snapshot'],
  ['index', 'index'],
  ['data', 'data'],
]);

/** The element of a URL, and label of a metric, that stands for the type. */
export function urlName(type: ObjectType): string {
  for (const [name, candidate] of urlTypes) if (candidate === type) return name;
  return 'config';
}

/** Parses the path of a request line (`/a/data/?x=y`; not an absolute URL). */
export function parseTarget(url: string): RequestTarget {
  const segments = decodeSegments(url);
  if (segments === undefined) return { kind: 'unknown', folders: [] };
  if (segments[0] !== undefined && reservedSegments.has(segments[0])) return { kind: 'reserved', segments };

  const folders: string[] = [];
  let rest = segments;
  while (rest.length > 1 && !isObjectPart(rest[0] ?? '')) {
    folders.push(rest[0] ?? '');
    rest = rest.slice(1);
  }
  if (folders.length > maximumFolders || !folders.every(isSafeFolder)) return { kind: 'unknown', folders: folders.slice(0, 1) };
  return objectPart(folders, rest);
}

/** The query part, without the question mark. */
export function queryOf(url: string): URLSearchParams {
  const mark = url.indexOf('?');
  return new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
}

/** The path part, safe to log: the query may hold anything. */
export function pathOf(url: string): string {
  const mark = url.indexOf('?');
  return (mark === -1 ? url : url.slice(0, mark)).slice(0, 512);
}

function decodeSegments(url: string): string[] | undefined {
  if (!url.startsWith('/')) return undefined;
  const end = url.search(/[?#]/);
  const path = end === -1 ? url : url.slice(0, end);
  try {
    return path.slice(1).split('/').map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

function objectPart(folders: string[], rest: string[]): RequestTarget {
  const [first = '', second] = rest;
  if (rest.length === 1 && first === '') return { kind: 'repository', folders };
  if (rest.length === 1 && first === 'config') return { kind: 'object', folders, handle: { type: 'config', name: '' } };
  const type = urlTypes.get(first);
  if (type !== undefined && rest.length === 2 && second !== undefined) {
    if (second === '') return { kind: 'list', folders, type };
    if (isObjectName(type, second)) return { kind: 'object', folders, handle: { type, name: second } };
  }
  return { kind: 'unknown', folders: folders.slice(0, 1) };
}

function isObjectPart(segment: string): boolean {
  return segment === 'config' || urlTypes.has(segment);
}

function isSafeFolder(name: string): boolean {
  if (name === '' || name.startsWith('.') || Buffer.byteLength(name) > maximumFolderBytes) return false;
  // A percent sign would be a second encoding, which some proxy may undo.
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what is refused
  if (/[/\\%\u0000-\u001f\u007f]/.test(name) || !name.isWellFormed()) return false;
  // A file system that ignores case would let `DATA` stand for `data`; Windows has further names of its own.
  if (isObjectPart(name.toLowerCase())) return false;
  return process.platform !== 'win32' || !/[<>:"|?*]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name);
}
