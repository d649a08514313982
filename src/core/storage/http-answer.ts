/**
 * The answer to a request: status, headers, and a body that is read exactly once.
 *
 * Invariants: a body that ends before its announced length is an error of kind `temporary`; after `into`, `pieces` or
 * `discard` the connection is idle or destroyed and its lane is free.
 */
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { StorageError } from './object-store.ts';
import type { StallGuard } from './stall-guard.ts';

export interface AnswerContext {
  readonly guard: StallGuard;
  /** Milliseconds without a byte that end the reading. */
  readonly stallLimit: number;
  readonly outgoing: ClientRequest;
  /** Frees the lane and the guard. Idempotent. */
  readonly close: () => void;
  /** Turns what broke the connection into the error to report. */
  readonly explain: (error: unknown) => unknown;
}

/** A body that nobody wants is read to its end up to this size, to keep the connection; a longer one ends it. */
const discardLimit = 256 * 1024;

export class HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** What `Content-Length` says: for HEAD the size of an object, else the bytes of the body. */
  readonly length: number | undefined;
  readonly #message: IncomingMessage;
  readonly #context: AnswerContext;

  constructor(message: IncomingMessage, context: AnswerContext) {
    this.status = message.statusCode ?? 0;
    this.headers = message.headers;
    const length = message.headers['content-length'];
    this.length = length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
    this.#message = message;
    this.#context = context;
    // An error while nobody reads is told to the next reader by the state of the message.
    message.on('error', () => undefined);
  }

  /** Reads the whole body to `target`, which it must fill exactly; one copy a byte. */
  async into(target: Buffer): Promise<void> {
    let filled = 0;
    await this.#readAll((piece) => {
      if (filled + piece.length > target.length) return false;
      piece.copy(target, filled);
      filled += piece.length;
      return true;
    });
    if (filled !== target.length) throw new StorageError('temporary', 'the answer of the server is shorter than announced');
  }

  /** The whole body in memory, at most `limit` bytes (kind `too-large`). */
  async pieces(limit: number): Promise<Buffer[]> {
    const found: Buffer[] = [];
    let size = 0;
    let fits = true;
    await this.#readAll((piece) => {
      size += piece.length;
      fits = size <= limit;
      found.push(piece);
      return fits;
    }).catch((error: unknown) => {
      throw fits ? error : new StorageError('too-large', 'the answer of the server is too large');
    });
    return found;
  }

  /** The body piece by piece; `length` bytes must come. The guard is off while the consumer works. */
  async *stream(length: number): AsyncGenerator<Buffer> {
    const { guard, stallLimit, explain } = this.#context;
    let seen = 0;
    try {
      guard.arm(stallLimit);
      for await (const piece of this.#message as AsyncIterable<Buffer>) {
        guard.off();
        seen += piece.length;
        if (seen > length) break;
        yield piece;
        guard.arm(stallLimit);
      }
    } catch (error) {
      throw explain(error);
    } finally {
      this.#finish();
    }
    if (seen !== length) throw new StorageError('temporary', 'the answer of the server has another length than announced');
  }

  /** Ends the exchange without looking at the rest of the body. Idempotent. */
  async discard(): Promise<void> {
    if (!this.#message.readableEnded && !this.#message.destroyed) {
      if ((this.#context.outgoing.method === 'HEAD' ? 0 : (this.length ?? Infinity)) <= discardLimit && this.#context.outgoing.writableFinished) {
        await this.#readAll(() => true).catch(() => this.#context.outgoing.destroy());
      }
    }
    this.#finish();
  }

  #finish(): void {
    // A connection whose request or answer is not through cannot be used again.
    if (!this.#message.readableEnded || !this.#context.outgoing.writableFinished) this.#context.outgoing.destroy();
    this.#context.close();
  }

  #readAll(take: (piece: Buffer) => boolean): Promise<void> {
    const message = this.#message;
    const { guard, stallLimit, outgoing, explain } = this.#context;
    guard.arm(stallLimit);
    return new Promise<void>((resolve, reject) => {
      const fail = (error: unknown): void => reject(explain(error) as Error);
      message.on('data', (piece: Buffer) => {
        guard.touch();
        if (take(piece)) return;
        reject(new StorageError('temporary', 'the answer of the server is longer than announced'));
        outgoing.destroy();
      });
      message.once('end', resolve);
      message.once('error', fail);
      message.once('close', () => fail(new StorageError('temporary', 'the connection broke within the answer')));
      if (message.destroyed && !message.readableEnded) fail(new StorageError('temporary', 'the connection broke within the answer'));
    }).finally(() => guard.off());
  }
}
