/**
 * POST of an object (specification of the REST protocol, section 5, with its "better" rules).
 *
 * Invariants: 200 only when the object is whole, hashes to its name and is durable; the temporary file of an upload that
 * ended early is gone before the upload is; memory is two buffers an upload.
 */
import { StorageError } from '../core/storage/object-store.ts';
import type { ObjectHandle, ObjectStore } from '../core/storage/object-store.ts';
import type { ConnectionMonitor } from './connection-monitor.ts';
import type { Exchange } from './exchange.ts';
import { replyToError, send } from './http-reply.ts';
import type { ObjectAccounts } from './object-accounts.ts';
import type { PieceBuffers } from './piece-buffers.ts';
import type { Repositories } from './repositories.ts';
import type { UserQuotas } from './user-quotas.ts';
import { urlName } from './request-target.ts';
import type { ServerMetrics } from './server-metrics.ts';
import { UploadBody } from './upload-body.ts';
import { UploadAborted } from './upload-registry.ts';
import type { Upload, UploadRegistry } from './upload-registry.ts';

export interface UploadServices {
  readonly repositories: Repositories;
  readonly uploads: UploadRegistry;
  readonly buffers: PieceBuffers;
  readonly accounts: ObjectAccounts;
  readonly quotas: UserQuotas;
  readonly metrics: ServerMetrics;
  readonly monitor: ConnectionMonitor;
}

export function objectKey(folders: readonly string[], handle: ObjectHandle): string {
  return [...folders, urlName(handle.type), handle.name].join('/');
}

export async function receiveObject(services: UploadServices, exchange: Exchange, folders: readonly string[], handle: ObjectHandle): Promise<void> {
  const store = await services.repositories.existing(folders);
  const existing = await sizeOf(store, handle);
  if (existing !== undefined && handle.type === 'config') throw new StorageError('exists', 'the config exists');

  const length = announcedLength(exchange);
  // Config is not counted: without it nothing can be stored.
  const counted = handle.type !== 'config';
  const quotas = await services.quotas.of(folders);
  const account = services.accounts.open(objectKey(folders, handle), existing !== undefined || !counted, length ?? 0, quotas);
  try {
    const bytes = await storeBody(services, exchange, { store, folders, handle, length, refusal: account.refusal });
    const isNew = account.stored(bytes);
    exchange.bytes = bytes;
    if (counted && isNew) services.metrics.countBlob('write', { user: exchange.user, repo: folders.join('/'), type: urlName(handle.type) }, bytes);
    send(exchange.response, { status: 200 });
  } finally {
    account.close();
  }
}

interface Incoming {
  readonly store: ObjectStore;
  readonly folders: readonly string[];
  readonly handle: ObjectHandle;
  readonly length: number | undefined;
  readonly refusal: (bytes: number) => Error | undefined;
}

/** Stores the body; resolves with its length. */
async function storeBody(services: UploadServices, exchange: Exchange, incoming: Incoming): Promise<number> {
  const { store, folders, handle, length } = incoming;
  const name = handle.type === 'config' ? 'config' : `${urlName(handle.type)}/${handle.name}`;
  let body: UploadBody | undefined;
  const upload = services.uploads.begin({ repository: folders.join('/'), name, clientId: exchange.clientId, bytes: () => body?.received ?? 0 });
  try {
    body = new UploadBody(exchange.request, { buffers: services.buffers, length, signal: upload.signal, refusal: incoming.refusal });
    const carried = body;
    exchange.upload = {
      get waitsForClient() {
        return carried.waitsForClient;
      },
      get received() {
        return carried.received;
      },
      abort: upload.abort,
    };
    if (exchange.expectsContinue) exchange.response.writeContinue();
    await store.put(handle, length === undefined ? { stream: body } : { stream: body, length }, upload.signal);
    return body.received;
  } catch (error) {
    noteInterruption(services, exchange, upload, body, error);
    throw error;
  } finally {
    body?.discard();
    upload.finish();
  }
}

function noteInterruption(services: UploadServices, exchange: Exchange, upload: Upload, body: UploadBody | undefined, error: unknown): void {
  const reason = error instanceof UploadAborted ? error : upload.signal.reason;
  if (!(reason instanceof UploadAborted)) return;
  services.monitor.notePartialClear(exchange.request.socket);
  services.metrics.countPartialClear();
  exchange.log('warn', { bytes: body?.received ?? 0, ended_by: reason.by, partial_clears: services.metrics.partialClears }, 'interrupted upload: partial file removed');
  // The connection of a client that left, or hangs, is of no more use.
  if (reason.by === 'client') exchange.request.socket.destroy();
  else send(exchange.response, replyToError(reason));
}

/** Size in bytes, or undefined where the object does not exist. */
export async function sizeOf(store: ObjectStore, handle: ObjectHandle): Promise<number | undefined> {
  try {
    return (await store.stat(handle)).size;
  } catch (error) {
    if (error instanceof StorageError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

/** Node's parser has refused everything but digits. */
function announcedLength(exchange: Exchange): number | undefined {
  const header = exchange.request.headers['content-length'];
  return header === undefined ? undefined : Number(header);
}
