/** The repository once its keys and config are known. See repository.ts for the vocabulary. */
import { Failure } from '../../shared/errors.ts';
import type { Addon, BlobIndex, BlobLocation, BlobType, KeySet } from '../native/addon.ts';
import type { Clock } from '../platform/clock.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import { type Logger, silentLogger } from '../platform/logger.ts';
import { StorageError, type ObjectStore } from '../storage/object-store.ts';
import type { RepositoryConfig } from './config.ts';
import { damaged } from './damage.ts';
import type { DamagedObject, LoadOptions } from './load-options.ts';
import { loadNamed } from './named-objects.ts';
import type { IndexLoadReport, Repository, RepositoryPorts } from './repository.ts';
import { decodeTree, type Tree } from './tree.ts';
import { openUnpacked, sealUnpacked, type UnpackedType } from './unpacked-files.ts';

export interface Opened {
  readonly keys: KeySet;
  readonly keyName: string;
  readonly config: RepositoryConfig;
}

export class OpenedRepository implements Repository {
  readonly config: RepositoryConfig;
  readonly keyName: string;
  readonly keys: KeySet;
  readonly store: ObjectStore;
  readonly addon: Addon;
  readonly clock: Clock;
  readonly logger: Logger;
  #index: BlobIndex;

  constructor(ports: RepositoryPorts, { keys, keyName, config }: Opened) {
    this.store = ports.store;
    this.addon = ports.addon;
    this.clock = ports.clock;
    this.logger = ports.logger ?? silentLogger;
    this.keys = keys;
    this.keyName = keyName;
    this.config = config;
    this.#index = ports.addon.createIndex();
  }

  get index(): BlobIndex {
    return this.#index;
  }

  async loadIndex(signal?: AbortSignal, options: LoadOptions = {}): Promise<IndexLoadReport> {
    const names: string[] = [];
    for await (const { name } of this.store.list('index', signal)) names.push(name);
    const index = this.addon.createIndex();
    const damagedFiles: DamagedObject[] = [];
    const load = async (name: string): Promise<void> => {
      try {
        await this.#addIndexFile(index, name, signal);
      } catch (error) {
        if (options.tolerateDamage !== true || !(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
        damagedFiles.push({ name, failure: error });
      }
    };
    await mapConcurrently(names, this.store.connections, load, signal);
    this.#index = index;
    return { files: names.length - damagedFiles.length, damaged: damagedFiles };
  }

  async #addIndexFile(index: BlobIndex, name: string, signal?: AbortSignal): Promise<void> {
    const json = await this.readUnpacked('index', name, signal);
    try {
      await index.addIndexJson(json);
    } catch (error) {
      throw damaged(`Index ${name} is damaged: ${messageOf(error)}`, { cause: error });
    }
  }

  async readUnpacked(type: UnpackedType, name: string, signal?: AbortSignal): Promise<Buffer> {
    const file = await loadNamed(this, { type, name }, signal);
    try {
      return openUnpacked(this, file);
    } catch (error) {
      throw damaged(`${titleOf(type)} ${name} is damaged: ${messageOf(error)}`, { cause: error });
    }
  }

  async writeUnpacked(type: UnpackedType, json: Uint8Array, signal?: AbortSignal): Promise<string> {
    const { name, bytes } = sealUnpacked(this, json);
    await this.store.put({ type, name }, bytes, signal);
    return name;
  }

  async readBlob(type: BlobType, id: Buffer, signal?: AbortSignal): Promise<Buffer> {
    const errors: unknown[] = [];
    for (const location of this.index.lookup(type, id)) {
      try {
        return await this.#readCopy(location, id, signal);
      } catch (error) {
        signal?.throwIfAborted();
        this.logger.warn({ blob: id.toString('hex'), pack: location.packId.toString('hex'), error: messageOf(error) }, 'a copy of a blob cannot be read');
        errors.push(error);
      }
    }
    // An unreachable storage is no damage; say what really happened.
    const outage = errors.find((error) => error instanceof Failure || (error instanceof StorageError && !['not-found', 'range', 'mismatch'].includes(error.kind)));
    if (outage !== undefined) throw outage;
    const title = `${type === 'tree' ? 'Tree' : 'Data'} blob ${id.toString('hex')}`;
    if (errors.length === 0) throw damaged(`${title} is missing: no index lists it`);
    throw damaged(`${title} is damaged: ${errors.map(messageOf).join('; ')}`, { cause: errors[0] });
  }

  async #readCopy({ packId, offset, length, uncompressedLength }: BlobLocation, id: Buffer, signal?: AbortSignal): Promise<Buffer> {
    const sealed = await this.store.get({ type: 'data', name: packId.toString('hex') }, { offset, length }, signal);
    return this.addon.decodeBlob(this.keys, sealed, uncompressedLength, id);
  }

  async readTree(id: Buffer, signal?: AbortSignal): Promise<Tree> {
    const bytes = await this.readBlob('tree', id, signal);
    try {
      return decodeTree(bytes);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw damaged(`Tree ${id.toString('hex')}: ${error.text.what}`, { cause: error });
    }
  }

  close(): Promise<void> {
    this.keys.wipe();
    return Promise.resolve();
  }
}

function titleOf(type: UnpackedType): string {
  return { index: 'Index', snapshot: 'Snapshot', lock: 'Lock' }[type];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
