/**
 * One connection for downloads. The kernel writes a body straight into the buffer that the caller gets: through
 * node:http the same bytes are copied twice more, at three times the processor time (measured over loopback). What is
 * large is received by the addon, on a thread of the connection (the *receiver*), where there is one and TLS is not in
 * between: each piece of 64 KiB would cost the event loop a turn.
 *
 * Invariants: one request at a time; the request's promise settles once, and only when nobody writes into its buffer any
 * more; libuv and the receiver never read at the same time; a connection that saw anything unexpected is destroyed and
 * never used again.
 */
import type { Socket } from 'node:net';
import type { SocketReceiver } from '../native/socket-receiver.ts';
import { openReceiver } from './body-receiver.ts';
import type { Receivers } from './body-receiver.ts';
import { parseDownloadHead } from './download-head.ts';
import type { DownloadHead } from './download-head.ts';
import { errorCode } from './file-errors.ts';
import { openSocket } from './http-agent.ts';
import type { Endpoint } from './http-agent.ts';
import { StorageError } from './object-store.ts';

/** Says where the body goes: a buffer of exactly its length, or undefined where it is not wanted. May throw. */
export type TakeBody = (head: DownloadHead) => Buffer | undefined;

interface Running {
  readonly take: TakeBody;
  readonly moved: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Room for the head of an answer, and for the beginning of its body. */
const headLimit = 64 * 1024;
/** What is left of a body for which waking another thread pays. */
const largeRest = 128 * 1024;

export class DownloadConnection {
  /** Settles when requests may be sent. */
  readonly ready: Promise<void>;
  readonly #socket: Socket;
  readonly #receivers: Receivers;
  readonly #head = Buffer.allocUnsafeSlow(headLimit);
  #headFilled = 0;
  #body: Buffer | undefined;
  #bodyFilled = 0;
  #running: Running | undefined;
  #receiver: SocketReceiver | undefined;
  /** While the receiver reads, instead of libuv. */
  #isHandedOver = false;
  #keepAlive = true;
  #heard = false;

  /** `ended` is called once, when the connection cannot be used any more. */
  constructor(endpoint: Endpoint, receivers: Receivers, ended: (connection: DownloadConnection) => void) {
    // Between TLS and us there is libuv.
    this.#receivers = endpoint.secure ? {} : receivers;
    const trusted = Promise.withResolvers<undefined>();
    this.ready = trusted.promise;
    const onread = { buffer: () => this.#target(), callback: (bytes: number) => this.#received(bytes) };
    this.#socket = openSocket(endpoint, (error) => (error === undefined ? trusted.resolve(undefined) : trusted.reject(error)), onread);
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('end', () => this.destroy());
    this.#socket.on('close', () => {
      const early = endedEarly();
      trusted.reject(early);
      this.#fail(early);
      ended(this);
    });
  }

  /** Whether any byte of an answer to the last request came. */
  get heard(): boolean {
    return this.#heard;
  }

  /** Bytes that the receiver took for the current or last body; grows without a call of `moved`. */
  get received(): number {
    return this.#receiver?.received() ?? 0;
  }

  get reusable(): boolean {
    return this.#keepAlive && this.#running === undefined && !this.#socket.destroyed;
  }

  /** Sends the text of a request; resolves when the body is in the buffer that `take` gave. */
  request(text: string, take: TakeBody, moved: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#heard = false;
      this.#headFilled = 0;
      this.#running = { take, moved, resolve, reject };
      if (this.#socket.destroyed) this.#fail(new StorageError('temporary', 'the connection is closed'));
      else this.#socket.write(text);
    });
  }

  /** While idle the connection does not keep the process alive. */
  idle(idle: boolean): void {
    if (idle) this.#socket.unref();
    else this.#socket.ref();
  }

  destroy(): void {
    this.#receiver?.close();
    this.#socket.destroy();
  }

  #target(): Buffer {
    return this.#body === undefined ? this.#head.subarray(this.#headFilled) : this.#body.subarray(this.#bodyFilled);
  }

  #received(bytes: number): boolean {
    const running = this.#running;
    if (running === undefined) {
      this.destroy();
      return true;
    }
    this.#heard = true;
    running.moved();
    try {
      if (this.#body === undefined) this.#receivedHead(running, bytes);
      else this.#receivedBody(this.#body, bytes);
    } catch (error) {
      this.#fail(error);
      this.destroy();
    }
    // Without `true` libuv stops reading, until `resume`.
    return !this.#isHandedOver;
  }

  #receivedHead(running: Running, bytes: number): void {
    this.#headFilled += bytes;
    for (;;) {
      const end = this.#head.subarray(0, this.#headFilled).indexOf('\r\n\r\n');
      if (end < 0) {
        if (this.#headFilled === headLimit) throw new StorageError('permanent', 'the head of the answer is too long');
        return;
      }
      const head = parseDownloadHead(this.#head.toString('latin1', 0, end));
      const rest = this.#head.subarray(end + 4, this.#headFilled);
      if (head.status >= 200) return this.#takeBody(running, head, rest);
      // An interim answer; the real one follows.
      this.#headFilled = rest.copy(this.#head);
    }
  }

  #takeBody(running: Running, head: DownloadHead, start: Buffer): void {
    this.#keepAlive = head.keepAlive;
    const body = running.take(head);
    if (body === undefined || (body.length === 0 && head.length !== 0)) {
      // What is not wanted is not waited for either.
      this.#finish(false);
      return;
    }
    if (body.length !== head.length) throw new StorageError('permanent', 'the answer of the server has another length than was asked for');
    if (start.length > body.length) throw new StorageError('temporary', 'the answer of the server is longer than announced');
    start.copy(body);
    const isLarge = body.length - start.length >= largeRest;
    if (isLarge) this.#receiver ??= openReceiver(this.#socket, this.#receivers);
    if (isLarge && this.#receiver !== undefined) {
      void this.#handOver(this.#receiver, body.subarray(start.length));
      return;
    }
    this.#body = body;
    this.#bodyFilled = 0;
    this.#receivedBody(body, start.length);
  }

  async #handOver(receiver: SocketReceiver, rest: Buffer): Promise<void> {
    this.#isHandedOver = true;
    this.#headFilled = 0;
    try {
      await receiver.receive(rest);
    } catch (error) {
      this.#isHandedOver = false;
      this.#fail(errorCode(error)?.startsWith('E_') === true ? endedEarly() : error);
      this.destroy();
      return;
    }
    this.#isHandedOver = false;
    this.#socket.resume();
    this.#finish(this.#keepAlive);
  }

  #receivedBody(body: Buffer, bytes: number): void {
    this.#bodyFilled += bytes;
    if (this.#bodyFilled === body.length) this.#finish(this.#keepAlive);
  }

  #finish(keep: boolean): void {
    const running = this.#running;
    this.#running = undefined;
    this.#body = undefined;
    this.#headFilled = 0;
    this.#keepAlive = keep;
    if (!keep) this.destroy();
    running?.resolve();
  }

  #fail(error: unknown): void {
    // Ends its writing into the buffer, which is the caller's again.
    this.#receiver?.close();
    const running = this.#running;
    this.#running = undefined;
    this.#body = undefined;
    this.#keepAlive = false;
    running?.reject(error);
  }
}

function endedEarly(): StorageError {
  return new StorageError('temporary', 'the connection broke before the end of the answer');
}
