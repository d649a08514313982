/** Backups of real folders, judged by restic. */
import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, lutimesSync, mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Repository } from '../repository/repository.ts';
import { isRoot } from '../../../test/support/rights.ts';
import { newestRestic } from '../../../test/support/restic.ts';
import { Place, restics } from './testing/place.ts';

let place: Place;
let repository: Repository;

beforeEach(async () => {
  place = new Place();
  repository = await place.open();
});

afterEach(() => place.close());

const at = (...names: string[]): string => path.join(place.source, ...names);

/** One of everything that restic keeps. */
function fillWithEverything(): void {
  mkdirSync(at('folder/empty'), { recursive: true });
  writeFileSync(at('empty'), '');
  writeFileSync(at('small'), 'small');
  writeFileSync(at('zeros'), Buffer.alloc(3 << 20));
  writeFileSync(at('noise'), Buffer.from(Array.from({ length: 1 << 20 }, (_, i) => (i * i * 31 + (i >> 7)) & 0xff)));
  writeFileSync(at('sparse'), 'x');
  truncateSync(at('sparse'), 10 << 20);
  writeFileSync(Buffer.concat([Buffer.from(`${place.source}/bad`), Buffer.from([0xff, 0xfe, 0x0a])]), 'not UTF-8');
  writeFileSync(at('quote"back\\slash<&>'), 'q');
  writeFileSync(at('é\u2028\u{1f600}'), 'u');
  writeFileSync(at('n'.repeat(255)), 'long');
  symlinkSync('nowhere', at('dangling'));
  symlinkSync(Buffer.from([0x61, 0xff]), at('link to bytes'));
  linkSync(at('small'), at('folder/hard link'));
  execFileSync('mkfifo', [at('fifo')]);
  writeFileSync(at('setuid'), '#!');
  chmodSync(at('setuid'), 0o6755);
  mkdirSync(at('sticky'));
  chmodSync(at('sticky'), 0o1777);
  writeFileSync(at('closed'), 'mode 0');
  // Only root reads one that grants nothing.
  chmodSync(at('closed'), isRoot ? 0 : 0o400);
  utimesSync(at('small'), 0, -1.5);
  lutimesSync(at('dangling'), 1, 2.123);
}

describe('a backup', () => {
  it.each([1, 2] as const)('gives the tree that restic gives, in version %d', async (version) => {
    await place.close();
    place = new Place();
    repository = await place.open(version);
    fillWithEverything();
    const summary = await place.backup(repository);
    expect(place.errors).toEqual([]);
    for (const restic of restics) {
      await place.check(restic, '--read-data');
      const again = await place.restic(restic, ['backup', '--force', '--json', 'source'], { cwd: place.root });
      expect(again.code, again.stderr).toBe(0);
      const theirs = JSON.parse(again.stdout.trim().split('\n').at(-1) ?? '') as { data_blobs: number; snapshot_id: string };
      expect(theirs.data_blobs).toBe(0);
      // Debian's 0.14 neither keeps raw link targets nor attributes of links.
      if (restic !== 'restic') expect(await place.tree(restic, theirs.snapshot_id)).toBe(await place.tree(restic, summary.snapshot_id));
    }
  });

  it('skips sockets', async () => {
    writeFileSync(at('file'), 'x');
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(at('socket'), resolve));
    const summary = await place.backup(repository);
    await new Promise((resolve) => server.close(resolve));
    expect(summary).toMatchObject({ files_new: 1, errors: 0 });
    const { stdout } = await place.restic('restic', ['ls', 'latest']);
    expect(stdout).not.toContain('socket');
  });

  it('fills the summary and the snapshot as restic does', async () => {
    mkdirSync(at('a/b'), { recursive: true });
    writeFileSync(at('a/one'), '1'.repeat(1000));
    writeFileSync(at('a/b/two'), '2'.repeat(2000));
    writeFileSync(at('same'), '1'.repeat(1000));
    const first = await place.backup(repository, { tags: ['t1', 't2'], excludes: { patterns: ['*.tmp'] } });
    expect(first).toMatchObject({ files_new: 3, files_changed: 0, files_unmodified: 0, dirs_new: 3, data_blobs: 2, tree_blobs: 4, total_files_processed: 3, total_bytes_processed: 4000, errors: 0 });
    writeFileSync(at('a/one'), 'changed');
    writeFileSync(at('new'), 'new');
    const second = await place.backup(repository);
    expect(second).toMatchObject({ files_new: 1, files_changed: 1, files_unmodified: 2, dirs_new: 0, dirs_changed: 2, dirs_unmodified: 1, data_blobs: 2, total_files_processed: 4 });
    const third = await place.backup(repository);
    expect(third).toMatchObject({ files_unmodified: 4, dirs_unmodified: 3, data_blobs: 0, tree_blobs: 0, data_added: 0, data_added_packed: 0 });
    const { stdout } = await place.restic(newestRestic(), ['snapshots', '--json']);
    const [one, two, three] = JSON.parse(stdout) as Record<string, unknown>[];
    expect(one).toMatchObject({ hostname: 'host', username: 'tester', tags: ['t1', 't2'], excludes: ['*.tmp'], paths: [place.source] });
    // restic shows this member since 0.16.
    if (restics.length > 1) expect(one).toMatchObject({ program_version: 'cyberbackup test' });
    expect(two).toMatchObject({ parent: first.snapshot_id });
    expect(three).toMatchObject({ parent: second.snapshot_id, tree: two?.tree });
    for (const restic of restics) await place.check(restic, '--read-data');
  });

  it('reads an unchanged file never again, and with force always', async () => {
    writeFileSync(at('file'), 'before');
    await place.backup(repository);
    const { repository: watched, engines } = await place.withReference();
    await place.backup(watched);
    expect(engines[0]?.reads).toEqual([]);
    const forced = await place.backup(watched, { force: true });
    expect(engines[1]?.reads).toHaveLength(1);
    expect(forced).toMatchObject({ files_new: 1, data_blobs: 0 });
    writeFileSync(at('file'), 'after!');
    expect(await place.backup(watched)).toMatchObject({ files_changed: 1, data_blobs: 1 });
  });
});
