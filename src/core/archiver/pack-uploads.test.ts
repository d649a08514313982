import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { loadAddon } from '../native/load-addon.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { allocatePackBuffers, PackUploads, type PackEvent } from './pack-uploads.ts';

const mebibyte = 1024 * 1024;
const addon = loadAddon();

describe('pack buffers', () => {
  it.each([
    [16 * mebibyte, 4, 4],
    [4 * mebibyte, 4, 8],
    [4 * mebibyte, 100, 16],
    [128 * mebibyte, 4, 3],
  ])('of %d bytes with %d connections: %d', (packSize, connections, count) => {
    const buffers = allocatePackBuffers(addon, packSize, connections);
    expect(buffers).toHaveLength(count);
    expect(buffers.every((buffer) => buffer.length >= packSize + 64 * 1024)).toBe(true);
  });
});

interface Put {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly finish: () => void;
  readonly fail: (error: Error) => void;
}

function scene(connections: number, dryRun = false): { uploads: PackUploads; puts: Put[]; released: number[]; recorded: string[]; failures: unknown[]; buffers: Uint8Array[] } {
  const [puts, released, recorded, failures]: [Put[], number[], string[], unknown[]] = [[], [], [], []];
  const buffers = [0, 1, 2].map((i) => new Uint8Array(100).fill(i));
  const put: ObjectStore['put'] = (handle, body) => new Promise((finish, fail) => puts.push({ name: handle.name, bytes: body as Uint8Array, finish, fail }));
  const uploads = new PackUploads({
    store: { connections, put } as ObjectStore,
    engine: { releasePack: (buffer) => released.push(buffer) },
    buffers,
    record: async (packId) => void recorded.push(packId.toString('hex').slice(0, 2)),
    onFailure: (error) => failures.push(error),
    dryRun,
    signal: new AbortController().signal,
  });
  return { uploads, puts, released, recorded, failures, buffers };
}

const pack = (buffer: number, large?: Buffer): PackEvent => ({ type: 'pack', buffer, ...(large === undefined ? {} : { large }), id: Buffer.alloc(32, buffer), length: 10, records: Buffer.alloc(48), blobType: 'data' });

describe('uploads', () => {
  it('go straight from the buffers, as many at once as the store likes', async () => {
    const { uploads, puts, released, recorded, buffers } = scene(2);
    for (const buffer of [0, 1, 2]) uploads.add(pack(buffer));
    expect(puts).toHaveLength(2);
    expect(puts[1]?.bytes.buffer).toBe(buffers[1]?.buffer);
    expect(puts[1]?.bytes).toHaveLength(10);
    const finished = uploads.finish();
    puts[1]?.finish();
    await setImmediate();
    expect([released, recorded, puts.length]).toEqual([[1], ['01'], 3]);
    puts[0]?.finish();
    puts[2]?.finish();
    await finished;
    expect(released.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
    expect(recorded.toSorted()).toEqual(['00', '01', '02']);
  });

  it('take a large pack as it came, and give no buffer back', async () => {
    const { uploads, puts, released } = scene(2);
    const large = Buffer.alloc(10, 7);
    uploads.add(pack(-1, large));
    puts[0]?.finish();
    await uploads.finish();
    expect([...(puts[0]?.bytes ?? [])]).toEqual([...large]);
    expect(released).toEqual([]);
  });

  it('stop at the first failure: nothing more is sent, and what arrives all the same is recorded', async () => {
    const { uploads, puts, recorded, failures } = scene(3);
    for (const buffer of [0, 1, 2, 0]) uploads.add(pack(buffer));
    const finished = uploads.finish();
    puts[0]?.fail(new Error('first'));
    await setImmediate();
    uploads.add(pack(1));
    puts[1]?.fail(new Error('second'));
    puts[2]?.finish();
    await finished;
    expect(failures).toEqual([new Error('first')]);
    expect([puts.length, recorded]).toEqual([3, ['02']]);
  });

  it('that are stopped begin nothing more and end when those under way have', async () => {
    const { uploads, puts, recorded, failures } = scene(1);
    for (const buffer of [0, 1]) uploads.add(pack(buffer));
    uploads.stop();
    const stored = uploads.stored();
    puts[0]?.finish();
    await stored;
    await uploads.finish();
    expect([puts.length, recorded, failures]).toEqual([1, ['00'], []]);
  });

  it('do not happen on a dry run', async () => {
    const { uploads, puts, released } = scene(2, true);
    uploads.add(pack(2));
    await uploads.finish();
    expect([puts, released]).toEqual([[], [2]]);
  });
});
