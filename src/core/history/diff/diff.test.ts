import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoredSnapshot } from '../../repository/snapshots.ts';
import { node, type RawRepository } from '../../restorer/testing/raw-repository.ts';
import { RestoreBench } from '../../restorer/testing/restore-bench.ts';
import { isFolderNow, markOf } from './change.ts';
import { diff, type DiffOptions } from './diff.ts';

let bench: RestoreBench;
let raw: RawRepository;

beforeEach(async () => {
  bench = new RestoreBench();
  ({ raw } = await bench.memoryRepository());
});
afterEach(() => bench.cleanUp());

async function lines(before: StoredSnapshot, after: StoredSnapshot, options: DiffOptions = {}): Promise<string[]> {
  await raw.repository.loadIndex();
  const found: string[] = [];
  for await (const item of diff(raw.repository, { snapshot: before }, { snapshot: after }, options)) {
    if (item.kind === 'change') found.push(`${markOf(item, true)} ${item.path.toString()}${isFolderNow(item) ? '/' : ''}`);
    else if (item.kind === 'rename') found.push(`R ${item.from.toString()} ${item.to.toString()}`);
    else if (item.kind === 'unreadable') found.push(`! ${item.path.toString()} ${item.failure.code}`);
    else found.push(JSON.stringify(item.statistics));
  }
  return found;
}

describe('the difference of two snapshots', () => {
  it('names what was added, removed and changed, with its marks', async () => {
    const before = await raw.save([raw.dir('d', [raw.file('same', ['1']), raw.file('content', ['old']), raw.file('mode', ['m'])]), raw.file('gone', ['g']), raw.file('type', ['t'])]);
    const after = await raw.save([raw.dir('d', [raw.file('same', ['1']), raw.file('content', ['new']), raw.file('mode', ['m'], { mode: 0o600 })]), raw.dir('new', [raw.file('in', ['i'])]), raw.dir('type', [])]);
    expect((await lines(before, after)).slice(0, -1)).toEqual(['U /d/', 'M? /d/content', 'U /d/mode', '- /gone', '+ /new/', '+ /new/in', 'TU /type/']);
    expect(await lines(before, before)).toEqual([JSON.stringify({ changedFiles: 0, added: { files: 0, dirs: 0, others: 0, data_blobs: 0, tree_blobs: 0, bytes: 0 }, removed: { files: 0, dirs: 0, others: 0, data_blobs: 0, tree_blobs: 0, bytes: 0 }, unknownBlobs: [] })]);
  });

  it('counts no blob as new that an unchanged folder has', async () => {
    const kept = raw.dir('kept', [raw.file('a', ['known'])]);
    // The root, and one blob; "c" is the only content that is new.
    const all = await lines(await raw.save([kept]), await raw.save([kept, raw.file('b', ['known']), raw.file('c', ['really new'])]));
    expect(JSON.parse(all.at(-1) ?? '')).toMatchObject({ added: { files: 2, data_blobs: 1, tree_blobs: 1 }, removed: { data_blobs: 0, tree_blobs: 1 } });
  });

  it('finds files that only moved', async () => {
    const before = await raw.save([raw.dir('a', [raw.file('x', ['content', 'of x']), raw.file('y', ['twice']), raw.file('z', ['twice'])]), raw.file('empty', [])]);
    const after = await raw.save([raw.dir('b', [raw.file('new', ['content', 'of x']), raw.file('z', ['twice'])]), raw.file('void', [])]);
    expect((await lines(before, after, { renames: true })).filter((line) => line.startsWith('R'))).toEqual(['R /a/x /b/new', 'R /a/z /b/z']);
  });

  it('gives no sums where an unchanged folder is lost, and says so', async () => {
    const lost = node('lost', 'dir', { subtree: Buffer.alloc(32, 9) });
    const found = await lines(await raw.save([lost, raw.file('e', ['1'])]), await raw.save([lost, raw.file('e', ['2'])]));
    expect(found.slice(0, -1)).toEqual(['M? /e', '! / DAMAGED']);
    expect(JSON.parse(found.at(-1) ?? '')).toMatchObject({ added: { data_blobs: 0, bytes: 0 }, removed: { data_blobs: 0, bytes: 0 } });
  });

  it('names a folder that cannot be read, and goes on', async () => {
    const gone = Buffer.alloc(32, 9);
    const before = await raw.save([raw.dir('d', [raw.file('a', ['1'])]), raw.file('e', ['1'])]);
    const after = await raw.save([node('d', 'dir', { subtree: gone }), raw.file('e', ['2'])]);
    const found = await lines(before, after);
    expect(found.slice(0, -1)).toEqual(['U /d/', '! /d DAMAGED', 'M? /e']);
  });
});
