import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRoot } from '../support/rights.ts';
import { noise } from '../support/noise.ts';
import { folderOnDisk } from '../support/temporary-folder.ts';
import { check } from '../../src/core/checker/check.ts';
import { dump } from '../../src/core/history/archive/dump.ts';
import { walkNodes } from '../../src/core/history/node-walk.ts';
import { overview } from '../../src/core/history/statistics/overview.ts';
import { loadAddon } from '../../src/core/native/load-addon.ts';
import { systemClock } from '../../src/core/platform/clock.ts';
import { openRepository } from '../../src/core/repository/repository.ts';
import type { Repository } from '../../src/core/repository/repository.ts';
import { findSnapshot } from '../../src/core/repository/snapshots.ts';
import type { StoredSnapshot } from '../../src/core/repository/snapshots.ts';
import { openStore } from '../../src/core/storage/open-store.ts';
import { describeTree } from '../../src/core/restorer/testing/disk-tree.ts';
import { newestRestic, restic, resticPassword, resticPrograms } from '../support/restic.ts';
import { RestoreBench } from '../../src/core/restorer/testing/restore-bench.ts';

/** Everything that a file system can hold and restic keeps. */
function makeNastyTree(root: string): void {
  const at = (name: string | Buffer): Buffer => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name)]);
  mkdirSync(root, { recursive: true });
  writeFileSync(at('big'), noise(5_000_000, 1));
  writeFileSync(at('text'), 'line of a log\n'.repeat(50_000));
  writeFileSync(at('empty'), '');
  writeFileSync(at(Buffer.from([0xff, 0x0a, 0x22, 0x5c])), 'odd name');
  writeFileSync(at(Buffer.alloc(255, 0x6e)), 'long name');
  writeFileSync(at('setuid'), 'x');
  chmodSync(at('setuid'), 0o6755);
  writeFileSync(at('no-access'), 'x');
  chmodSync(at('no-access'), 0o000);
  writeFileSync(at('sparse'), 'start');
  truncateSync(at('sparse'), 20_000_000);
  writeFileSync(at('linked'), 'two names');
  linkSync(at('linked'), at('linked-too'));
  symlinkSync(Buffer.from([0x2f, 0xfe]), at('raw-link'));
  symlinkSync('big', at('link'));
  mkdirSync(at('sticky'));
  chmodSync(at('sticky'), 0o1777);
  mkdirSync(at('read-only/sub'), { recursive: true });
  writeFileSync(at('read-only/sub/f'), 'x');
  chmodSync(at('read-only'), 0o555);
  execFileSync('mkfifo', [at('fifo').toString()]);
  execFileSync('setfattr', ['-n', 'user.note', '-v', 'kept', at('text').toString()]);
  execFileSync('setfattr', ['-n', 'user.folder', '-v', '0x00ff', at('sticky').toString()]);
  writeFileSync(at('old'), 'x');
  utimesSync(at('old'), -86_400, -86_400.25);
  if (!isRoot) return;
  execFileSync('mknod', [at('device').toString(), 'c', '10', '200']);
  execFileSync('mknod', [at('block').toString(), 'b', '7', '131']);
  chownSync(at('text'), 12_345, 54_321);
}

describe.each(resticPrograms())('what the $name backed up', ({ program }) => {
  describe.each(program === newestRestic() ? ['1', '2'] : ['2'])('in a repository of version %s', (version) => {
    let bench: RestoreBench;
    let source: string;
    let repository: Repository;
    let snapshot: StoredSnapshot;
    const addon = loadAddon();

    beforeAll(async () => {
      bench = new RestoreBench(folderOnDisk('restorer'));
      source = path.join(bench.folder, 'source');
      const place = path.join(bench.folder, 'repository');
      makeNastyTree(source);
      restic(program, place, ['init', '--repository-version', version]);
      restic(program, place, ['backup', '.'], { cwd: source });
      const store = openStore(place, { addon, clock: systemClock });
      repository = await openRepository({ store, addon, clock: systemClock }, { password: Buffer.from(resticPassword) });
      snapshot = await findSnapshot(repository, 'latest');
    });
    afterAll(async () => {
      await repository.close();
      await repository.store.close();
      bench.cleanUp();
    });

    it('is restored equal in every attribute', async () => {
      const { summary, problems } = await bench.restore(repository, snapshot, { verify: true });
      expect(problems).toEqual([]);
      const expected = describeTree(source);
      const restored = describeTree(bench.target);
      for (const tree of [expected, restored]) tree.delete('.');
      // Debian's restic 0.14 keeps invalid UTF-8 in link targets only as replacement characters.
      if (program === 'restic') for (const tree of [expected, restored]) tree.delete('raw-link');
      expect(restored).toEqual(expected);
      expect(summary.errors).toBe(0);
    });

    it('is restored a second time without writing content', async () => {
      const { summary, problems } = await bench.restore(repository, snapshot, { overwrite: 'if-changed', delete: true });
      expect(problems).toEqual([]);
      expect(summary).toMatchObject({ files_deleted: 0, errors: 0 });
      // Only files with several names, links and special files are made anew.
      expect(summary.bytes_restored).toBeLessThan(100);
    });

    it('is found clean', async () => {
      const report = await check(repository, { readData: true }, { clock: systemClock });
      expect(report.errors).toEqual([]);
      expect(report).toMatchObject({ snapshots: 1, packsRead: report.packs });
      expect(report.bytesRead).toBeGreaterThan(5_000_000);
    });

    it('has the statistics that restic counts', async () => {
      await repository.loadIndex();
      const ours = await overview(repository, [snapshot], { onUnreadable: (failure) => expect.fail(failure.message) });
      const place = path.join(bench.folder, 'repository');
      const size = JSON.parse(restic(program, place, ['stats', '--json', '--mode', 'restore-size'])) as { total_size: number };
      const raw = JSON.parse(restic(program, place, ['stats', '--json', '--mode', 'raw-data'])) as { total_size: number; total_blob_count: number };
      expect(ours.total_size).toBe(size.total_size);
      expect([ours.total_raw_size, ours.total_blob_count]).toEqual([raw.total_size, raw.total_blob_count]);
    });

    it('is listed and dumped', async () => {
      await repository.loadIndex();
      const listed: string[] = [];
      for await (const found of walkNodes(repository, Buffer.from(snapshot.snapshot.tree, 'hex'))) if (found.kind === 'node') listed.push(found.path.toString('latin1'));
      const expected = [...describeTree(source).keys()].filter((name) => name !== '.').map((name) => `/${name}`);
      expect(listed.sort()).toEqual(expected.sort());
      const output = new PassThrough();
      const [bytes] = await Promise.all([buffer(output), dump(repository, snapshot, Buffer.from('/big'), output, { archive: 'tar' }).finally(() => output.end())]);
      expect(bytes.equals(noise(5_000_000, 1))).toBe(true);
      await expect(dump(repository, snapshot, Buffer.from('/missing'), new PassThrough(), { archive: 'tar' })).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
    });
  });
});
