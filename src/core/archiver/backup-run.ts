/**
 * One run of the engine: source in, packs and index out, ending with the root tree's id.
 *
 * Vocabulary: a run is *stopped* by the first thing that goes wrong (an abort, a failed upload, a lost lock); what
 * follows from that is not an error of its own.
 *
 * Invariants: nothing is listed in an index before it is stored and the lock is confirmed; when `run` settles, the
 * engine has ended and no upload is in flight, whatever happened.
 */
import { Failure } from '../../shared/errors.ts';
import type { BackupEngine, BackupEvent } from '../native/addon.ts';
import { IndexWriter } from '../repository/index-writer.ts';
import type { Repository } from '../repository/repository.ts';
import { storageFailure } from '../storage/storage-failure.ts';
import { EngineFeed } from './engine-feed.ts';
import type { BackupOptions } from './options.ts';
import { allocatePackBuffers, PackUploads } from './pack-uploads.ts';

const defaultPackSize = 16 * 1024 * 1024;

export interface RunPorts {
  readonly repository: Repository;
  readonly options: Pick<BackupOptions, 'compression' | 'packSize' | 'threads' | 'dryRun'>;
  /** Settles when the lock is sure to be held. */
  readonly lockConfirmed: Promise<void>;
  /** Aborts the run; the reason is what `run` rejects with. */
  readonly signal: AbortSignal;
}

export class BackupRun {
  readonly feed: EngineFeed;
  readonly engine: BackupEngine;
  readonly #ports: RunPorts;
  readonly #uploads: PackUploads;
  readonly #index: IndexWriter;
  readonly #ended = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<never>();
  readonly #abort = new AbortController();
  readonly #onAbort = (): void => this.stop(this.#ports.signal.reason);

  constructor(ports: RunPorts) {
    this.#ports = ports;
    const { repository, options } = ports;
    const packSize = options.packSize ?? defaultPackSize;
    const buffers = allocatePackBuffers(packSize, repository.store.connections);
    this.engine = repository.addon.createBackupEngine({
      keys: repository.keys,
      index: repository.index,
      polynomial: repository.config.polynomial,
      version: repository.config.version,
      compression: options.compression ?? 'auto',
      packSize,
      ...(options.threads === undefined ? {} : { threads: options.threads }),
      packBuffers: buffers,
      onEvents: (events) => this.#handle(events),
    });
    this.feed = new EngineFeed(this.engine);
    this.#index = new IndexWriter(repository);
    this.#uploads = new PackUploads({
      store: repository.store,
      engine: this.engine,
      buffers,
      record: (packId, records) => this.#record(packId, records),
      onFailure: (error) => this.stop(error),
      dryRun: options.dryRun === true,
      signal: this.#abort.signal,
    });
    // Whoever waits for the run hears of it; nobody waiting yet must not be an unhandled rejection.
    this.#stopped.promise.catch(() => undefined);
  }

  /** `source` feeds the engine until the signal is aborted, and resolves with the root tree's id. Rejects with the first thing that went wrong. */
  async run(source: (feed: EngineFeed, signal: AbortSignal) => Promise<Buffer>): Promise<Buffer> {
    const { signal, lockConfirmed, repository } = this.#ports;
    signal.addEventListener('abort', this.#onAbort, { once: true });
    try {
      signal.throwIfAborted();
      const root = await this.#unlessStopped(source(this.feed, this.#abort.signal));
      this.engine.finish();
      await this.#unlessStopped(this.#ended.promise);
      await this.#unlessStopped(this.#uploads.finish());
      await this.#unlessStopped(lockConfirmed);
      await this.#unlessStopped(this.#index.flush(this.#abort.signal));
      return root;
    } catch (error) {
      this.stop(error);
      await this.#ended.promise;
      await this.#uploads.finish();
      throw storageFailure(error, repository.store.location);
    } finally {
      signal.removeEventListener('abort', this.#onAbort);
    }
  }

  /** Idempotent; the first reason counts. */
  stop(reason: unknown): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort(reason);
    this.#stopped.reject(reason);
    this.engine.cancel();
  }

  #unlessStopped<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#stopped.promise]);
  }

  async #record(packId: Buffer, records: Buffer): Promise<void> {
    await this.#ports.lockConfirmed;
    await this.#index.addPack(packId, records, this.#abort.signal);
  }

  #handle(events: readonly BackupEvent[]): void {
    try {
      for (const event of events) this.#handleOne(event);
    } catch (error) {
      this.stop(error);
    }
  }

  #handleOne(event: BackupEvent): void {
    if (event.type === 'finished') {
      this.#ended.resolve();
    } else if (event.type === 'failed') {
      this.#ended.resolve();
      this.stop(engineFailure(event.code, event.message));
    } else if (event.type === 'pack') {
      this.#uploads.add(event);
    } else if (!this.#abort.signal.aborted) {
      this.feed.handle(event);
    }
  }
}

function engineFailure(code: string, message: string): Failure {
  const verify = code === 'E_VERIFY';
  return new Failure('INTERNAL', {
    what: verify ? 'A block that was just encoded does not decode to what it was made from' : `The backup engine stopped: ${message} (${code})`,
    safe: 'The block was not stored; no snapshot was made and earlier ones are untouched',
    next: verify ? 'The memory or processor of this computer may be faulty: test the memory before the next backup' : 'Run the backup again',
  });
}
