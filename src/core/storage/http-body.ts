/**
 * Sending the body of a request.
 *
 * Bodies in memory go out as views of a few hundred kilobytes, each awaited: large enough to cost nothing, small enough
 * that progress is seen on a slow line (256 KiB take 32 s at 64 kbit/s, under the limit for a stall).
 */
import type { ClientRequest } from 'node:http';
import { bodyLength, exactly, isInMemory, slicesOf } from './object-body.ts';
import type { ObjectBody } from './object-store.ts';
import type { StallGuard } from './stall-guard.ts';

const sliceSize = 256 * 1024;

export interface Sending {
  readonly guard: StallGuard;
  readonly stallLimit: number;
  /** The answer is there already (a refusal): the rest need not be sent. */
  readonly isSettled: () => boolean;
}

/** Resolves when everything was handed to the system, or when the answer came first; rejects with the source's error. */
export async function sendBody(outgoing: ClientRequest, body: ObjectBody | undefined, sending: Sending): Promise<void> {
  if (body === undefined) {
    outgoing.end();
    return;
  }
  if (isInMemory(body) && body.byteLength <= sliceSize) {
    outgoing.end(body);
    return;
  }
  const pieces = isInMemory(body) ? slicesOf(body, sliceSize) : guarded(exactly(body.stream, bodyLength(body)), sending);
  for await (const piece of pieces) {
    if (sending.isSettled() || outgoing.destroyed) return;
    await written(outgoing, piece);
    sending.guard.touch();
  }
  outgoing.end();
}

/** Switches the guard off while the source is slow. */
async function* guarded(stream: AsyncIterable<Uint8Array>, { guard, stallLimit }: Sending): AsyncGenerator<Uint8Array> {
  guard.off();
  for await (const piece of stream) {
    for (const slice of slicesOf(piece, sliceSize)) {
      guard.arm(stallLimit);
      yield slice;
    }
    guard.off();
  }
  guard.arm(stallLimit);
}

/** Errors of the connection are told by the request's `error` event; here they only end the waiting. */
function written(outgoing: ClientRequest, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.removeListener('close', done);
      outgoing.removeListener('response', done);
      resolve();
    };
    outgoing.once('close', done);
    outgoing.once('response', done);
    outgoing.write(piece, done);
  });
}
