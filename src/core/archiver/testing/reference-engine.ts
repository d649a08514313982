/**
 * A slow, simple engine in TypeScript with the contract of the native one (native/addon.ts), for tests that need faults
 * or a queue that is full. One pack a blob, so that every path through uploads and index is taken.
 */
import { constants, fstatSync, openSync, closeSync, readFileSync, type BigIntStats } from 'node:fs';
import { recordSize, type Addon, type BackupCounters, type BackupEngine, type BackupEngineOptions, type BackupEvent, type BlobType, type EntryStat } from '../../native/addon.ts';
import type { PlainFiles } from '../../native/plain-files.ts';

/** What happens to a file: its read fails, or it seems to change while read. Asked at each attempt. */
export type FileFault = (path: string, attempt: number) => { readonly code: string; readonly during: 'open' | 'read' } | 'changed' | undefined;

export interface ReferenceSettings {
  readonly fault?: FileFault;
  /** Inputs after which `addFile` asks for a pause. */
  readonly queueLength?: number;
}

type Task = () => BackupEvent;

export class ReferenceEngine implements BackupEngine {
  readonly reads: string[] = [];
  readonly #addon: Addon;
  readonly #options: BackupEngineOptions;
  readonly #settings: ReferenceSettings;
  readonly #tasks: Task[] = [];
  readonly #free: number[];
  readonly #known = new Set<string>();
  readonly #packs: (() => BackupEvent)[] = [];
  #wantsDrain = false;
  #finishing = false;
  #ended = false;
  #scheduled = false;

  constructor(addon: Addon, options: BackupEngineOptions, settings: ReferenceSettings = {}) {
    this.#addon = addon;
    this.#options = options;
    this.#settings = settings;
    this.#free = options.packBuffers.map((_, i) => i);
  }

  addFile(token: number, path: Uint8Array): boolean {
    const name = Buffer.from(path).toString('latin1');
    this.reads.push(name);
    const attempt = this.reads.filter((read) => read === name).length;
    return this.#add(() => this.#readFile(token, Buffer.from(path), this.#settings.fault?.(Buffer.from(path).toString(), attempt)));
  }

  addDescriptor(token: number, descriptor: number): boolean {
    return this.#add(() => this.#store(token, readFileSync(descriptor), fstatSync(descriptor, { bigint: true }), false));
  }

  /** Leaves every file to `addFile`. */
  addPlainFiles(token: number, _files: PlainFiles, from: number, to: number): boolean {
    const left = Array.from({ length: to - from }, (_, i) => from + i);
    return this.#add(() => ({ type: 'plain-files', token, count: 0, size: 0, newBlobs: 0, added: 0, addedPacked: 0, left }));
  }

  addBlob(token: number, type: BlobType, bytes: Uint8Array): boolean {
    const copy = Buffer.from(bytes);
    return this.#add(() => {
      const { id, isNew, packed } = this.#storeBlob(type, copy);
      return { type: 'blob', token, id, isNew, added: isNew ? copy.length : 0, addedPacked: packed };
    });
  }

  releasePack(buffer: number): void {
    this.#free.push(buffer);
    this.#schedule();
  }

  finish(): void {
    this.#finishing = true;
    this.#schedule();
  }

  pause(): void {}

  resume(): void {}

  cancel(): void {
    if (this.#ended) return;
    this.#ended = true;
    setImmediate(() => this.#options.onEvents([{ type: 'failed', code: 'E_CANCELLED', message: 'cancelled' }]));
  }

  counters(): BackupCounters {
    return { filesRead: 0, bytesRead: 0, blobsFound: 0, readNs: 0, chunkNs: 0, hashNs: 0, compressNs: 0, encryptNs: 0, uploadWaitNs: 0, inputWaitNs: 0 };
  }

  #add(task: Task): boolean {
    this.#tasks.push(task);
    this.#schedule();
    const room = this.#tasks.length < (this.#settings.queueLength ?? 100);
    if (!room) this.#wantsDrain = true;
    return room;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    if (this.#ended) return;
    const events: BackupEvent[] = [];
    while (this.#packs.length > 0 && this.#free.length > 0) events.push((this.#packs.shift() as () => BackupEvent)());
    const task = this.#packs.length === 0 ? this.#tasks.shift() : undefined;
    if (task !== undefined) events.push(task());
    if (this.#wantsDrain && this.#tasks.length === 0) {
      this.#wantsDrain = false;
      events.push({ type: 'drain' });
    }
    if (this.#finishing && this.#tasks.length === 0 && this.#packs.length === 0) {
      this.#ended = true;
      events.push({ type: 'finished' });
    } else if (this.#packs.length === 0 || this.#free.length > 0) {
      if (this.#tasks.length > 0 || this.#packs.length > 0) this.#schedule();
    }
    if (events.length > 0) this.#options.onEvents(events);
  }

  #readFile(token: number, path: Buffer, fault: ReturnType<FileFault>): BackupEvent {
    if (fault !== undefined && fault !== 'changed') return { type: 'file-failed', token, message: 'scripted', ...fault };
    try {
      const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        return this.#store(token, readFileSync(descriptor), fstatSync(descriptor, { bigint: true }), fault === 'changed');
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      return { type: 'file-failed', token, code: (error as NodeJS.ErrnoException).code ?? '', message: (error as Error).message, during: 'open' };
    }
  }

  #store(token: number, bytes: Buffer, stat: BigIntStats, changed: boolean): BackupEvent {
    const ids: Buffer[] = [];
    let [newBlobs, added, addedPacked, offset] = [0, 0, 0, 0];
    for (const length of this.#addon.cut(bytes, this.#options.polynomial)) {
      const blob = this.#storeBlob('data', bytes.subarray(offset, (offset += length)));
      ids.push(blob.id);
      newBlobs += blob.isNew ? 1 : 0;
      added += blob.isNew ? length : 0;
      addedPacked += blob.packed;
    }
    return { type: 'file', token, size: bytes.length, content: Buffer.concat(ids), stat: entryStat(stat), changed, newBlobs, added, addedPacked };
  }

  #storeBlob(type: BlobType, plain: Buffer): { readonly id: Buffer; readonly isNew: boolean; readonly packed: number } {
    const { keys, index, version } = this.#options;
    const id = this.#addon.sha256(plain);
    const key = type + id.toString('hex');
    if (this.#known.has(key) || index.has(type, id)) return { id, isNew: false, packed: 0 };
    this.#known.add(key);
    const compressed = version === 2;
    const sealed = keys.seal(compressed ? this.#addon.compress(plain, 3) : plain);
    const entry = Buffer.alloc(compressed ? 41 : 37);
    entry[0] = (type === 'tree' ? 1 : 0) + (compressed ? 2 : 0);
    entry.writeUInt32LE(sealed.length, 1);
    if (compressed) entry.writeUInt32LE(plain.length, 5);
    id.copy(entry, compressed ? 9 : 5);
    const header = keys.seal(entry);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(header.length);
    const pack = Buffer.concat([sealed, header, length]);
    const records = Buffer.alloc(recordSize);
    records[0] = type === 'tree' ? 1 : 0;
    records.writeUInt32LE(sealed.length, 8);
    records.writeUInt32LE(compressed ? plain.length : 0, 12);
    id.copy(records, 16);
    this.#packs.push(() => this.#deliver(type, pack, records));
    return { id, isNew: true, packed: sealed.length + entry.length };
  }

  #deliver(blobType: BlobType, pack: Buffer, records: Buffer): BackupEvent {
    const buffer = this.#free.shift() ?? -1;
    const target = this.#options.packBuffers[buffer];
    const fits = target !== undefined && pack.length <= target.length;
    if (fits) target.set(pack);
    else if (buffer >= 0) this.#free.push(buffer);
    return { type: 'pack', buffer: fits ? buffer : -1, ...(fits ? {} : { large: pack }), id: this.#addon.sha256(pack), length: pack.length, records, blobType };
  }
}

function entryStat(stat: BigIntStats): EntryStat {
  return {
    mode: Number(stat.mode),
    size: stat.size,
    mtimeNs: stat.mtimeNs,
    ctimeNs: stat.ctimeNs,
    atimeNs: stat.atimeNs,
    inode: stat.ino,
    device: stat.dev,
    rdev: stat.rdev,
    links: stat.nlink,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    blocks: stat.blocks,
  };
}
