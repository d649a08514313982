import { rmSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { FakeClock } from '../core/platform/fake-clock.ts';
import { silentLogger } from '../core/platform/logger.ts';
import { systemSample } from '../shared/contract/schemas/observability.ts';
import { SystemSampler } from './system-sampler.ts';

it('R13: samples every five seconds and keeps an hour', async () => {
  const folder = temporaryFolder('sampler');
  const clock = new FakeClock();
  const sampler = new SystemSampler({ clock, logger: silentLogger, folder });
  const stop = new AbortController();
  const running = sampler.run(stop.signal);
  const settled = async (count: number): Promise<void> => {
    while (sampler.history(7200).length < count) await clock.advance(0);
  };
  await settled(1);
  await clock.advance(5000);
  await settled(2);
  stop.abort();
  await running;
  const sample = systemSample.parse(sampler.latest);
  expect(sample.at).toBe('2024-01-02T03:04:10.000Z');
  expect(sample.rss).toBeGreaterThan(1e6);
  expect(sample.disk_free).toBeGreaterThan(0);
  for (let turn = 0; turn < 800; turn++) {
    await clock.advance(5000);
    await sampler.sample();
  }
  expect(sampler.history(60)).toHaveLength(12);
  expect(sampler.history(100_000)).toHaveLength(720);
  rmSync(folder, { recursive: true });
});

it('tells of a folder that is gone, and goes on', async () => {
  const said: string[] = [];
  const sampler = new SystemSampler({ clock: new FakeClock(), logger: { ...silentLogger, warn: (_, message) => void said.push(message) }, folder: path.join(path.sep, 'no', 'such', 'folder') });
  expect((await sampler.sample()).disk_free).toBe(0);
  expect(said).toHaveLength(1);
});
