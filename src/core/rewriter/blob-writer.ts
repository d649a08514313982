/**
 * Stores blobs that are at hand (trees that were made, blobs of another repository) through the engine of backups: sealed
 * and packed by its threads, uploaded side by side, listed in an index at the end.
 *
 * Invariants: no more than `mostInFlight` bytes wait for the engine; a blob that the repository has is not stored again;
 * when `withBlobWriter` resolves, everything that was stored is durable and listed, so that snapshots may be written.
 */
import { BackupRun } from '../archiver/backup-run.ts';
import type { BlobEvent, EngineFeed } from '../archiver/engine-feed.ts';
import { usualWindUp } from '../archiver/wind-up.ts';
import type { BlobType } from '../native/addon.ts';
import type { Lock } from '../repository/lock.ts';
import type { Repository } from '../repository/repository.ts';

const mostInFlight = 32 * 1024 * 1024;

export interface StoredBlobs {
  /** Blobs that were new to the repository. */
  readonly blobs: number;
  /** Their plaintext bytes, and their bytes in packs. */
  readonly bytes: number;
  readonly packedBytes: number;
}

export interface BlobWriterPorts {
  /** With its index loaded. */
  readonly repository: Repository;
  readonly lock: Pick<Lock, 'confirmed' | 'signal'>;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of a pack; default 16 MiB. */
  readonly packSize?: number | undefined;
}

export class BlobWriter {
  readonly #feed: EngineFeed;
  readonly #signal: AbortSignal;
  #blobs = 0;
  #bytes = 0;
  #packedBytes = 0;
  #inFlight = 0;
  #waiting: (() => void)[] = [];

  /** `signal`: ends waiting, when the engine gives no more answers. */
  constructor(feed: EngineFeed, signal: AbortSignal) {
    this.#feed = feed;
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake(), { once: true });
  }

  get stored(): StoredBlobs {
    return { blobs: this.#blobs, bytes: this.#bytes, packedBytes: this.#packedBytes };
  }

  /** Resolves when the engine has room for more; the blob is stored when the writer ends. The bytes are copied. */
  async write(type: BlobType, bytes: Buffer): Promise<void> {
    while (this.#inFlight > 0 && this.#inFlight + bytes.length > mostInFlight) await this.#answer();
    this.#signal.throwIfAborted();
    this.#inFlight += bytes.length;
    this.#feed.storeBlob(type, bytes, (event) => this.#taken(bytes.length, event));
  }

  /** Resolves when the engine has taken everything. */
  async drained(): Promise<void> {
    while (this.#inFlight > 0) await this.#answer();
  }

  /** Resolves at the next answer of the engine. */
  async #answer(): Promise<void> {
    this.#signal.throwIfAborted();
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#signal.throwIfAborted();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #taken(length: number, { isNew, added, addedPacked }: BlobEvent): void {
    this.#inFlight -= length;
    if (isNew) this.#blobs += 1;
    this.#bytes += added;
    this.#packedBytes += addedPacked;
    this.#wake();
  }
}

/** Runs `work` with a writer. `signal` of the work ends with the caller's, and with the first thing that goes wrong. Rejects with that. */
export async function withBlobWriter<T>(ports: BlobWriterPorts, work: (writer: BlobWriter, signal: AbortSignal) => Promise<T>): Promise<T> {
  const { repository, lock, signal, packSize } = ports;
  const stopper = new AbortController();
  const stop = (): void => stopper.abort(signal?.aborted === true ? signal.reason : lock.signal.reason);
  const reasons = [lock.signal, ...(signal === undefined ? [] : [signal])];
  for (const reason of reasons) reason.addEventListener('abort', stop, { once: true });
  if (reasons.some(({ aborted }) => aborted)) stop();
  let working: Promise<T> | undefined;
  try {
    stopper.signal.throwIfAborted();
    const run = new BackupRun({ repository, options: packSize === undefined ? {} : { packSize }, lock, stopper, windUp: usualWindUp });
    await run.run(async (feed, stopped) => {
      const writer = new BlobWriter(feed, stopped);
      working = work(writer, stopped);
      await working;
      await writer.drained();
      return noRoot;
    });
    if (working === undefined) throw new Error('a writer ended without its work');
    return await working;
  } finally {
    // Nothing runs on behind the caller, also where the run ended first.
    await Promise.allSettled([working]);
    for (const reason of reasons) reason.removeEventListener('abort', stop);
  }
}

/** What a backup's run would return as the root's id. */
const noRoot = Buffer.alloc(0);
