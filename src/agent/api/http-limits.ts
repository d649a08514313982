/** What the HTTP layer allows a client in size and time, and its answer to what is no HTTP. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { invalidInput } from '../../shared/contract/check-input.ts';
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
  http: { headersTimeout: 10_000, connectionsCheckingInterval: 2000, maxHeaderSize: 16 * 1024 },
} as const;

/** Answers what the parser refused: slow or oversized headers, two lengths, no HTTP at all. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (socket.destroyed) return;
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const body = JSON.stringify(failureAnswer(invalidInput({ path: '', message: 'The request is malformed, too slow, or has too long a header' })).body);
  const headers = { ...apiHeaders, Connection: 'close', 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': String(Buffer.byteLength(body)) };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${head.join('')}\r\n${body}`, () => socket.destroy());
}
