import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noise } from '../../../test/support/noise.ts';
import { mountSmallFileSystem, type SmallFileSystem } from '../../../test/support/rights.ts';
import { loadAddon } from '../native/load-addon.ts';
import { systemClock } from '../platform/clock.ts';
import { openRepository } from '../repository/repository.ts';
import { rawPassword } from './testing/raw-repository.ts';
import { RestoreBench } from './testing/restore-bench.ts';

let bench: RestoreBench;
let mounted: SmallFileSystem | undefined;

beforeEach(() => {
  bench = new RestoreBench();
  mounted = mountSmallFileSystem(bench.target, 4);
});
afterEach(() => {
  mounted?.unmount();
  bench.cleanUp();
});

describe('a target without enough room', () => {
  it('is refused before anything is written, unless what is replaced makes the room', async (context) => {
    if (mounted === undefined) context.skip('needs the right to mount');
    const { raw } = await bench.memoryRepository();
    const old = noise(3_000_000, 1);
    const snapshot = await raw.save([raw.file('f', [noise(3_000_000, 2)]), raw.file('hole', Array.from({ length: 20 }, () => Buffer.alloc(512 * 1024)))]);
    const large = await raw.save([raw.file('f', [noise(3_000_000, 2)]), raw.file('g', [noise(3_000_000, 3)])]);
    await expect(bench.restore(raw.repository, large)).rejects.toMatchObject({ code: 'TARGET_FULL', message: expect.stringMatching(/needs 5\.7 MiB .* has [34]\.\d MiB free\. Nothing was written/) as string });
    expect(readdirSync(bench.target)).toEqual([]);
    const { summary } = await bench.restore(raw.repository, snapshot);
    expect(summary.errors).toBe(0);
    expect(readFileSync(bench.at('f')).equals(old)).toBe(false);
  });

  it('that fills while it is written to ends the restore, with whole files or none', async (context) => {
    if (mounted === undefined) context.skip('needs the right to mount');
    const { raw } = await bench.memoryRepository();
    const files = Array.from({ length: 12 }, (_, i) => noise(700_000, i + 1));
    const snapshot = await raw.save(files.map((content, i) => raw.file(`f${i}`, [content.subarray(0, 300_000), content.subarray(300_000)])));
    mkdirSync(bench.at('mine'));
    writeFileSync(bench.at('mine/kept'), 'kept');
    const addon = { ...loadAddon(), freeSpace: () => Promise.resolve(1n << 40n) };
    const repository = await openRepository({ store: raw.store, addon, clock: systemClock }, { password: Buffer.from(rawPassword) });
    await expect(bench.restore(repository, snapshot)).rejects.toMatchObject({ code: 'TARGET_FULL', message: expect.stringContaining('run the same restore again') as string });
    expect(readFileSync(bench.at('mine/kept'), 'utf8')).toBe('kept');
    for (const name of readdirSync(bench.target)) {
      if (name === 'mine') continue;
      expect(name).toMatch(/^f\d+$/);
      expect(readFileSync(path.join(bench.target, name)).equals(files[Number(name.slice(1))] as Buffer)).toBe(true);
    }
  });
});
