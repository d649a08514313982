/** Answers of the server: exact statuses, `Content-Length` on each, the reason phrase as body of errors. */
import { STATUS_CODES } from 'node:http';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { endedByHeader } from '../core/storage/http-errors.ts';
import { StorageError } from '../core/storage/object-store.ts';
import type { StorageErrorKind } from '../core/storage/object-store.ts';
import { QuotaUsedUp } from './quota.ts';
import { UploadAborted } from './upload-registry.ts';

export interface Reply {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  /** Without it the reason phrase, for errors, or nothing. */
  readonly body?: string;
}

const overloadRetrySeconds = 5;

/** Sends a small answer; does nothing where one was begun or the client is gone. */
export function send(response: ServerResponse, reply: Reply): void {
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(reply.body ?? (reply.status >= 400 ? `${STATUS_CODES[reply.status] ?? 'Error'}\n` : ''));
  const headers: OutgoingHttpHeaders = { 'Content-Length': body.length, 'X-Content-Type-Options': 'nosniff', ...reply.headers };
  if (body.length > 0 && headers['Content-Type'] === undefined) headers['Content-Type'] = 'text/plain; charset=utf-8';
  response.writeHead(reply.status, headers);
  response.end(body);
}

export function json(status: number, value: unknown): Reply {
  return { status, headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }, body: `${JSON.stringify(value)}\n` };
}

export function notAllowed(allow: string): Reply {
  return { status: 405, headers: { Allow: allow } };
}

export function tryLater(status: 429 | 503, seconds = overloadRetrySeconds): Reply {
  return { status, headers: { 'Retry-After': String(Math.max(1, Math.ceil(seconds))) } };
}

export const unauthorized: Reply = { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="CyberBackup", charset="UTF-8"' } };

/** Answers to failed operations (specification of the REST protocol, sections 2 and 5). */
const storageReplies: Readonly<Record<StorageErrorKind, Reply>> = {
  'not-found': { status: 404 },
  exists: { status: 403, body: 'An object with other content exists\n' },
  mismatch: { status: 400, body: 'The content does not hash to the name\n' },
  range: { status: 416 },
  full: { status: 507 },
  'too-large': { status: 413 },
  temporary: tryLater(503),
  unreachable: tryLater(503),
  denied: { status: 500 },
  ended: { status: 500 },
  untrusted: { status: 500 },
  permanent: { status: 500 },
};

const abortReplies: Readonly<Record<UploadAborted['by'], Reply>> = {
  deadline: { status: 408, headers: { Connection: 'close' } },
  shutdown: { status: 503, headers: { Connection: 'close', 'Retry-After': String(overloadRetrySeconds) } },
  administrator: { status: 403, headers: { [endedByHeader]: 'administrator' }, body: 'The administrator of the server ended this upload\n' },
  client: { status: 400, headers: { Connection: 'close' } },
};

export function replyToError(error: unknown): Reply {
  if (error instanceof UploadAborted) return abortReplies[error.by];
  if (error instanceof QuotaUsedUp) return { status: 507, body: `${error.message}\n` };
  return error instanceof StorageError ? storageReplies[error.kind] : { status: 500 };
}
