/** A file much larger than what client and server may take of memory, through both and back. */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { writeIncompressible } from '../bench/datasets.ts';
import { measure, peakMemoryOf } from '../bench/measured-run.ts';
import { compareTrees } from './support/compare-trees.ts';
import { program, startOurServer, testEnvironment } from './support/cli.ts';
import { freePort } from './support/free-port.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const MiB = 1 << 20;
const size = 768 * MiB;
/** Reliability: neither side needs more, whatever is backed up. */
const bound = 256 * MiB;

it.runIf(process.platform === 'linux')('R10: a file of three times the memory that client and server may take comes back, and neither takes more', async () => {
  const place = temporaryFolder('large-file');
  const [source, data, target] = ['source', 'data', 'target'].map((name) => path.join(place, name)) as [string, string, string];
  for (const folder of [source, data]) mkdirSync(folder);
  writeIncompressible(path.join(source, 'large.bin'), size, 'large file');
  const port = await freePort();
  const server = await startOurServer(data, port, path.join(place, 'server-home'));
  try {
    const env = { ...testEnvironment(path.join(place, 'home')), CYBERBACKUP_REPOSITORY: `rest:http://127.0.0.1:${port}/large/` };
    await measure([program, 'init', '--quiet'], env);
    const backup = await measure([program, 'backup', '--quiet', source], env, true);
    const restore = await measure([program, 'restore', 'latest', '--quiet', '--target', target], env, true);
    const peaks = { backup: backup.peakMemory, restore: restore.peakMemory, server: peakMemoryOf(server.pid) };
    for (const [who, peak] of Object.entries(peaks)) {
      expect(peak, who).toBeGreaterThan(16 * MiB);
      expect(peak, who).toBeLessThan(bound);
    }
    expect(await compareTrees(source, path.join(target, source))).toEqual([]);
  } finally {
    await server.kill('SIGTERM');
    rmSync(place, { recursive: true });
  }
});
