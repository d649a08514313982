/** The repository once its keys and config are known. See repository.ts for the vocabulary. */
import { Failure } from '../../shared/errors.ts';
import type { Addon, BlobType, KeySet } from '../native/addon.ts';
import { piecesOf } from '../native/many-bytes.ts';
import type { BlobIndex, BlobLocation } from '../native/blob-index.ts';
import type { Clock } from '../platform/clock.ts';
import { type Logger, silentLogger } from '../platform/logger.ts';
import { StorageError, type ObjectStore } from '../storage/object-store.ts';
import { RepositoryCache, usualTreeLimits } from './cache.ts';
import type { RepositoryConfig } from './config.ts';
import { damaged } from './damage.ts';
import { loadIndex } from './load-index.ts';
import type { IndexLoadOptions } from './load-options.ts';
import { loadCached, loadNamed } from './named-objects.ts';
import type { IndexLoadReport, Repository, RepositoryPorts } from './repository.ts';
import { decodeTree, type Tree } from './tree.ts';
import { isUndecodable, openUnpacked, sealUnpacked, type UnpackedType } from './unpacked-files.ts';

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
  readonly cache?: RepositoryCache;
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
    // The id comes from the repository, and nothing else may name a folder here.
    if (ports.cacheDirectory !== undefined && /^[0-9a-f]{64}$/.test(config.id)) this.cache = new RepositoryCache(ports.cacheDirectory, config.id, this.logger);
  }

  get index(): BlobIndex {
    return this.#index;
  }

  async loadIndex(signal?: AbortSignal, options: IndexLoadOptions = {}): Promise<IndexLoadReport> {
    const { index, report } = await loadIndex(this, options, signal);
    this.#index = index;
    return report;
  }

  async readUnpacked(type: UnpackedType, name: string, signal?: AbortSignal): Promise<Buffer> {
    try {
      return openUnpacked(this, type === 'lock' ? await loadNamed(this, { type, name }, signal) : await loadCached(this, { type, name }, signal));
    } catch (error) {
      if (!isUndecodable(error)) throw error;
      throw damaged(`${titleOf(type)} ${name} is damaged: ${messageOf(error)}`, { cause: error });
    }
  }

  async readTogether(type: UnpackedType, names: readonly string[]): Promise<readonly (Buffer | undefined)[]> {
    const files = this.cache === undefined ? await this.store.batches?.get(type, names) : undefined;
    const found = names.flatMap((name, at) => {
      const file = files?.[at];
      return file === undefined ? [] : [{ at, name, file }];
    });
    const texts = Array.from<Buffer | undefined>({ length: names.length });
    if (found.length === 0) return texts;
    const opened = piecesOf(await this.addon.openUnpackedFiles(this.keys, found.map(({ file }) => file), Buffer.concat(found.map(({ name }) => Buffer.from(name, 'hex'))), this.config.version));
    // What cannot be opened is read once more, alone, which says what is wrong with it.
    for (const [i, { at }] of found.entries()) texts[at] = opened[i];
    return texts;
  }

  async writeUnpacked(type: UnpackedType, json: Uint8Array, signal?: AbortSignal): Promise<string> {
    const { name, bytes } = sealUnpacked(this, json);
    await this.store.put({ type, name }, bytes, signal);
    if (type !== 'lock') await this.cache?.put(type, name, bytes);
    return name;
  }

  async readBlob(type: BlobType, id: Buffer, signal?: AbortSignal): Promise<Buffer> {
    const errors: unknown[] = [];
    for (const location of this.index.lookup(type, id)) {
      try {
        return (await this.#readCachedTree(type, location, id)) ?? (await this.#readCopy(type, location, id, signal));
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

  async #readCopy(type: BlobType, location: BlobLocation, id: Buffer, signal?: AbortSignal): Promise<Buffer> {
    const { packId, offset, length, uncompressedLength } = location;
    const sealed = await this.store.get({ type: 'data', name: packId.toString('hex') }, { offset, length }, signal);
    const blob = await this.addon.decodeBlob(this.keys, sealed, uncompressedLength, id);
    if (type === 'tree') await this.cache?.put('tree', entryName(location), sealed);
    return blob;
  }

  /** Undefined where the cache has no whole copy of the tree. */
  async #readCachedTree(type: BlobType, location: BlobLocation, id: Buffer): Promise<Buffer | undefined> {
    if (type !== 'tree' || this.cache === undefined) return undefined;
    const sealed = await this.cache.get('tree', entryName(location));
    if (sealed === undefined) return undefined;
    try {
      const tree = await this.addon.decodeBlob(this.keys, sealed, location.uncompressedLength, id);
      await this.cache.touch('tree', entryName(location), this.clock.now());
      return tree;
    } catch (error) {
      this.logger.warn({ blob: id.toString('hex'), error: messageOf(error) }, 'a cached tree is damaged and is dropped');
      await this.cache.drop('tree', entryName(location));
      return undefined;
    }
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

  async close(): Promise<void> {
    this.keys.wipe();
    await this.cache?.trimTrees({ now: this.clock.now(), ...usualTreeLimits });
  }
}

/** Of a blob in the cache: a blob at one place of one pack never changes. */
function entryName({ packId, offset, length }: BlobLocation): string {
  return `${packId.toString('hex')}-${offset.toString(16)}-${length.toString(16)}`;
}

function titleOf(type: UnpackedType): string {
  return { index: 'Index', snapshot: 'Snapshot', lock: 'Lock' }[type];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
