/**
 * What a status or a broken connection means (REST specification, section 12.2; interfaces, section 5).
 */
import { errorCode } from './file-errors.ts';
import { StorageError } from './object-store.ts';
import type { StorageErrorKind } from './object-store.ts';

/** In the 403 to an upload that an administrator of our server ended: with `administrator`. Other servers do not know it. */
export const endedByHeader = 'x-upload-ended-by';

const statusKinds: Readonly<Record<number, StorageErrorKind>> = {
  401: 'denied',
  403: 'denied',
  404: 'not-found',
  408: 'temporary',
  413: 'too-large',
  416: 'range',
  425: 'temporary',
  429: 'temporary',
  507: 'full',
};

/** The error for a status that is not a success; `now` (milliseconds since the epoch) serves a `Retry-After` date. */
export function statusError(status: number, headers: Readonly<Record<string, string | string[] | undefined>>, what: string, now: number): StorageError {
  const kind = statusKinds[status] ?? (status >= 500 ? 'temporary' : 'permanent');
  const wait = retryAfter(headers['retry-after']?.toString(), now);
  return new StorageError(kind, `${what}: the server answered ${status}`, wait === undefined ? {} : { retryAfter: wait });
}

/** Milliseconds of a `Retry-After` header: whole seconds, or a date (RFC 9110, section 10.2.3). */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

const unreachable = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ETIMEDOUT', 'EADDRNOTAVAIL']);
const broken = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'EMFILE', 'ENFILE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED', 'HPE_INVALID_EOF_STATE']);
const certificate = /CERT|_TLS_|^UNABLE_TO_|SELF_SIGNED|HOSTNAME_MISMATCH/;
const protocol = /^HPE_|^EPROTO$|^ERR_SSL_/;

/** The error for a connection that could not be made or broke; other errors are returned as they are. */
export function connectionError(error: unknown, what: string): unknown {
  if (error instanceof StorageError) return error;
  const code = errorCode(error);
  if (code === undefined) return error;
  if (unreachable.has(code)) return new StorageError('unreachable', `${what}: the server cannot be reached (${code})`, { cause: error });
  if (broken.has(code)) return new StorageError('temporary', `${what}: the connection broke (${code})`, { cause: error });
  if (certificate.test(code)) return new StorageError('permanent', `${what}: the certificate of the server is not trusted (${code})`, { cause: error });
  if (protocol.test(code)) return new StorageError('permanent', `${what}: the server does not speak the protocol of the URL (${code})`, { cause: error });
  return error;
}
