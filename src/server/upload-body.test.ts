import { PassThrough } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../core/storage/object-store.ts';
import { PieceBuffers } from './piece-buffers.ts';
import { UploadBody } from './upload-body.ts';

/** A stream that looks like a request: `complete` once its end was reached. */
function asRequest(stream: PassThrough): IncomingMessage {
  return Object.assign(stream, { complete: true }) as unknown as IncomingMessage;
}

function bodyOf(stream: PassThrough, length: number | undefined, buffers = new PieceBuffers(1024 * 1024), refusal = (): Error | undefined => undefined): UploadBody {
  return new UploadBody(asRequest(stream), { buffers, length, signal: new AbortController().signal, refusal });
}

describe('the body', () => {
  it('is what was sent, in any pieces, read at any pace, and all buffers come back', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 200_000 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.boolean(), fc.boolean(), async (lengths, announced, slowly) => {
        const stream = new PassThrough({ highWaterMark: 16_384 });
        // Each piece has memory of its own, as those of the network have.
        const pieces = lengths.map((length, number) => Buffer.from(new ArrayBuffer(length)).fill(number + 1));
        const sent = Buffer.concat(pieces);
        const buffers = new PieceBuffers(1024 * 1024);
        const body = bodyOf(stream, announced ? sent.length : undefined, buffers);
        for (const piece of pieces) stream.write(piece);
        stream.end();
        const received: Buffer[] = [];
        for await (const piece of body) {
          received.push(Buffer.from(piece));
          if (slowly) await setImmediate();
        }
        expect(Buffer.concat(received).equals(sent)).toBe(true);
        expect([body.received, buffers.lent]).toEqual([sent.length, 0]);
      }),
      { seed: 4, numRuns: 60 },
    );
  });

  it('stops reading while the disk is behind', async () => {
    const stream = new PassThrough({ highWaterMark: 1024 });
    const body = bodyOf(stream, undefined);
    let accepted = 0;
    while (accepted < 10_000_000) {
      if (!stream.write(Buffer.from(new ArrayBuffer(50_000)))) {
        await setImmediate();
        await setImmediate();
        if (stream.writableNeedDrain) break;
      }
      accepted += 50_000;
    }
    expect(accepted).toBeLessThan(500_000);
    expect(body.waitsForClient).toBe(false);
    body.discard();
    stream.destroy();
  });

  it('fails when it is cut, aborted, or too much, also before it is read', async () => {
    const read = async (body: UploadBody): Promise<void> => {
      for await (const piece of body) expect(piece.length).toBeGreaterThan(0);
    };
    const cut = new PassThrough();
    const cutBody = bodyOf(cut, 10);
    cut.write(Buffer.from('abc'));
    await setImmediate();
    cut.destroy();
    await expect(read(cutBody)).rejects.toMatchObject({ by: 'client', message: 'the client left after 3 bytes' });

    const gone = new PassThrough();
    gone.destroy();
    await expect(read(bodyOf(gone, 10))).rejects.toMatchObject({ by: 'client' });

    const large = new PassThrough();
    large.end(Buffer.alloc(100));
    await expect(read(bodyOf(large, undefined, undefined, () => new StorageError('full', 'no room')))).rejects.toMatchObject({ kind: 'full' });

    const controller = new AbortController();
    const aborted = new UploadBody(asRequest(new PassThrough()), { buffers: new PieceBuffers(1000), length: undefined, signal: controller.signal, refusal: () => undefined });
    const reading = read(aborted);
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });
});

describe('buffers', () => {
  it('get smaller as more are lent, and stay near the budget', () => {
    const budget = 32 * 1024 * 1024;
    const buffers = new PieceBuffers(budget);
    const lent = Array.from({ length: 600 }, () => buffers.take(undefined));
    expect([lent[0]?.length, lent[599]?.length]).toEqual([1024 * 1024, 64 * 1024]);
    expect(buffers.lent).toBeLessThan(budget + 600 * 64 * 1024);
    for (const buffer of lent) buffers.giveBack(buffer);
    expect(buffers.lent).toBe(0);
    expect(buffers.take(100).length).toBe(100);
    expect(buffers.take(0).length).toBe(1);
  });
});
