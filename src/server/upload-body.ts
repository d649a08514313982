/**
 * A request's body as large pieces, with backpressure.
 *
 * The network delivers 64 KiB at a time; they are gathered into one buffer while the other is being written to disk, so
 * that hashing and writing run off the event loop in few large steps. Invariants: at most two buffers a body; a piece is
 * valid only until the next one is asked for; a body that ends early, or is aborted, fails and never looks complete.
 */
import type { IncomingMessage } from 'node:http';
import type { PieceBuffers } from './piece-buffers.ts';
import { releaseMemory } from './release-memory.ts';
import { UploadAborted } from './upload-registry.ts';

export interface UploadBodyOptions {
  readonly buffers: PieceBuffers;
  /** The announced `Content-Length`, undefined for chunked bodies. */
  readonly length: number | undefined;
  readonly signal: AbortSignal;
  /** Why so many bytes in all may not be stored; undefined: they may. */
  readonly refusal: (bytes: number) => Error | undefined;
}

export class UploadBody implements AsyncIterable<Uint8Array> {
  readonly #request: IncomingMessage;
  readonly #buffers: PieceBuffers;
  readonly #length: number | undefined;
  readonly #refusal: (bytes: number) => Error | undefined;
  /** What arrived and fits no buffer now; at most the pieces of one read. */
  #overflow: Buffer[] = [];
  #filling: Buffer | undefined;
  #filled = 0;
  /** Handed out to the consumer. */
  #lent: Buffer | undefined;
  #received = 0;
  #copied = 0;
  #ended = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(request: IncomingMessage, options: UploadBodyOptions) {
    const { signal } = options;
    this.#request = request;
    this.#buffers = options.buffers;
    this.#length = options.length;
    this.#refusal = options.refusal;
    signal.addEventListener('abort', () => this.#fail(signal.reason instanceof Error ? signal.reason : new Error('aborted')), { once: true });
    request.on('data', this.#onData);
    request.once('end', this.#onEnd);
    request.on('error', this.#onBroken);
    request.once('close', this.#onBroken);
    // The client may have left before anyone listened, while it was authenticated for instance.
    if (request.destroyed) this.#onBroken();
  }

  /** Bytes received so far. */
  get received(): number {
    return this.#received;
  }

  /** True while the client is expected to send. */
  get waitsForClient(): boolean {
    return !this.#ended && !this.#closed && !this.#request.isPaused();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const piece = await this.#next();
        if (piece === undefined) return;
        yield piece;
        this.#recycle();
      }
    } finally {
      this.discard();
    }
  }

  /** Frees the buffers; what the client still sends is read and thrown away, so that it can see the answer. */
  discard(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#recycle();
    if (this.#filling !== undefined) this.#buffers.giveBack(this.#filling);
    this.#filling = undefined;
    this.#overflow = [];
    this.#request.off('data', this.#onData);
    this.#request.resume();
  }

  /** The next full piece, the last one, or undefined at the end. */
  async #next(): Promise<Uint8Array | undefined> {
    while (this.#failure === undefined && !this.#ended && !this.#isFull()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
    const buffer = this.#filling;
    if (buffer === undefined || this.#filled === 0) return undefined;
    const piece = buffer.subarray(0, this.#filled);
    this.#lent = buffer;
    this.#filling = undefined;
    this.#filled = 0;
    this.#refill();
    return piece;
  }

  #isFull(): boolean {
    return this.#filling !== undefined && this.#filled === this.#filling.length;
  }

  readonly #onData = (data: Buffer): void => {
    this.#received += data.length;
    const refusal = this.#refusal(this.#received);
    if (refusal !== undefined) {
      this.#fail(refusal);
      return;
    }
    const rest = this.#fill(data);
    if (rest.length > 0) this.#overflow.push(rest);
    else releaseMemory(data);
    if (!this.#isFull()) return;
    // Until the consumer takes the full buffer there is nowhere to put more.
    this.#request.pause();
    this.#rouse();
  };

  /** Copies what fits; returns what does not. */
  #fill(data: Buffer): Buffer {
    if (this.#isFull()) return data;
    this.#filling ??= this.#buffers.take(this.#length === undefined ? undefined : this.#length - this.#copied);
    const taken = data.copy(this.#filling, this.#filled);
    this.#filled += taken;
    this.#copied += taken;
    return data.subarray(taken);
  }

  /** A buffer went out: what waited goes into the other one. */
  #refill(): void {
    this.#overflow = this.#overflow.map((data) => this.#fill(data)).filter((rest) => rest.length > 0);
    if (!this.#isFull()) this.#request.resume();
  }

  #recycle(): void {
    if (this.#lent !== undefined) this.#buffers.giveBack(this.#lent);
    this.#lent = undefined;
  }

  readonly #onEnd = (): void => {
    if (!this.#request.complete) {
      this.#onBroken();
      return;
    }
    this.#ended = true;
    this.#rouse();
  };

  readonly #onBroken = (): void => {
    if (!this.#ended) this.#fail(new UploadAborted('client', `the client left after ${this.#received} bytes`));
  };

  #fail(failure: Error): void {
    this.#failure ??= failure;
    this.#rouse();
  }

  #rouse(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
