/**
 * A part of a file as an answer: the head goes through Node, the body from the page cache to the socket by threads of the
 * addon: with a fraction of the wake-ups and copies, and no memory of ours.
 *
 * Invariants: while the addon sends, Node writes nothing to the socket; whatever ends the connection ends the sending,
 * since the addon holds the connection open; the monitor sees the bytes as they go. Afterwards Node ends the answer and
 * uses the connection again as if it had sent the body itself.
 */
import { TLSSocket } from 'node:tls';
import type { SendableFile } from '../core/native/sendable-file.ts';
import type { ByteRange } from '../core/storage/object-store.ts';
import type { ConnectionMonitor } from './connection-monitor.ts';
import { socketDescriptor } from './connection-record.ts';
import type { Exchange } from './exchange.ts';
import { breakOff, finish, write } from './response-body.ts';

/** True where the connection takes what is sent past Node. */
export function takesFiles({ request: { socket } }: Exchange): boolean {
  return !(socket instanceof TLSSocket) && socketDescriptor(socket) >= 0;
}

/** True when the client has taken everything, false when it left. Throws only before the answer began. */
export async function sendFile(exchange: Exchange, file: SendableFile, { offset, length }: Required<ByteRange>, monitor: ConnectionMonitor, writeHead: () => void): Promise<boolean> {
  const { response } = exchange;
  writeHead();
  if (!(await flushed(exchange))) return false;
  try {
    if (await sent(exchange, file, { offset, length }, monitor)) return await finish(response);
    response.destroy();
    return false;
  } catch (error) {
    return breakOff(exchange, error);
  }
}

/** True when the head is with the operating system, false when the client left. */
async function flushed({ response, request }: Exchange): Promise<boolean> {
  response.flushHeaders();
  return request.socket.writableLength === 0 || write(response, '');
}

async function sent(exchange: Exchange, file: SendableFile, { offset, length }: Required<ByteRange>, monitor: ConnectionMonitor): Promise<boolean> {
  const { response, request } = exchange;
  const socket = socketDescriptor(request.socket);
  // Closed since the head went out.
  if (socket < 0) return false;
  const cancel = (): void => file.cancel();
  response.once('close', cancel);
  const endCount = monitor.beginSending(request.socket, () => file.sent());
  exchange.sending = file;
  try {
    return await file.send(socket, offset, length);
  } finally {
    exchange.sending = undefined;
    exchange.bytes += file.sent();
    endCount();
    response.off('close', cancel);
  }
}
