/** What the backup engine does at its edges: full queues, pauses, files that fail or change, and every way to end. */
import { execFile } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, openSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noise } from '../../../test/support/noise.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';

import type { BackupEngineOptions } from './addon.ts';
import { loadAddon } from './load-addon.ts';
import { contentOf, keys, polynomial, startRun, type Run } from './reference/engine-run.ts';

const addon = loadAddon();
let folder = '';
const mixed = Buffer.concat([noise(700_000, 'a'), Buffer.alloc(2_000_000, 'text '), noise(900_000, 'b')]);

beforeAll(() => {
  folder = temporaryFolder('engine');
  writeFileSync(path.join(folder, 'one'), 'x');
  writeFileSync(path.join(folder, 'mixed'), mixed);
  writeFileSync(path.join(folder, 'large'), noise(5_000_000, 'large'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const pathOf = (name: string): Buffer => Buffer.from(path.join(folder, name));

describe('input', () => {
  it('asks to wait when its queue is full, and calls again', async () => {
    const run = startRun();
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
    const run = startRun();
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
      const run = startRun();
      run.engine.addDescriptor(7, descriptor);
      run.engine.finish();
      await run.ended;
      const event = run.of('file')[0];
      expect(event?.token).toBe(7);
      expect(event !== undefined && contentOf(event, run.blobs).equals(mixed)).toBe(true);
    } finally {
      closeSync(descriptor);
    }
  });

  it('names what it cannot read and goes on', async () => {
    mkdirSync(path.join(folder, 'folder'), { recursive: true });
    symlinkSync('one', path.join(folder, 'link'));
    const run = startRun();
    run.engine.addFile(1, pathOf('missing'));
    run.engine.addFile(2, pathOf('folder'));
    run.engine.addFile(3, pathOf('link'));
    run.engine.addFile(4, pathOf('one'));
    run.engine.finish();
    expect(await run.ended).toEqual({ type: 'finished' });
    const failures = new Map(run.of('file-failed').map((event) => [event.token, event]));
    expect([...failures.keys()].toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
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
    const run = startRun({
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
    const run = startRun();
    run.engine.finish();
    expect(await run.ended).toEqual({ type: 'finished' });
    expect(run.of('pack')).toEqual([]);
  });

  it('is failed after cancel, whatever the threads do, and nothing follows', async () => {
    for (const moment of ['at once', 'while reading', 'paused', 'waiting for buffers'] as const) {
      const { promise: packed, resolve } = Promise.withResolvers<void>();
      const run = startRun({ compression: 'off', buffers: 3, onPack: () => resolve() });
      if (moment === 'paused') run.engine.pause();
      for (const [token, name] of ['large', 'mixed', 'one'].entries()) run.engine.addFile(token, pathOf(name));
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

  /** A script that reads a file many times; `onPack` runs at every pack, `ending` at last. */
  const scriptOf = (onPack: string, ending: string): string => `
    const { loadAddon } = await import(${JSON.stringify(new URL('load-addon.ts', import.meta.url).href)});
    const addon = loadAddon();
    const packBuffers = Array.from({ length: 3 }, () => new Uint8Array(1114112));
    const engine = addon.createBackupEngine({ keys: addon.generateKeySet(), index: addon.createIndex(), polynomial: ${polynomial}n, version: 2,
      compression: 'auto', packSize: 1048576, packBuffers,
      onEvents(events) {
        for (const event of events) if (event.type === 'pack') { if (event.buffer >= 0) engine.releasePack(event.buffer); ${onPack} }
      } });
    for (let i = 0; i < 50; i += 1) engine.addFile(i, Buffer.from(${JSON.stringify(path.join(folder, 'large'))}));
    ${ending}`;
  const runScript = async (script: string): Promise<string> => {
    const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { cwd: path.dirname(fileURLToPath(import.meta.url)) });
    return stderr;
  };

  it.each([
    ['cancelled', 'engine.cancel();'],
    ['left at process.exit', 'setImmediate(() => process.exit(0));'],
    ['finished', 'engine.finish();'],
  ])('lets the process exit when %s', async (_name, ending) => {
    expect(await runScript(scriptOf('', ending))).toBe('');
  });

  it('outlives a worker thread that is ended under it', async () => {
    const worker = scriptOf('parentPort.postMessage(0);', '').replace('const', "const { parentPort } = await import('node:worker_threads');\nconst");
    const script = `
      import { Worker } from 'node:worker_threads';
      for (let i = 0; i < 5; i += 1) {
        const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(worker)})));
        await new Promise((resolve) => worker.once('message', resolve));
        await worker.terminate();
      }`;
    expect(await runScript(script)).toBe('');
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
