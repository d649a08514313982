/**
 * GET and HEAD of objects, and lists (specification of the REST protocol, sections 3 and 4).
 *
 * Invariants: a ranged answer has exactly the length asked for; a list or an object that fails half-way ends the
 * connection, so that it never looks complete. Where the system can, it sends the object itself (file-answer.ts).
 * Else one piece (at most 1 MiB) waits for a slow reader, and one more is read ahead where few downloads ran when it
 * began; their memory is used again by the next download.
 */
import type { ByteRange, ObjectHandle, ObjectInfo, ObjectStore } from '../core/storage/object-store.ts';
import { currentListsHeader } from '../core/storage/rest-list.ts';
import type { ConnectionMonitor } from './connection-monitor.ts';
import type { Exchange } from './exchange.ts';
import { singleHeader } from './exchange.ts';
import { sendFile, takesFiles } from './file-answer.ts';
import { send } from './http-reply.ts';
import type { PieceBuffers } from './piece-buffers.ts';
import { parseRange } from './range-header.ts';
import type { ListedType } from './request-target.ts';
import { breakOff, finish, turnOf, write } from './response-body.ts';

const readAheadDownloads = 16;
const listBatch = 64 * 1024;
const listTypes = { 1: 'application/vnd.x.restic.rest.v1', 2: 'application/vnd.x.restic.rest.v2' } as const;

/** What all downloads share. */
export interface DownloadSurroundings {
  /** How many go through this process now. */
  running: number;
  readonly buffers: PieceBuffers;
  readonly monitor: ConnectionMonitor;
}

export async function sendSize(store: ObjectStore, exchange: Exchange, handle: ObjectHandle): Promise<void> {
  const { size } = await store.stat(handle);
  exchange.response.writeHead(200, { 'Content-Length': size, 'Accept-Ranges': 'bytes' });
  exchange.response.end();
}

/** Sends the object or the range asked for; resolves with the bytes sent when the client has taken all of them, undefined if it left. */
export async function sendObject(store: ObjectStore, exchange: Exchange, handle: ObjectHandle, surroundings: DownloadSurroundings): Promise<number | undefined> {
  const { response } = exchange;
  if (!(await turnOf(exchange))) return undefined;
  const file = takesFiles(exchange) ? await store.openToSend?.(handle) : undefined;
  try {
    const { size } = file ?? (await store.stat(handle));
    // Like the reference server: config is always answered whole.
    const range = handle.type === 'config' ? ({ kind: 'whole' } as const) : parseRange(singleHeader(exchange.request.headers.range), size);
    if (range.kind === 'unsatisfiable') {
      send(response, { status: 416, headers: { 'Content-Range': `bytes */${size}` } });
      return undefined;
    }
    const { offset, length } = range.kind === 'part' ? range : { offset: 0, length: size };
    const writeHead = (): void => {
      response.writeHead(range.kind === 'part' ? 206 : 200, {
        'Content-Type': 'application/octet-stream',
        'Content-Length': length,
        'Accept-Ranges': 'bytes',
        ...(range.kind === 'part' ? { 'Content-Range': `bytes ${offset}-${offset + length - 1}/${size}` } : {}),
      });
    };
    const sent =
      file !== undefined && length > 0
        ? await sendFile(exchange, file, { offset, length }, surroundings.monitor, writeHead)
        : await sendThroughBuffers(store, exchange, handle, { offset, length }, surroundings, writeHead);
    return sent ? length : undefined;
  } finally {
    file?.close();
  }
}

async function sendThroughBuffers(store: ObjectStore, exchange: Exchange, handle: ObjectHandle, part: Required<ByteRange>, surroundings: DownloadSurroundings, writeHead: () => void): Promise<boolean> {
  const buffers = takeBuffers(surroundings, part.length);
  surroundings.running += 1;
  try {
    const { body } = await store.stream(handle, part, undefined, buffers);
    return await sendPieces(exchange, body, buffers.length > 1, writeHead);
  } finally {
    surroundings.running -= 1;
    for (const buffer of buffers) surroundings.buffers.giveBack(buffer);
  }
}

/** One buffer, or two for reading ahead. */
function takeBuffers({ running, buffers }: DownloadSurroundings, length: number): Buffer[] {
  const first = buffers.take(length);
  return running < readAheadDownloads && length > first.length ? [first, buffers.take(length - first.length)] : [first];
}

/** True when the client has taken everything. Afterwards the connection uses no piece any more: it is through with them, or destroyed. */
async function sendPieces(exchange: Exchange, body: AsyncIterable<Buffer>, readAhead: boolean, writeHead: () => void): Promise<boolean> {
  const { response } = exchange;
  const pieces = body[Symbol.asyncIterator]();
  try {
    let next = await pieces.next();
    writeHead();
    while (next.done !== true) {
      const taken = write(response, next.value);
      const following = readAhead ? pieces.next() : undefined;
      const [stillThere, ahead] = await Promise.all([taken, following]);
      if (!stillThere) return false;
      exchange.bytes += next.value.length;
      next = ahead ?? (await pieces.next());
    }
    return await finish(response);
  } catch (error) {
    return breakOff(exchange, error);
  } finally {
    await pieces.return?.();
  }
}

/** The format is chosen by the exact `Accept` header; small lists have a `Content-Length`, large ones are streamed. */
export async function sendList(store: ObjectStore, exchange: Exchange, type: ListedType): Promise<void> {
  const { response } = exchange;
  if (!(await turnOf(exchange))) return;
  const version = exchange.request.headers.accept === listTypes[2] ? 2 : 1;
  const headers = { 'Content-Type': listTypes[version], ...(store.listsAreCurrent ? { [currentListsHeader]: 'yes' } : {}) };
  try {
    let batch = '[';
    let separator = '';
    for await (const info of store.list(type)) {
      batch += `${separator}${version === 2 ? listEntry(type, info) : `"${info.name}"`}`;
      separator = ',';
      if (batch.length < listBatch) continue;
      if (!response.headersSent) response.writeHead(200, headers);
      if (!(await write(response, Buffer.from(batch, 'latin1')))) return;
      batch = '';
    }
    const last = Buffer.from(`${batch}]`, 'latin1');
    if (!response.headersSent) response.writeHead(200, { ...headers, 'Content-Length': last.length });
    response.end(last);
  } catch (error) {
    if (!response.headersSent) throw error;
    exchange.log('error', { reason: String(error) }, 'a list could not be read to its end: connection closed');
    response.destroy();
  }
}

/** For snapshots with the time of arrival: a client that wrote one can lie about its time, but not about that. */
function listEntry(type: ListedType, { name, size, received }: ObjectInfo): string {
  const arrival = type === 'snapshot' && received !== undefined ? `,"received":${Math.floor(received)}` : '';
  return `{"name":"${name}","size":${size}${arrival}}`;
}
