/**
 * The way into the engine and back: files to read and trees to store, with back-pressure.
 *
 * Vocabulary: *plain* files (addon.ts) are read in runs; the *backlog* is the files that wait here because the engine's queue is full.
 *
 * Invariants: each input gets exactly one answer; there is no promise per file, answers are method calls. A read that
 * fails once for a reason that may pass (a read error, a file that shrank under the reader) is tried once more.
 */
import type { BackupEngine, BackupEvent, BlobType } from '../native/addon.ts';
import type { PlainFiles } from '../native/plain-files.ts';

export type FileEvent = Extract<BackupEvent, { type: 'file' }>;
export type FailedEvent = Extract<BackupEvent, { type: 'file-failed' }>;
export type PlainEvent = Extract<BackupEvent, { type: 'plain-files' }>;
export type BlobEvent = Extract<BackupEvent, { type: 'blob' }>;

export interface FileInput {
  /** Absolute path; asked for when the engine has room, and for messages. */
  path(): Buffer;
  onFile(event: FileEvent): void;
  onFailed(event: FailedEvent): void;
}

/** A run of plain files of one folder. */
export interface PlainInput {
  readonly files: PlainFiles;
  readonly from: number;
  readonly to: number;
  /** Of the folder; for messages. */
  path(): Buffer;
  onRead(event: PlainEvent): void;
}

/** Reasons that may pass. */
const passing: ReadonlySet<string> = new Set(['EIO', 'E_CHANGED', 'EAGAIN', 'EINTR']);

type FeedEngine = Pick<BackupEngine, 'addFile' | 'addDescriptor' | 'addPlainFiles' | 'addBlob'>;

interface Reading {
  readonly input: FileInput;
  readonly again: boolean;
}

export class EngineFeed {
  /** Called when the backlog has shrunk; set by the walk. */
  onRoom: () => void = () => undefined;
  readonly #engine: FeedEngine;
  #waiting: (Reading | PlainInput)[] = [];
  #head = 0;
  #backlog = 0;
  #full = false;
  #token = 0;
  readonly #reading = new Map<number, Reading>();
  readonly #plain = new Map<number, PlainInput>();
  readonly #blobs = new Map<number, (event: BlobEvent) => void>();

  constructor(engine: FeedEngine) {
    this.#engine = engine;
  }

  get backlog(): number {
    return this.#backlog;
  }

  read(input: FileInput): void {
    this.#waiting.push({ input, again: false });
    this.#backlog += 1;
  }

  readPlain(input: PlainInput): void {
    this.#waiting.push(input);
    this.#backlog += input.to - input.from;
  }

  /** Gives the engine what it has room for. */
  pump(): void {
    while (!this.#full && this.#head < this.#waiting.length) {
      const next = this.#waiting[this.#head++];
      if (next === undefined) break;
      if ('input' in next) {
        this.#backlog -= 1;
        this.#add(next);
      } else {
        this.#backlog -= next.to - next.from;
        this.#addPlain(next);
      }
    }
    if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
  }

  readDescriptor(descriptor: number, input: FileInput): void {
    const token = this.#token++;
    this.#reading.set(token, { input, again: true });
    if (!this.#engine.addDescriptor(token, descriptor)) this.#full = true;
  }

  storeTree(bytes: Buffer, done: (event: BlobEvent) => void): void {
    this.storeBlob('tree', bytes, done);
  }

  storeBlob(type: BlobType, bytes: Buffer, done: (event: BlobEvent) => void): void {
    const token = this.#token++;
    this.#blobs.set(token, done);
    if (!this.#engine.addBlob(token, type, bytes)) this.#full = true;
  }

  handle(event: FileEvent | FailedEvent | PlainEvent | BlobEvent | { readonly type: 'drain' }): void {
    switch (event.type) {
      case 'drain':
        this.#full = false;
        this.pump();
        this.onRoom();
        return;
      case 'blob': {
        const done = this.#blobs.get(event.token);
        this.#blobs.delete(event.token);
        done?.(event);
        return;
      }
      case 'plain-files': {
        const input = this.#plain.get(event.token);
        this.#plain.delete(event.token);
        input?.onRead(event);
        this.pump();
        return;
      }
      case 'file':
        this.#taken(event.token)?.input.onFile(event);
        return;
      case 'file-failed': {
        const reading = this.#taken(event.token);
        if (reading === undefined) return;
        if (!reading.again && event.during === 'read' && passing.has(event.code)) this.#add({ input: reading.input, again: true });
        else reading.input.onFailed(event);
      }
    }
  }

  /** The files that were given to the engine first and are not answered: what its threads are reading. */
  current(count: number): Buffer[] {
    const paths: Buffer[] = [];
    for (const inputs of [Array.from(this.#reading.values(), ({ input }) => input), this.#plain.values()]) {
      for (const input of inputs) {
        if (paths.length >= count) return paths;
        paths.push(input.path());
      }
    }
    return paths;
  }

  #add(reading: Reading): void {
    const token = this.#token++;
    this.#reading.set(token, reading);
    if (!this.#engine.addFile(token, reading.input.path())) this.#full = true;
  }

  #addPlain(input: PlainInput): void {
    const token = this.#token++;
    this.#plain.set(token, input);
    if (!this.#engine.addPlainFiles(token, input.files, input.from, input.to)) this.#full = true;
  }

  #taken(token: number): Reading | undefined {
    const reading = this.#reading.get(token);
    this.#reading.delete(token);
    return reading;
  }
}
