/** The part of the conformance suite that is about memory of the caller: `getInto`, and `stream` with buffers. */
import { expect, it } from 'vitest';
import type { ObjectHandle, ObjectStore } from '../object-store.ts';
import { kindOf, nameOf, putData, sampleBytes } from './samples.ts';

export function memoryConformance(fresh: () => Promise<ObjectStore>): void {
  it('fills memory of the caller, and nothing beside it', async () => {
    const store = await fresh();
    const bytes = sampleBytes(10_000_000, 5);
    const handle = await putData(store, bytes);
    const memory = Buffer.alloc(10_000_002, 0xee);
    for (const [offset, length] of [[0, 10_000_000], [0, 1], [1_234_567, 2_345_678], [9_999_999, 1], [10_000_000, 0], [500, 0]] as const) {
      memory.fill(0xee);
      await store.getInto(handle, offset, memory.subarray(1, 1 + length));
      expect(memory.subarray(1, 1 + length).equals(bytes.subarray(offset, offset + length))).toBe(true);
      expect([memory[0], memory[1 + length]]).toEqual([0xee, 0xee]);
    }
    const config: ObjectHandle = { type: 'config', name: '' };
    await store.put(config, sampleBytes(155, 4));
    await store.getInto(config, 5, memory.subarray(0, 50));
    expect(memory.subarray(0, 50).equals(sampleBytes(155, 4).subarray(5, 55))).toBe(true);
    for (const [offset, length] of [[0, 10_000_001], [9_999_999, 2], [10_000_000, 1], [10_000_001, 0], [-1, 1], [0.5, 1]] as const) {
      expect([offset, await kindOf(store.getInto(handle, offset, memory.subarray(0, length)))]).toEqual([offset, 'range']);
    }
    expect(await kindOf(store.getInto({ type: 'data', name: nameOf(Buffer.alloc(1)) }, 0, memory.subarray(0, 1)))).toBe('not-found');
  });

  it('leaves the memory of the caller alone once an abort is told', async () => {
    const store = await fresh();
    const handle = await putData(store, sampleBytes(10_000_000, 6));
    const memory = Buffer.alloc(10_000_000);
    const reason = new Error('enough');
    for (const turns of [0, 1, 2, 5, 10]) {
      const controller = new AbortController();
      const outcome = store.getInto(handle, 0, memory, controller.signal).then(() => undefined, (error: unknown) => error);
      for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
      controller.abort(reason);
      expect([undefined, reason]).toContain(await outcome);
      memory.fill(0xee);
      await store.stat(handle);
      expect(memory.equals(Buffer.alloc(memory.length, 0xee))).toBe(true);
    }
  });

  it.each([1, 2, 3])('streams into %i buffers in turn, each piece good until as many more are asked for', async (count) => {
    const store = await fresh();
    const bytes = sampleBytes(3_000_000, 7);
    const handle = await putData(store, bytes);
    const buffers = Array.from({ length: count }, () => Buffer.alloc(100_003));
    const { size, body } = await store.stream(handle, { offset: 1000, length: 2_000_000 }, undefined, buffers);
    expect(size).toBe(2_000_000);
    const held: { piece: Buffer; offset: number }[] = [];
    let offset = 1000;
    for await (const piece of body) {
      held.push({ piece, offset });
      offset += piece.length;
      for (const one of held.slice(-count)) expect(one.piece.equals(bytes.subarray(one.offset, one.offset + one.piece.length))).toBe(true);
    }
    expect(offset).toBe(2_001_000);
  });
}
