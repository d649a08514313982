/**
 * A repository with many paths and many snapshots, made from a seed and written as trees: nothing is read from a disk.
 *
 * Vocabulary: *churn* is what happens between two snapshots: files of a few folders get new content, some are made, some
 * are removed, and now and then a folder moves. Only the trees of those folders and of the folders above them are new.
 *
 * Invariant: equal options give equal trees; every file's content is stored, so that the repository checks clean.
 */
import { zstdCompressSync } from 'node:zlib';
import { recordSize } from '../src/core/native/addon.ts';
import { IndexWriter } from '../src/core/repository/index-writer.ts';
import type { Repository } from '../src/core/repository/repository.ts';
import { saveSnapshot } from '../src/core/repository/snapshots.ts';
import { encodeTree, type TreeNode } from '../src/core/repository/tree.ts';

export interface BigHistoryOptions {
  readonly files: number;
  readonly snapshots: number;
  /** Share of the files that get new content between two snapshots; a fifth as many come, a tenth go. Default 0.005. */
  readonly churn?: number;
  readonly seed?: number;
  readonly onSnapshot?: (number: number) => void;
}

const packSize = 16 * 1024 * 1024;
/** The contents are short; packs have as many blobs as those of usual files. */
const mostBlobs = 1000;
const filesPerFolder = 25;
const foldersPerFolder = 12;
const linkEvery = 400;
const smallPiece = 16 * 1024;
const largePiece = 1024 * 1024;
/** 2023-11-14 in nanoseconds. */
const begin = 1_700_000_000_000_000_000n;
const day = 86_400_000_000_000n;
const words = 'report invoice photo letter notes draft final budget scan image backup music track video main index readme config test data module util helper model view archive sample record summary chapter'.split(' ');
const endings = ['.txt', '.pdf', '.jpg', '.docx', '.ts', '.json', '.md', '.png', '.mp3', '.tar.gz'];

/** Choices from a seed (xorshift32). */
function chooser(seed: number): (limit: number) => number {
  let state = seed | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

/** Seals blobs into packs of usual size and lists them in the index. */
class PackWriter {
  readonly #repository: Repository;
  readonly #type: 'data' | 'tree';
  readonly #index: IndexWriter;
  #sealed: Buffer[] = [];
  #records: Buffer[] = [];
  #size = 0;

  constructor(repository: Repository, type: 'data' | 'tree', index: IndexWriter) {
    this.#repository = repository;
    this.#type = type;
    this.#index = index;
  }

  /** The blob's id. What the repository has already is not stored again. */
  async add(blob: Buffer): Promise<Buffer> {
    const { addon, keys, index } = this.#repository;
    const id = addon.sha256(blob);
    if (index.has(this.#type, id)) return id;
    const compressed = blob.length > 256;
    const sealed = keys.seal(compressed ? zstdCompressSync(blob) : blob);
    const record = Buffer.alloc(recordSize);
    record[0] = this.#type === 'tree' ? 1 : 0;
    record.writeUInt32LE(this.#size, 4);
    record.writeUInt32LE(sealed.length, 8);
    record.writeUInt32LE(compressed ? blob.length : 0, 12);
    id.copy(record, 16);
    this.#sealed.push(sealed);
    this.#records.push(record);
    this.#size += sealed.length;
    if (this.#size >= packSize || this.#records.length >= mostBlobs) await this.flush();
    return id;
  }

  async flush(): Promise<void> {
    if (this.#records.length === 0) return;
    const { addon, keys, store } = this.#repository;
    const header = keys.seal(Buffer.concat(this.#records.map(headerEntry)));
    const headerLength = Buffer.alloc(4);
    headerLength.writeUInt32LE(header.length);
    const pack = Buffer.concat([...this.#sealed, header, headerLength]);
    const packId = addon.sha256(pack);
    await store.put({ type: 'data', name: packId.toString('hex') }, pack);
    await this.#index.addPack(packId, Buffer.concat(this.#records));
    this.#sealed = [];
    this.#records = [];
    this.#size = 0;
  }
}

/** One blob in a pack's header: type, sealed length, the plain length where it is compressed, id. */
function headerEntry(record: Buffer): Buffer {
  const compressed = record.readUInt32LE(12) > 0;
  const type = (record[0] ?? 0) + (compressed ? 2 : 0);
  return Buffer.concat([Buffer.of(type), record.subarray(8, 12), compressed ? record.subarray(12, 16) : Buffer.alloc(0), record.subarray(16)]);
}

class Folder {
  readonly files = new Map<string, TreeNode>();
  readonly folders = new Map<string, Folder>();
  readonly above: Folder | undefined;
  mtime = begin;
  /** Undefined while it must be written anew. */
  tree: Buffer | undefined;

  constructor(above: Folder | undefined) {
    this.above = above;
  }

  changed(): void {
    if (this.tree === undefined) return;
    this.tree = undefined;
    this.above?.changed();
  }
}

/** Fills an empty, opened repository whose index is loaded. */
export async function makeBigHistory(repository: Repository, options: BigHistoryOptions): Promise<void> {
  const { files, snapshots, churn = 0.005, seed = 7 } = options;
  const pick = chooser(seed);
  const index = new IndexWriter(repository);
  const data = new PackWriter(repository, 'data', index);
  const trees = new PackWriter(repository, 'tree', index);
  let inode = 1000n;
  let contents = 0;
  const [small, large] = [await data.add(Buffer.alloc(smallPiece, 's')), await data.add(Buffer.alloc(largePiece, 'l'))];
  /** What a file holds besides its own text: of a hundred files forty nothing, forty-five a few small pieces, fourteen a few large ones, one many. */
  const pieces = (): { readonly content: Buffer[]; readonly size: number } => {
    const kind = pick(100);
    const [piece, length, count] = kind < 40 ? [small, smallPiece, 0] : kind < 85 ? [small, smallPiece, 1 + pick(4)] : kind < 99 ? [large, largePiece, 1 + pick(4)] : [large, largePiece, 32];
    return { content: Array.from({ length: count }, () => piece), size: count * length };
  };

  const word = (): string => words[pick(words.length)] ?? '';
  const newFile = async (folder: Folder, at: bigint): Promise<void> => {
    const name = `${word()}-${word()}-${pick(1_000_000)}${endings[pick(endings.length)]}`;
    folder.files.set(name, await fileNode(name, at));
    folder.mtime = at;
    folder.changed();
  };
  const fileNode = async (name: string, at: bigint): Promise<TreeNode> => {
    contents += 1;
    inode += 1n;
    const time = at + BigInt(pick(80_000)) * 1_000_000_007n;
    const node = { ...emptyNode, name: Buffer.from(name), mtime: time, atime: time, ctime: time, inode };
    if (pick(linkEvery) === 0) return { ...node, type: 'symlink', mode: 0x0800_01ff, linkTarget: Buffer.from(`../${word()}-${contents}`) };
    const own = Buffer.from(`content ${contents} of seed ${seed}`);
    const more = pieces();
    return { ...node, size: BigInt(own.length + more.size), content: Buffer.concat([await data.add(own), ...more.content]) };
  };

  const root = new Folder(undefined);
  const all: Folder[] = [];
  const top = addFolder(root, 'home');
  for (let open = [top]; all.length * filesPerFolder < files; ) {
    const next: Folder[] = [];
    for (const folder of open) {
      for (let i = 0; i < foldersPerFolder && all.length * filesPerFolder < files; i += 1) {
        const child = addFolder(folder, `${word()}-${i}`);
        for (let k = 0; k < filesPerFolder; k += 1) await newFile(child, begin - BigInt(pick(1000)) * day);
        all.push(child);
        next.push(child);
      }
    }
    open = next;
  }

  for (let number = 0; number < snapshots; number += 1) {
    const at = begin + BigInt(number) * day;
    if (number > 0) {
      const touched = Math.max(1, Math.round(files * churn));
      // A working day touches a few folders, not files here and there.
      for (let done = 0; done < touched; ) {
        const folder = all[pick(all.length)];
        if (folder === undefined) break;
        for (const name of [...folder.files.keys()].slice(0, 5)) {
          folder.files.set(name, await fileNode(name, at));
          done += 1;
        }
        folder.changed();
        await newFile(folder, at);
        const [oldest] = folder.files.keys();
        if (pick(2) === 0 && oldest !== undefined) folder.files.delete(oldest);
      }
      if (number % 10 === 0) moveFolder(all[pick(all.length)], `moved-${number}`);
    }
    const tree = await writeFolder(root, trees);
    await saveSnapshot(repository, { time: new Date(Number((at + day) / 1_000_000n)).toISOString(), tree: tree.toString('hex'), paths: ['/home'], hostname: 'bench', username: 'bench', program_version: 'bench' });
    options.onSnapshot?.(number);
  }
  await data.flush();
  await trees.flush();
  await index.flush();
}

function addFolder(above: Folder, name: string): Folder {
  const folder = new Folder(above);
  above.folders.set(name, folder);
  above.changed();
  return folder;
}

function moveFolder(folder: Folder | undefined, name: string): void {
  const above = folder?.above;
  if (folder === undefined || above === undefined) return;
  for (const [old, child] of above.folders) if (child === folder) above.folders.delete(old);
  above.folders.set(name, folder);
  above.changed();
}

const emptyNode: TreeNode = {
  name: Buffer.alloc(0),
  type: 'file',
  mode: 0o644,
  mtime: 0n,
  atime: 0n,
  ctime: 0n,
  uid: 1000,
  gid: 1000,
  user: 'bench',
  group: 'bench',
  inode: 0n,
  deviceId: 64_768n,
  size: 0n,
  links: 1n,
  xattrs: [],
  device: 0n,
  content: null,
  subtree: null,
};

async function writeFolder(folder: Folder, trees: PackWriter): Promise<Buffer> {
  if (folder.tree !== undefined) return folder.tree;
  const nodes: TreeNode[] = [...folder.files.values()];
  for (const [name, child] of folder.folders) {
    const { mtime } = child;
    nodes.push({ ...emptyNode, name: Buffer.from(name), type: 'dir', mode: 0x8000_01ed, links: 0n, mtime, atime: mtime, ctime: mtime, inode: 1n, subtree: await writeFolder(child, trees) });
  }
  folder.tree = await trees.add(encodeTree(nodes));
  return folder.tree;
}
