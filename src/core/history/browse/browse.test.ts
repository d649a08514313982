import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRefused } from '../../repository/tree-outline.ts';
import { node, type RawRepository } from '../../restorer/testing/raw-repository.ts';
import { RestoreBench } from '../../restorer/testing/restore-bench.ts';
import { FolderBrowser, nameOfEntry, type PageQuestion } from './folder-browser.ts';
import { typeOfBytes } from './file-signatures.ts';
import { kindOfName } from './file-kinds.ts';
import { preview } from './preview.ts';

let bench: RestoreBench;
let raw: RawRepository;

beforeEach(async () => {
  bench = new RestoreBench();
  ({ raw } = await bench.memoryRepository());
});
afterEach(() => bench.cleanUp());

describe('a folder, page by page', () => {
  const byName: PageQuestion = { order: 'name', descending: false, foldersFirst: true, limit: 2 };

  async function all(tree: Buffer, question: PageQuestion): Promise<string[]> {
    const browser = new FolderBrowser(raw.repository);
    const names: string[] = [];
    for (let cursor: string | undefined = undefined; ; ) {
      const page: Awaited<ReturnType<FolderBrowser['page']>> = await browser.page(tree, cursor === undefined ? question : { ...question, cursor });
      expect(page.entries.length).toBeLessThanOrEqual(question.limit);
      names.push(...page.entries.map((entry) => nameOfEntry(entry).toString('latin1')));
      ({ cursor } = page);
      if (cursor === undefined) return names;
    }
  }

  it('comes in the order asked for, whole and once', async () => {
    const odd = Buffer.from([0xff, 0x0a, 0x22]).toString('latin1');
    const nodes = [raw.file('b', ['123'], { mtime: 3n }), raw.file('a', ['1'], { mtime: 5n }), raw.dir('z', []), raw.dir('c', []), node(Buffer.from(odd, 'latin1'), 'file', { content: Buffer.alloc(0), mtime: 4n })];
    const tree = raw.tree(nodes);
    await raw.save([node('top', 'dir', { subtree: tree })]);
    await raw.repository.loadIndex();
    expect(await all(tree, byName)).toEqual(['c', 'z', 'a', 'b', odd]);
    expect(await all(tree, { ...byName, foldersFirst: false })).toEqual(['a', 'b', 'c', 'z', odd]);
    expect(await all(tree, { ...byName, foldersFirst: false, descending: true })).toEqual([odd, 'z', 'c', 'b', 'a']);
    expect((await all(tree, { ...byName, order: 'size', descending: true })).slice(2)).toEqual(['b', 'a', odd]);
    expect((await all(tree, { ...byName, order: 'time' })).slice(-3)).toEqual(['b', odd, 'a']);
  });

  it('is ordered by numbers of any size, and by names however they are written', async () => {
    const odd = Buffer.from('a\xfe', 'latin1').toString('latin1');
    const names = ['"', odd, 'a', 'ab', 'a b', 'Z', '~', 'a\\'];
    const times = [-5n, 1n << 61n, 0n, -(1n << 61n), 7n, 7n, 1n << 33n, -1n];
    const sizes = [0n, 1n << 52n, 70_000n, 1n, 70_000n, (1n << 33n) + 1n, 1n << 33n, 2n];
    const nodes = names.map((name, i) => node(Buffer.from(name, 'latin1'), 'file', { content: Buffer.alloc(0), mtime: times[i] ?? 0n, size: sizes[i] ?? 0n }));
    const tree = raw.tree(nodes);
    await raw.save([node('top', 'dir', { subtree: tree })]);
    await raw.repository.loadIndex();
    const sorted = [...names].sort();
    const by = (numbers: readonly bigint[], sign: number): string[] => sorted.toSorted((a, b) => sign * Number((numbers[names.indexOf(a)] ?? 0n) - (numbers[names.indexOf(b)] ?? 0n)));
    for (const descending of [false, true]) {
      expect(await all(tree, { ...byName, descending })).toEqual(descending ? sorted.toReversed() : sorted);
      expect(await all(tree, { ...byName, order: 'time', descending })).toEqual(by(times, descending ? -1 : 1));
      expect(await all(tree, { ...byName, order: 'size', descending })).toEqual(by(sizes, descending ? -1 : 1));
    }
  });

  it('is sorted where the tree is not', async () => {
    const time = '"mtime":"2024-01-02T03:04:05Z","atime":"2024-01-02T03:04:05Z","ctime":"2024-01-02T03:04:05Z","uid":0,"gid":0';
    const entry = (name: string): string => `{"name":"${name}","type":"file",${time},"content":[]}`;
    const tree = raw.treeText(`{"nodes":[${['b', 'a', 'c', 'b'].map(entry).join(',')}]}\n`);
    await raw.save([node('top', 'dir', { subtree: tree })]);
    await raw.repository.loadIndex();
    expect(await all(tree, byName)).toEqual(['a', 'b', 'b', 'c']);
    expect(await all(tree, { ...byName, descending: true })).toEqual(['c', 'b', 'b', 'a']);
  });

  it('refuses a cursor of another order', async () => {
    const tree = raw.tree([raw.file('a', []), raw.file('b', [])]);
    await raw.save([node('top', 'dir', { subtree: tree })]);
    await raw.repository.loadIndex();
    const browser = new FolderBrowser(raw.repository);
    const { cursor = '' } = await browser.page(tree, { ...byName, limit: 1 });
    await expect(browser.page(tree, { ...byName, order: 'size', cursor })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('shows an entry that is refused by the text of its name', async () => {
    const time = '"mtime":"2024-01-02T03:04:05Z","atime":"2024-01-02T03:04:05Z","ctime":"2024-01-02T03:04:05Z","uid":0,"gid":0';
    const tree = raw.treeText(`{"nodes":[{"name":"..","type":"dir",${time},"content":null},{"name":"odd","type":"door",${time},"content":null}]}\n`);
    await raw.save([node('top', 'dir', { subtree: tree })]);
    await raw.repository.loadIndex();
    const { entries, total } = await new FolderBrowser(raw.repository).page(tree, byName);
    expect([total, entries.map((entry) => [nameOfEntry(entry).toString(), isRefused(entry)])]).toEqual([2, [['..', true], ['odd', true]]]);
  });
});

describe('a preview', () => {
  it('reads only the blobs that hold what is asked for', async () => {
    const gone = Buffer.alloc(32, 5);
    const whole = raw.file('note', ['first ', 'second ']);
    const content = Buffer.concat([whole.content ?? Buffer.alloc(0), gone]);
    await raw.save([whole]);
    await raw.repository.loadIndex();
    const file = node('note', 'file', { content, size: 100n });
    expect(await preview(raw.repository, file, { length: 8 })).toMatchObject({ bytes: Buffer.from('first se'), size: 100, mimeType: 'text/plain', kind: 'text', encoding: 'utf-8' });
    expect((await preview(raw.repository, file, { offset: 6, length: 6 })).bytes.toString()).toBe('second');
    await expect(preview(raw.repository, file, { length: 50 })).rejects.toMatchObject({ code: 'DAMAGED' });
    await expect(preview(raw.repository, raw.dir('d', []), { length: 1 })).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
  });

  it.each([
    ['utf-8', Buffer.from('grüße'), 'utf-8'],
    ['a cut character', Buffer.from('grüße').subarray(0, 3), 'utf-8'],
    ['latin1', Buffer.from('grüße', 'latin1'), 'latin1'],
    ['utf-16', Buffer.from('\ufeffhi', 'utf16le'), 'utf-16le'],
    ['binary', Buffer.from([1, 0, 2, 3]), undefined],
  ])('knows %s', async (_, bytes, encoding) => {
    const file = raw.file('x', []);
    const content = raw.blob('data', bytes, false);
    await raw.save([file]);
    await raw.repository.loadIndex();
    expect((await preview(raw.repository, node('x', 'file', { content, size: BigInt(bytes.length + 1) }), { length: 100 })).encoding).toBe(encoding);
  });

  it('knows formats by their first bytes, and kinds by names', () => {
    expect(typeOfBytes(Buffer.from('89504e470d0a1a0a0000', 'hex'))).toEqual({ mimeType: 'image/png', kind: 'image' });
    expect(typeOfBytes(Buffer.from('RIFF0000WAVEfmt '))).toMatchObject({ mimeType: 'audio/wav' });
    expect(typeOfBytes(Buffer.from('%PDF-1.7'))).toMatchObject({ kind: 'document' });
    expect(typeOfBytes(Buffer.from('plain'))).toBeUndefined();
    expect(['A.JPG', 'x.tar.gz', '.bashrc', 'noext', 'main.rs'].map((name) => kindOfName(Buffer.from(name)))).toEqual(['image', 'archive', 'other', 'other', 'code']);
  });
});
