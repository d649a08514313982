/** Whole runs of the backup engine over real files, every pack decoded by the reference; deduplication; packs. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noise } from '../../../test/support/noise.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';

import type { BackupEngine } from './addon.ts';
import { loadAddon } from './load-addon.ts';
import { referenceCut } from './reference/chunker.ts';
import { contentOf, polynomial, referenceKeys, startRun, type Run } from './reference/engine-run.ts';
import { referenceOpen, sha256 } from './reference/sealing.ts';

const addon = loadAddon();
let folder = '';
const files = new Map<string, Buffer>();

beforeAll(() => {
  folder = temporaryFolder('engine');
  files.set('empty', Buffer.alloc(0));
  files.set('one', Buffer.from('x'));
  files.set('text', Buffer.from('a line of text that repeats\n'.repeat(2000)));
  files.set('copy', Buffer.from('a line of text that repeats\n'.repeat(2000)));
  files.set('minimum', noise(524_288, 'minimum'));
  files.set('minimum-and-one', noise(524_289, 'more'));
  files.set('large', noise(5_000_000, 'large'));
  files.set('zeros', Buffer.alloc(3_000_000));
  files.set('mixed', Buffer.concat([noise(700_000, 'a'), Buffer.alloc(2_000_000, 'text '), noise(900_000, 'b')]));
  for (let i = 0; i < 300; i += 1) files.set(`small-${i}`, noise(i * 7, `small ${i % 200}`));
  for (const [name, bytes] of files) writeFileSync(path.join(folder, name), bytes);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const pathOf = (name: string): Buffer => Buffer.from(path.join(folder, name));
const names = (): string[] => [...files.keys()];

function addAll(engine: BackupEngine): void {
  for (const [token, name] of names().entries()) engine.addFile(token, pathOf(name));
}

describe.each([
  { version: 2, compression: 'auto', threads: 2 },
  { version: 2, compression: 'off', threads: 1 },
  { version: 2, compression: 'max', threads: 4 },
  { version: 1, compression: 'auto', threads: 3 },
] as const)('a run with version $version, compression $compression, $threads threads', (options) => {
  it('stores every file once, cut as the reference cuts', async () => {
    const run = startRun({ ...options, open: (sealed) => referenceOpen(referenceKeys, sealed) });
    addAll(run.engine);
    run.engine.finish();
    expect(await run.ended).toEqual({ type: 'finished' });
    const done = run.of('file');
    expect(done.map(({ token }) => token).toSorted((a, b) => a - b)).toEqual(names().map((_, token) => token));
    for (const event of done) {
      const bytes = files.get(names()[event.token] ?? '') ?? Buffer.alloc(0);
      expect(contentOf(event, run.blobs).equals(bytes)).toBe(true);
      expect(event.size).toBe(bytes.length);
      expect(event.stat.size).toBe(BigInt(bytes.length));
      expect(event.changed).toBe(false);
      expect(event.content.length / 32).toBe(referenceCut(bytes, polynomial).length);
    }
    const ids = run.blobs.map(({ type, id }) => type + id.toString('hex'));
    expect(new Set(ids).size).toBe(ids.length);
    expect(done.reduce((sum, { newBlobs }) => sum + newBlobs, 0)).toBe(ids.length);
    expect(done.reduce((sum, { added }) => sum + added, 0)).toBe(run.blobs.reduce((sum, { plain }) => sum + plain.length, 0));
    const packed = run.blobs.reduce((sum, blob) => sum + blob.length + (blob.uncompressedLength === 0 ? 37 : 41), 0);
    expect(done.reduce((sum, { addedPacked }) => sum + addedPacked, 0)).toBe(packed);
    const text = run.blobs.find(({ plain }) => plain.equals(files.get('text') ?? Buffer.alloc(0)));
    expect(text?.uncompressedLength !== 0).toBe(options.version === 2 && options.compression !== 'off');
    expect(run.engine.counters().filesRead).toBe(files.size);
    expect(run.engine.counters().bytesRead).toBe([...files.values()].reduce((sum, { length }) => sum + length, 0));
  });
});

describe('deduplication', () => {
  it('stores nothing that the index lists', async () => {
    const index = addon.createIndex();
    const first = startRun({ index });
    addAll(first.engine);
    first.engine.finish();
    await first.ended;
    const second = startRun({ index });
    addAll(second.engine);
    second.engine.finish();
    await second.ended;
    expect(second.of('pack')).toEqual([]);
    for (const event of second.of('file')) expect([event.newBlobs, event.added, event.addedPacked]).toEqual([0, 0, 0]);
    const contents = (run: Run): string[] => run.of('file').map(({ token, content }) => `${token} ${content.toString('hex')}`).toSorted();
    expect(contents(second)).toEqual(contents(first));
  });

  it('keeps data and trees apart', async () => {
    const run = startRun();
    const bytes = Buffer.from('{"nodes":[]}\n'.repeat(10));
    run.engine.addBlob(1, 'tree', bytes);
    run.engine.addBlob(2, 'data', bytes);
    run.engine.addBlob(3, 'tree', bytes);
    run.engine.addBlob(4, 'data', Buffer.alloc(0));
    run.engine.finish();
    expect(await run.ended).toEqual({ type: 'finished' });
    expect(run.of('pack')).toHaveLength(2);
    expect(run.of('blob').filter(({ isNew }) => isNew)).toHaveLength(3);
    expect(run.of('blob').every((event) => event.id.equals(sha256(event.token === 4 ? Buffer.alloc(0) : bytes)))).toBe(true);
    expect(run.blobs.find(({ type }) => type === 'tree')?.uncompressedLength).toBe(bytes.length);
  });
});

describe('packs', () => {
  it('a blob larger than a pack gets one of its own', async () => {
    const run = startRun({ packSize: 65_536, compression: 'off' });
    const bytes = noise(400_000, 'giant tree');
    run.engine.addBlob(1, 'tree', bytes);
    run.engine.addBlob(2, 'tree', noise(65_536 - 32, 'as large as a pack'));
    run.engine.addBlob(3, 'tree', Buffer.from('small'));
    run.engine.finish();
    expect(await run.ended).toEqual({ type: 'finished' });
    expect(run.of('pack').filter(({ buffer }) => buffer < 0)).toHaveLength(2);
    expect(run.blobs).toHaveLength(3);
  });

  it('stay within their size, and many tiny blobs leave room for the header', async () => {
    const run = startRun({ packSize: 65_536, buffers: 3 });
    for (let i = 0; i < 20_000; i += 1) run.engine.addBlob(i, 'data', Buffer.from(`blob ${i}`));
    run.engine.finish();
    expect(await run.ended).toEqual({ type: 'finished' });
    for (const { length } of run.of('pack')) expect(length).toBeLessThanOrEqual(2 * 65_536);
    expect(run.blobs).toHaveLength(20_000);
  });

  it('wait for a free buffer, and say so', async () => {
    const held: number[] = [];
    const { promise: stuck, resolve } = Promise.withResolvers<void>();
    const run = startRun({
      packSize: 1_000_000,
      buffers: 3,
      compression: 'off',
      onPack: (pack, engine) => {
        if (pack.buffer < 0) return;
        held.push(pack.buffer);
        if (held.length === 3) resolve();
        if (held.length > 3) engine.releasePack(pack.buffer);
      },
    });
    run.engine.addFile(1, pathOf('large'));
    run.engine.addFile(2, pathOf('mixed'));
    run.engine.addFile(3, pathOf('minimum'));
    for (let i = 0; i < 40; i += 1) run.engine.addBlob(10 + i, 'data', noise(90_000, `filler ${i}`));
    run.engine.finish();
    await stuck;
    expect(held.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
    for (const buffer of held.slice()) run.engine.releasePack(buffer);
    expect(await run.ended).toEqual({ type: 'finished' });
    expect(run.of('file')).toHaveLength(3);
  });

  it('takes back only what it delivered', () => {
    const run = startRun();
    expect(() => run.engine.releasePack(0)).toThrow(TypeError);
    expect(() => run.engine.releasePack(99)).toThrow(TypeError);
    run.engine.cancel();
    return run.ended;
  });
});
