/** Runs of the backup engine over real files. Every pack is decoded: by the reference in the whole runs, elsewhere with the native `open`, which is faster. */
import { execFile } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { BackupEngine, BackupEngineOptions, BackupEvent, BlobIndex } from './addon.ts';
import { loadAddon } from './load-addon.ts';
import { referenceCut } from './reference/chunker.ts';
import { decodePack, encodeRecords, type DecodedBlob } from './reference/pack.ts';
import { referenceOpen, sha256 } from './reference/sealing.ts';

const addon = loadAddon();
const polynomial = 0x3da3358b4dc173n;
const keyHalf = sha256(Buffer.from('engine'));
const referenceKeys = Buffer.concat([keyHalf, sha256(keyHalf)]);
const keys = addon.keySetFromBytes(referenceKeys);

type EventOf<Type extends BackupEvent['type']> = Extract<BackupEvent, { type: Type }>;

interface Run {
  readonly engine: BackupEngine;
  readonly ended: Promise<EventOf<'finished' | 'failed'>>;
  readonly events: BackupEvent[];
  readonly blobs: DecodedBlob[];
  of<Type extends BackupEvent['type']>(type: Type): EventOf<Type>[];
}

interface RunOptions extends Partial<BackupEngineOptions> {
  readonly index?: BlobIndex;
  readonly buffers?: number;
  /** Unseals; the native code by default. */
  readonly open?: (sealed: Buffer) => Buffer;
  /** Called with each pack instead of releasing its buffer at once. */
  readonly onPack?: (pack: EventOf<'pack'>, engine: BackupEngine) => void;
}

function start(options: RunOptions = {}): Run {
  const packSize = options.packSize ?? 1024 * 1024;
  const index = options.index ?? addon.createIndex();
  const packBuffers = Array.from({ length: options.buffers ?? 5 }, () => new Uint8Array(packSize + 65_536));
  const events: BackupEvent[] = [];
  const blobs: DecodedBlob[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<EventOf<'finished' | 'failed'>>();
  const take = (pack: EventOf<'pack'>): void => {
    const held = pack.buffer < 0 ? (pack.large ?? Buffer.alloc(0)) : (packBuffers[pack.buffer] ?? new Uint8Array());
    const bytes = Buffer.from(held.subarray(0, pack.length));
    expect(bytes).toHaveLength(pack.length);
    expect(sha256(bytes).equals(pack.id)).toBe(true);
    const decoded = decodePack(options.open ?? ((sealed) => keys.open(sealed)), bytes);
    expect(pack.records.equals(encodeRecords(decoded))).toBe(true);
    for (const blob of decoded) expect(blob.type).toBe(pack.blobType);
    blobs.push(...decoded);
    index.addPack(pack.id, pack.records);
  };
  const engine: BackupEngine = addon.createBackupEngine({
    keys,
    index,
    polynomial,
    version: 2,
    compression: 'auto',
    packSize,
    packBuffers,
    ...options,
    onEvents(batch) {
      events.push(...batch);
      for (const event of batch) {
        if (event.type === 'pack') {
          take(event);
          if (options.onPack !== undefined) options.onPack(event, engine);
          else if (event.buffer >= 0) engine.releasePack(event.buffer);
        }
        if (event.type === 'finished' || event.type === 'failed') resolve(event);
      }
    },
  });
  return { engine, ended, events, blobs, of: (type) => events.filter((event) => event.type === type) as never };
}

/** Joins the content of a file event from decoded blobs. */
function contentOf(event: EventOf<'file'>, blobs: readonly DecodedBlob[]): Buffer {
  const known = new Map(blobs.filter(({ type }) => type === 'data').map((blob) => [blob.id.toString('hex'), blob.plain]));
  const ids = Array.from({ length: event.content.length / 32 }, (_, i) => event.content.subarray(i * 32, i * 32 + 32).toString('hex'));
  return Buffer.concat(ids.map((id) => known.get(id) ?? Buffer.from(`missing ${id}`)));
}

function noise(size: number, name: string): Buffer {
  const bytes = Buffer.alloc(size);
  let block = sha256(Buffer.from(name));
  for (let at = 0; at < size; at += 32) {
    block.copy(bytes, at);
    block = addon.sha256(block);
  }
  return bytes;
}

let folder = '';
const files = new Map<string, Buffer>();

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cyberbackup-engine-'));
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
    const run = start({ ...options, open: (sealed) => referenceOpen(referenceKeys, sealed) });
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
    const first = start({ index });
    addAll(first.engine);
    first.engine.finish();
    await first.ended;
    const second = start({ index });
    addAll(second.engine);
    second.engine.finish();
    await second.ended;
    expect(second.of('pack')).toEqual([]);
    for (const event of second.of('file')) expect([event.newBlobs, event.added, event.addedPacked]).toEqual([0, 0, 0]);
    const contents = (run: Run): string[] => run.of('file').map(({ token, content }) => `${token} ${content.toString('hex')}`).toSorted();
    expect(contents(second)).toEqual(contents(first));
  });

  it('keeps data and trees apart', async () => {
    const run = start();
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
    const run = start({ packSize: 65_536, compression: 'off' });
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
    const run = start({ packSize: 65_536, buffers: 3 });
    for (let i = 0; i < 20_000; i += 1) run.engine.addBlob(i, 'data', Buffer.from(`blob ${i}`));
    run.engine.finish();
    expect(await run.ended).toEqual({ type: 'finished' });
    for (const { length } of run.of('pack')) expect(length).toBeLessThanOrEqual(2 * 65_536);
    expect(run.blobs).toHaveLength(20_000);
  });

  it('wait for a free buffer, and say so', async () => {
    const held: number[] = [];
    const { promise: stuck, resolve } = Promise.withResolvers<void>();
    const run = start({
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
    expect(held.toSorted()).toEqual([0, 1, 2]);
    for (const buffer of held.slice()) run.engine.releasePack(buffer);
    expect(await run.ended).toEqual({ type: 'finished' });
    expect(run.of('file')).toHaveLength(3);
  });

  it('takes back only what it delivered', () => {
    const run = start();
    expect(() => run.engine.releasePack(0)).toThrow(TypeError);
    expect(() => run.engine.releasePack(99)).toThrow(TypeError);
    run.engine.cancel();
    return run.ended;
  });
});

describe('input', () => {
  it('asks to wait when its queue is full, and calls again', async () => {
    const run = start();
    run.engine.pause();
    let accepted = 0;
    while (run.engine.addFile(accepted, pathOf('one'))) accepted += 1;
    expect(run.of('drain')).toHaveLength(0);
    run.engine.resume();
    run.engine.finish();
    expect(await run.ended).toEqual({ type: 'finished' });
    expect(run.of('drain')).toHaveLength(1);
    expect(run.of('file')).toHaveLength(accepted + 1);
    expect(() => run.engine.addFile(1, pathOf('one'))).toThrow(expect.objectContaining({ code: 'E_STATE' }));
  });

  it('does nothing while paused', async () => {
    const run = start();
    run.engine.pause();
    run.engine.addFile(1, pathOf('large'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(run.engine.counters().bytesRead).toBe(0);
    run.engine.resume();
    run.engine.finish();
    await run.ended;
    expect(run.of('file')).toHaveLength(1);
  });

  it('reads an open descriptor and leaves it open', async () => {
    const descriptor = openSync(path.join(folder, 'mixed'), 'r');
    try {
      const run = start();
      run.engine.addDescriptor(7, descriptor);
      run.engine.finish();
      await run.ended;
      const event = run.of('file')[0];
      expect(event?.token).toBe(7);
      expect(event !== undefined && contentOf(event, run.blobs).equals(files.get('mixed') ?? Buffer.alloc(0))).toBe(true);
    } finally {
      closeSync(descriptor);
    }
  });

  it('names what it cannot read and goes on', async () => {
    mkdirSync(path.join(folder, 'folder'), { recursive: true });
    symlinkSync('one', path.join(folder, 'link'));
    const run = start();
    run.engine.addFile(1, pathOf('missing'));
    run.engine.addFile(2, pathOf('folder'));
    run.engine.addFile(3, pathOf('link'));
    run.engine.addFile(4, pathOf('one'));
    run.engine.finish();
    expect(await run.ended).toEqual({ type: 'finished' });
    const failures = new Map(run.of('file-failed').map((event) => [event.token, event]));
    expect([...failures.keys()].toSorted()).toEqual([1, 2, 3]);
    expect(failures.get(1)).toMatchObject({ code: 'ENOENT', during: 'open' });
    expect(run.of('file').map(({ token }) => token)).toEqual([4]);
  });
});

describe('a file that changes while it is read', () => {
  // Two packs of the file are held back, so that the engine stands in the middle of it.
  async function changedMidway(name: string, change: (file: string) => void): Promise<Run> {
    const file = path.join(folder, name);
    writeFileSync(file, noise(24_000_000, name));
    const held: number[] = [];
    const { promise: standing, resolve } = Promise.withResolvers<void>();
    let free = false;
    const run = start({
      compression: 'off',
      threads: 2,
      buffers: 3,
      packSize: 4 * 1024 * 1024,
      onPack: (pack, engine) => {
        if (pack.buffer < 0) return;
        if (free) engine.releasePack(pack.buffer);
        else held.push(pack.buffer);
        if (held.length === 2) resolve();
      },
    });
    run.engine.addFile(1, Buffer.from(file));
    run.engine.finish();
    await standing;
    change(file);
    free = true;
    for (const buffer of held) run.engine.releasePack(buffer);
    expect(await run.ended).toEqual({ type: 'finished' });
    return run;
  }

  it('is stored as it was read, and marked, when it grows', async () => {
    const run = await changedMidway('growing', (file) => appendFileSync(file, 'more'));
    const event = run.of('file')[0];
    expect(event?.changed).toBe(true);
    expect(event !== undefined && contentOf(event, run.blobs).length).toBe(event?.size);
  });

  it('is stored as it was read, and marked, when it is cut off', async () => {
    const run = await changedMidway('shrinking', (file) => truncateSync(file, 100));
    const event = run.of('file')[0];
    expect(event?.changed).toBe(true);
    const content = event === undefined ? Buffer.alloc(0) : contentOf(event, run.blobs);
    expect(content.length).toBe(event?.size);
    expect(content.length).toBeLessThan(24_000_000);
    expect(content.equals(noise(24_000_000, 'shrinking').subarray(0, content.length))).toBe(true);
  });
});

describe('the end', () => {
  it('comes at once without input', async () => {
    const run = start();
    run.engine.finish();
    expect(await run.ended).toEqual({ type: 'finished' });
    expect(run.of('pack')).toEqual([]);
  });

  it('is failed after cancel, whatever the threads do, and nothing follows', async () => {
    for (const moment of ['at once', 'while reading', 'paused', 'waiting for buffers'] as const) {
      const { promise: packed, resolve } = Promise.withResolvers<void>();
      const run = start({ compression: 'off', buffers: 3, onPack: () => resolve() });
      if (moment === 'paused') run.engine.pause();
      addAll(run.engine);
      if (moment === 'while reading') await packed;
      if (moment === 'waiting for buffers') {
        while (run.engine.counters().uploadWaitNs === 0 && run.of('pack').length < 3) await new Promise((tick) => setImmediate(tick));
      }
      run.engine.cancel();
      run.engine.cancel();
      expect(await run.ended).toMatchObject({ type: 'failed', code: 'E_CANCELLED' });
      await new Promise((tick) => setImmediate(tick));
      expect(run.events.at(-1)?.type).toBe('failed');
    }
  });

  it.each([
    ['cancelled', 'engine.cancel();'],
    ['left at process.exit', 'setImmediate(() => process.exit(0));'],
    ['finished', 'engine.finish();'],
  ])('lets the process exit when %s', async (_name, ending) => {
    const loader = new URL('load-addon.ts', import.meta.url).href;
    const script = `
      const { loadAddon } = await import(${JSON.stringify(loader)});
      const addon = loadAddon();
      const packBuffers = Array.from({ length: 3 }, () => new Uint8Array(1114112));
      const engine = addon.createBackupEngine({ keys: addon.generateKeySet(), index: addon.createIndex(), polynomial: ${polynomial}n, version: 2,
        compression: 'auto', packSize: 1048576, packBuffers,
        onEvents(events) { for (const event of events) if (event.type === 'pack' && event.buffer >= 0) engine.releasePack(event.buffer); } });
      for (let i = 0; i < 50; i += 1) engine.addFile(i, Buffer.from(${JSON.stringify(path.join(folder, 'large'))}));
      ${ending}`;
    const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { cwd: path.dirname(fileURLToPath(import.meta.url)) });
    expect(stderr).toBe('');
  });

  it('refuses wrong options', () => {
    const good: BackupEngineOptions = {
      keys,
      index: addon.createIndex(),
      polynomial,
      version: 2,
      compression: 'auto',
      packSize: 65_536,
      packBuffers: Array.from({ length: 3 }, () => new Uint8Array(131_072)),
      onEvents: () => undefined,
    };
    const shared = new Uint8Array(300_000);
    const wrong: Partial<Record<keyof BackupEngineOptions, unknown>>[] = [
      { keys: {} },
      { index: keys },
      { polynomial: 5 },
      { version: 3 },
      { compression: 'best' },
      { packSize: 100 },
      { threads: 0 },
      { packBuffers: good.packBuffers.slice(1) },
      { packBuffers: good.packBuffers.map(() => new Uint8Array(131_071)) },
      { packBuffers: [0, 1, 2].map((i) => shared.subarray(i * 10, i * 10 + 131_072)) },
      { onEvents: 'no function' },
    ];
    for (const change of wrong) expect(() => addon.createBackupEngine({ ...good, ...change } as BackupEngineOptions)).toThrow(TypeError);
    expect(() => addon.createBackupEngine({ ...good, polynomial: 7n })).toThrow(expect.objectContaining({ code: 'E_FORMAT' }));
  });
});
