/**
 * Finished packs on their way to the storage.
 *
 * Vocabulary: a *pack buffer* is memory in which the engine assembles a pack and from which it is uploaded without a
 * copy; it goes back to the engine once the pack is stored.
 *
 * Invariants: a pack is told to the index only after it is stored; the first failure stops everything: what waits is
 * given up, and what is under way is stored and told to the index if it still arrives.
 */
import type { Addon, BackupEngine, BackupEvent } from '../native/addon.ts';
import { largeBuffer } from '../native/large-buffer.ts';
import { readRecords } from '../repository/index-writer.ts';
import type { ObjectStore } from '../storage/object-store.ts';

export type PackEvent = Extract<BackupEvent, { type: 'pack' }>;

const packSlack = 64 * 1024;
/** What all pack buffers together may take, so that a client stays below 200 MB whatever it backs up. */
const memoryForPacks = 68 * 1024 * 1024;

/** As many buffers as memory allows and open packs (two a blob type) plus parallel uploads can use; at least three. */
export function allocatePackBuffers(addon: Pick<Addon, 'preferLargePages'>, packSize: number, connections: number): Uint8Array[] {
  const each = packSize + packSlack;
  const count = Math.max(3, Math.min(Math.floor(memoryForPacks / each), connections + 4));
  return Array.from({ length: count }, () => largeBuffer(addon, each));
}

/** Bytes since the beginning: of the blobs in finished packs, before and after they were sealed, and of stored packs. */
export interface PackedBytes {
  readonly plain: number;
  readonly sealed: number;
  readonly stored: number;
}

export interface PackUploadPorts {
  readonly store: ObjectStore;
  readonly engine: Pick<BackupEngine, 'releasePack'>;
  readonly buffers: readonly Uint8Array[];
  /** Called with each stored pack, one at a time. */
  readonly record: (packId: Buffer, records: Buffer) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
  readonly dryRun: boolean;
  /** Ends uploads under way. */
  readonly signal: AbortSignal;
}

export class PackUploads {
  readonly #ports: PackUploadPorts;
  readonly #waiting: PackEvent[] = [];
  #uploading = 0;
  #recorded: Promise<void> = Promise.resolve();
  #stopped = false;
  readonly #idle: (() => void)[] = [];
  #plain = 0;
  #sealed = 0;
  #stored = 0;

  constructor(ports: PackUploadPorts) {
    this.#ports = ports;
  }

  get bytes(): PackedBytes {
    return { plain: this.#plain, sealed: this.#sealed, stored: this.#stored };
  }

  add(pack: PackEvent): void {
    for (const { length, uncompressedLength } of readRecords(pack.records)) {
      this.#sealed += length;
      this.#plain += uncompressedLength === 0 ? length : uncompressedLength;
    }
    if (this.#ports.dryRun) {
      this.#release(pack);
      return;
    }
    if (this.#stopped) return;
    this.#waiting.push(pack);
    this.#next();
  }

  /** Begins no more uploads. */
  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
  }

  /** Resolves when every pack is stored or given up. */
  async stored(): Promise<void> {
    if (this.#uploading > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Resolves when every pack is stored and recorded, or given up. */
  async finish(): Promise<void> {
    await this.stored();
    await this.#recorded;
  }

  #next(): void {
    while (!this.#stopped && this.#uploading < Math.max(1, this.#ports.store.connections)) {
      const pack = this.#waiting.shift();
      if (pack === undefined) break;
      this.#uploading += 1;
      void this.#upload(pack);
    }
    if (this.#uploading === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #upload(pack: PackEvent): Promise<void> {
    try {
      await this.#ports.store.put({ type: 'data', name: pack.id.toString('hex') }, this.#bytesOf(pack), this.#ports.signal);
      this.#stored += pack.length;
      this.#release(pack);
      this.#recorded = this.#recorded.then(() => this.#record(pack));
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#uploading -= 1;
      this.#next();
    }
  }

  async #record(pack: PackEvent): Promise<void> {
    try {
      await this.#ports.record(pack.id, pack.records);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.stop();
    this.#ports.onFailure(error);
  }

  #release(pack: PackEvent): void {
    if (pack.buffer >= 0) this.#ports.engine.releasePack(pack.buffer);
  }

  #bytesOf(pack: PackEvent): Uint8Array {
    const bytes = pack.large ?? this.#ports.buffers[pack.buffer];
    if (bytes === undefined) throw new Error(`the engine names pack buffer ${pack.buffer}, which does not exist`);
    return bytes.subarray(0, pack.length);
  }
}
