/** The REST protocol: which request does what, and who may (its specification, sections 2, 6 and 8). */
import { StorageError } from '../core/storage/object-store.ts';
import type { ObjectHandle } from '../core/storage/object-store.ts';
import type { Exchange } from './exchange.ts';
import { notAllowed, send, unauthorized } from './http-reply.ts';
import { sendList, sendObject, sendSize } from './object-download.ts';
import type { DownloadSurroundings } from './object-download.ts';
import { objectKey, receiveObject, sizeOf } from './object-upload.ts';
import type { UploadServices } from './object-upload.ts';
import { queryOf, urlName } from './request-target.ts';
import type { RequestTarget } from './request-target.ts';

export interface RestOptions {
  readonly appendOnly: boolean;
  /** The first folder must be the user's name. */
  readonly privateRepositories: boolean;
}

type RestTarget = Exclude<RequestTarget, { kind: 'reserved' }>;

export class RestApi {
  readonly #services: UploadServices;
  readonly #options: RestOptions;
  readonly #downloads: DownloadSurroundings;

  constructor(services: UploadServices, options: RestOptions) {
    this.#services = services;
    this.#downloads = { running: 0, buffers: services.buffers, monitor: services.monitor };
    this.#options = options;
  }

  /** Answers an authenticated request. Errors are the caller's to answer. */
  async handle(exchange: Exchange, target: RestTarget): Promise<void> {
    const isPrivate = this.#options.privateRepositories || exchange.rights.isPrivate;
    if (isPrivate && (exchange.user === '' || target.folders[0] !== exchange.user)) {
      send(exchange.response, unauthorized);
      return;
    }
    switch (target.kind) {
      case 'unknown':
        send(exchange.response, { status: 404 });
        return;
      case 'repository':
        await this.#repository(exchange, target.folders);
        return;
      case 'list':
        if (exchange.method !== 'GET') send(exchange.response, notAllowed('GET'));
        else await sendList(await this.#services.repositories.existing(target.folders), exchange, target.type);
        return;
      case 'object':
        await this.#object(exchange, target.folders, target.handle);
    }
  }

  async #repository(exchange: Exchange, folders: readonly string[]): Promise<void> {
    if (exchange.method !== 'POST') {
      send(exchange.response, notAllowed('POST'));
      return;
    }
    if (queryOf(exchange.url).get('create') !== 'true') {
      send(exchange.response, { status: 400, body: 'Only ?create=true is known\n' });
      return;
    }
    await this.#services.repositories.create(folders);
    send(exchange.response, { status: 200 });
  }

  async #object(exchange: Exchange, folders: readonly string[], handle: ObjectHandle): Promise<void> {
    const { repositories, metrics } = this.#services;
    switch (exchange.method) {
      case 'HEAD':
        await sendSize(await repositories.existing(folders), exchange, handle);
        return;
      case 'GET': {
        const sent = await sendObject(await repositories.existing(folders), exchange, handle, this.#downloads);
        if (sent !== undefined && handle.type !== 'config') metrics.countBlob('read', labelsOf(exchange, folders, handle), sent);
        return;
      }
      case 'POST':
        await receiveObject(this.#services, exchange, folders, handle);
        return;
      case 'DELETE':
        await this.#remove(exchange, folders, handle);
        return;
      default:
        send(exchange.response, notAllowed('HEAD, GET, POST, DELETE'));
    }
  }

  async #remove(exchange: Exchange, folders: readonly string[], handle: ObjectHandle): Promise<void> {
    if ((this.#options.appendOnly || exchange.rights.appendOnly) && handle.type !== 'lock') {
      send(exchange.response, { status: 403, body: this.#options.appendOnly ? 'This server only adds\n' : 'This user may only add\n' });
      return;
    }
    try {
      const store = await this.#services.repositories.existing(folders);
      const size = await sizeOf(store, handle);
      // Config is not counted.
      const counted = size !== undefined && handle.type !== 'config';
      const quotas = await this.#services.quotas.of(folders);
      const counts = await this.#services.accounts.remove(objectKey(folders, handle), counted ? size : 0, quotas, () => store.remove(handle));
      if (counted && counts) this.#services.metrics.countBlob('delete', labelsOf(exchange, folders, handle), size);
    } catch (error) {
      // What is in a repository that does not exist is absent too.
      if (!(error instanceof StorageError && error.kind === 'not-found')) throw error;
    }
    send(exchange.response, { status: 200 });
  }
}

function labelsOf(exchange: Exchange, folders: readonly string[], handle: ObjectHandle): { user: string; repo: string; type: string } {
  return { user: exchange.user, repo: folders.join('/'), type: urlName(handle.type) };
}
