/** What the HTTP layer allows a client in size and time, and its answer to what is no HTTP. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { invalidInput } from '../../shared/contract/check-input.ts';
import type { Failure } from '../../shared/errors.ts';
import { failureAnswer } from './failure-answer.ts';
import { apiHeaders } from './security-headers.ts';

export const parserOptions = {
  bodyLimit: 1024 * 1024,
  routerOptions: { maxParamLength: 1024 },
} as const;

/** Milliseconds. A quiet connection outlives the longest answer: opening a remote repository, or a kill after its grace. */
export const connectionLimits = {
  connectionTimeout: 120_000,
  keepAliveTimeout: 30_000,
  requestTimeout: 30_000,
  // Two of a header that may come once only become one that fits nothing, instead of the first.
  http: { joinDuplicateHeaders: true, headersTimeout: 10_000, connectionsCheckingInterval: 2000, maxHeaderSize: 16 * 1024 },
} as const;

/** Answers what the parser refused: slow or oversized headers, two lengths, no HTTP at all. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (socket.destroyed) return;
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  answerRaw(socket, status, invalidInput({ path: 'request', message: 'It is malformed, too slow, or has too long a header' }));
}

/** An answer where HTTP has no response to write to; the connection ends with it. */
export function answerRaw(socket: Duplex, status: number, failure: Failure): void {
  const body = JSON.stringify(failureAnswer(failure).body);
  const headers = { ...apiHeaders, Connection: 'close', 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': String(Buffer.byteLength(body)) };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${head.join('')}\r\n${body}`, () => socket.destroy());
}
