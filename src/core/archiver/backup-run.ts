/**
 * One run of the engine: source in, packs and index out, ending with the root tree's id.
 *
 * Vocabulary: a run is *stopped* by the first thing that goes wrong (an abort, a failed upload, a lost lock); what
 * follows from that is not an error of its own. It is then *wound up*: uploads under way may end for a moment, and what
 * is stored is listed in an index, so that the next run need not send it again.
 *
 * Invariants: nothing is listed in an index before it is stored and the lock is confirmed, nor after the lock was lost;
 * when `run` settles, the engine has ended and nothing is in flight, whatever happened.
 */
import { Failure } from '../../shared/errors.ts';
import type { BackupEngine, BackupEvent } from '../native/addon.ts';
import { withDeadline } from '../platform/deadline.ts';
import { IndexWriter } from '../repository/index-writer.ts';
import type { Lock } from '../repository/lock.ts';
import type { Repository } from '../repository/repository.ts';
import { storageFailure } from '../storage/storage-failure.ts';
import { EngineFeed } from './engine-feed.ts';
import type { BackupOptions } from './options.ts';
import { allocatePackBuffers, PackUploads, type PackedBytes } from './pack-uploads.ts';
import type { WindUp } from './wind-up.ts';

const defaultPackSize = 16 * 1024 * 1024;

export interface RunPorts {
  readonly repository: Repository;
  readonly options: Pick<BackupOptions, 'compression' | 'packSize' | 'threads' | 'dryRun'>;
  /** Undefined on a dry run, which stores nothing. */
  readonly lock: Pick<Lock, 'confirmed' | 'signal'> | undefined;
  /** Stops the run, and is aborted by the run when that fails: its reason is the first thing that went wrong. */
  readonly stopper: AbortController;
  readonly windUp: (reason: unknown) => WindUp;
}

export class BackupRun {
  readonly feed: EngineFeed;
  readonly engine: BackupEngine;
  readonly #ports: RunPorts;
  readonly #uploads: PackUploads;
  readonly #index: IndexWriter;
  readonly #ended = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<never>();
  /** Aborted when uploads, and when index files, must not go on. */
  readonly #noUploads = new AbortController();
  readonly #noIndex = new AbortController();
  #isStopped = false;
  #isFinishing = false;
  readonly #onAbort = (): void => this.#halt();

  constructor(ports: RunPorts) {
    this.#ports = ports;
    const { repository, options } = ports;
    const packSize = options.packSize ?? defaultPackSize;
    const buffers = allocatePackBuffers(repository.addon, packSize, repository.store.connections);
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
      signal: this.#noUploads.signal,
    });
    // Whoever waits for the run hears of it; nobody waiting yet must not be an unhandled rejection.
    this.#stopped.promise.catch(() => undefined);
  }

  /** Everything is stored; what is left is to list it. */
  get isFinishing(): boolean {
    return this.#isFinishing;
  }

  packed(): PackedBytes {
    return this.#uploads.bytes;
  }

  /** `source` feeds the engine until the signal is aborted, and resolves with the root tree's id. Rejects with the first thing that went wrong. */
  async run(source: (feed: EngineFeed, signal: AbortSignal) => Promise<Buffer>): Promise<Buffer> {
    const { lock, repository } = this.#ports;
    const { signal } = this.#ports.stopper;
    signal.addEventListener('abort', this.#onAbort, { once: true });
    try {
      signal.throwIfAborted();
      const root = await this.#unlessStopped(source(this.feed, signal));
      this.engine.finish();
      await this.#unlessStopped(this.#ended.promise);
      await this.#unlessStopped(this.#uploads.finish());
      this.#isFinishing = true;
      await this.#unlessStopped(lock?.confirmed ?? Promise.resolve());
      await this.#unlessStopped(this.#index.flush(this.#noIndex.signal));
      return root;
    } catch (error) {
      this.stop(error);
      await this.#ended.promise;
      await this.#windUp();
      throw storageFailure(signal.reason, repository.store.location);
    } finally {
      signal.removeEventListener('abort', this.#onAbort);
    }
  }

  /** Idempotent; the first reason counts. */
  stop(reason: unknown): void {
    this.#ports.stopper.abort(reason);
    this.#halt();
  }

  #halt(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const { stopper, lock, windUp } = this.#ports;
    this.#stopped.reject(stopper.signal.reason);
    this.#uploads.stop();
    if (windUp(stopper.signal.reason).uploads === 0) this.#noUploads.abort(stopper.signal.reason);
    if (lock?.signal.aborted === true) {
      this.#noUploads.abort(stopper.signal.reason);
      this.#noIndex.abort(stopper.signal.reason);
    }
    this.engine.cancel();
  }

  /** Lists in an index what is stored, if that can be had soon and may be done; how the run ended does not depend on it. */
  async #windUp(): Promise<void> {
    const { stopper, lock, repository, windUp } = this.#ports;
    const limits = windUp(stopper.signal.reason);
    await this.#within(limits.uploads, this.#noUploads, () => this.#uploads.stored());
    try {
      await this.#within(limits.index, this.#noIndex, async () => {
        await this.#uploads.finish();
        await lock?.confirmed;
        if (lock?.signal.aborted !== true) await this.#index.flush(this.#noIndex.signal);
      });
    } catch (error) {
      repository.logger.warn({ error: String(error) }, 'what this backup stored is in no index; the next one stores it again');
    }
  }

  /** Cuts the work off after `limit` milliseconds, and when the lock is lost. */
  async #within(limit: number, cut: AbortController, work: () => Promise<void>): Promise<void> {
    const { lock, repository } = this.#ports;
    await withDeadline(repository.clock, limit, lock?.signal, (signal) => {
      if (signal.aborted) cut.abort(signal.reason);
      else signal.addEventListener('abort', () => cut.abort(signal.reason), { once: true });
      return work();
    });
  }

  #unlessStopped<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#stopped.promise]);
  }

  async #record(packId: Buffer, records: Buffer): Promise<void> {
    await this.#ports.lock?.confirmed;
    await this.#index.addPack(packId, records, this.#noIndex.signal);
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
    } else if (!this.#isStopped) {
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
