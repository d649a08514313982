/**
 * A repository for tests, written blob by blob, so that it can hold what no archiver would ever write.
 *
 * Invariant: everything is sealed and named correctly unless a test says otherwise, so damage is where the test put it.
 */
import { createHash } from 'node:crypto';
import { recordSize } from '../../native/addon.ts';
import type { Addon, BlobType } from '../../native/addon.ts';
import { loadAddon } from '../../native/load-addon.ts';
import { systemClock } from '../../platform/clock.ts';
import { readRecords } from '../../repository/index-writer.ts';
import { createRepository } from '../../repository/repository.ts';
import type { Repository } from '../../repository/repository.ts';
import { encodeSnapshot } from '../../repository/snapshots.ts';
import type { StoredSnapshot } from '../../repository/snapshots.ts';
import { plainNode } from '../../repository/plain-node.ts';
import { encodeTree } from '../../repository/tree.ts';
import type { NodeType, TreeNode } from '../../repository/tree.ts';
import type { ObjectStore } from '../../storage/object-store.ts';

export const rawPassword = 'raw repository';

interface QueuedBlob {
  readonly type: BlobType;
  readonly id: Buffer;
  readonly sealed: Buffer;
  uncompressedLength: number;
}

export const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** Go's mode bits of the types (specification section 11.3). */
const typeBits: Readonly<Record<NodeType, number>> = { file: 0, dir: 2 ** 31, symlink: 2 ** 27, dev: 2 ** 26, chardev: 2 ** 26 + 2 ** 21, fifo: 2 ** 25, socket: 2 ** 24 };

export class RawRepository {
  readonly repository: Repository;
  readonly addon: Addon;
  readonly store: ObjectStore;
  #queue: QueuedBlob[] = [];
  #packs: string[] = [];

  /** Adds to a repository that exists. */
  constructor(repository: Repository) {
    this.repository = repository;
    this.addon = repository.addon;
    this.store = repository.store;
  }

  static async create(store: ObjectStore, version: 1 | 2 = 2): Promise<RawRepository> {
    const addon = loadAddon();
    const repository = await createRepository({ store, addon, clock: systemClock }, { password: Buffer.from(rawPassword), version, kdf: { N: 2, r: 1, p: 1 } });
    return new RawRepository(repository);
  }

  /** Adds a blob to the pack being made; `compress` defaults to what the version allows. */
  blob(type: BlobType, plain: Uint8Array, compress = this.repository.config.version === 2): Buffer {
    const id = sha256(plain);
    const payload = compress ? this.addon.compress(plain, 3) : plain;
    this.#queue.push({ type, id, sealed: this.repository.keys.seal(payload), uncompressedLength: compress ? plain.length : 0 });
    return id;
  }

  /** Adds sealed bytes as they are, under any id and length. */
  sealedBlob(type: BlobType, id: Buffer, sealed: Buffer, uncompressedLength: number): void {
    this.#queue.push({ type, id, sealed, uncompressedLength });
  }

  /** Stores the pack of everything queued; `lie` may change the records that go into the index. Returns its name. */
  async pack(lie: (records: Buffer) => Buffer = (records) => records): Promise<string> {
    const blobs = this.#queue;
    this.#queue = [];
    const header = Buffer.concat(
      blobs.map(({ type, id, sealed, uncompressedLength }) => {
        const entry = Buffer.alloc(uncompressedLength === 0 ? 5 : 9);
        entry[0] = (type === 'tree' ? 1 : 0) + (uncompressedLength === 0 ? 0 : 2);
        entry.writeUInt32LE(sealed.length, 1);
        if (uncompressedLength !== 0) entry.writeUInt32LE(uncompressedLength, 5);
        return Buffer.concat([entry, id]);
      }),
    );
    const sealedHeader = this.repository.keys.seal(header);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(sealedHeader.length);
    const pack = Buffer.concat([...blobs.map(({ sealed }) => sealed), sealedHeader, length]);
    const id = sha256(pack);
    await this.store.put({ type: 'data', name: id.toString('hex') }, pack);
    this.#packs.push(packText(id, lie(recordsOf(blobs))));
    return id.toString('hex');
  }

  /** Stores an index of all packs since the last one. Returns its name. */
  async index(): Promise<string> {
    const packs = this.#packs;
    this.#packs = [];
    return this.repository.writeUnpacked('index', indexText(packs));
  }

  /** The content of a file as blobs of the current pack. */
  file(name: string | Buffer, pieces: readonly (string | Uint8Array)[], overrides: Partial<TreeNode> = {}): TreeNode {
    const contents = pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece));
    const content = Buffer.concat(contents.map((bytes) => this.blob('data', bytes)));
    return node(name, 'file', { content, size: BigInt(contents.reduce((sum, { length }) => sum + length, 0)), links: 1n, ...overrides });
  }

  dir(name: string | Buffer, nodes: readonly TreeNode[], overrides: Partial<TreeNode> = {}): TreeNode {
    return node(name, 'dir', { subtree: this.tree(nodes), ...overrides });
  }

  tree(nodes: readonly TreeNode[]): Buffer {
    return this.blob('tree', encodeTree(nodes));
  }

  /** A tree from its JSON text, whatever it says. */
  treeText(json: string): Buffer {
    return this.blob('tree', Buffer.from(json));
  }

  async snapshot(tree: Buffer): Promise<StoredSnapshot> {
    const snapshot = { time: '2024-01-02T03:04:05Z', tree: tree.toString('hex'), paths: ['/raw'], hostname: 'raw' };
    return { id: await this.repository.writeUnpacked('snapshot', encodeSnapshot(snapshot)), snapshot };
  }

  /** Pack, index and snapshot of these nodes in one. */
  async save(nodes: readonly TreeNode[]): Promise<StoredSnapshot> {
    const tree = this.tree(nodes);
    await this.pack();
    await this.index();
    return this.snapshot(tree);
  }
}

/** The JSON of a node, which may have any name and type; `members` follow them. */
export function nodeText(name: string, type: string, members = '"content":null'): string {
  const time = '"2024-01-02T03:04:05Z"';
  return `{"name":${JSON.stringify(name)},"type":"${type}","mtime":${time},"atime":${time},"ctime":${time},"uid":0,"gid":0,${members}}`;
}

function recordsOf(blobs: readonly QueuedBlob[]): Buffer {
  let offset = 0;
  return Buffer.concat(
    blobs.map(({ type, id, sealed, uncompressedLength }) => {
      const record = Buffer.alloc(recordSize);
      record[0] = type === 'tree' ? 1 : 0;
      record.writeUInt32LE(offset, 4);
      record.writeUInt32LE(sealed.length, 8);
      record.writeUInt32LE(uncompressedLength, 12);
      record.set(id, 16);
      offset += sealed.length;
      return record;
    }),
  );
}

export function node(name: string | Buffer, type: NodeType, overrides: Partial<TreeNode> = {}): TreeNode {
  const permissions = type === 'dir' ? 0o755 : type === 'symlink' ? 0o777 : 0o644;
  const time = 1_700_000_000_123_456_789n;
  return plainNode(name, { type, mode: typeBits[type] + permissions, mtime: time, atime: time, ctime: time, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, ...overrides });
}

/** The member of an index's `packs` for one pack. */
function packText(packId: Buffer, records: Buffer): string {
  const blobs: string[] = [];
  for (const { type, offset, length, uncompressedLength, id } of readRecords(records)) {
    const uncompressed = uncompressedLength === 0 ? '' : `,"uncompressed_length":${uncompressedLength}`;
    blobs.push(`{"id":"${id.toString('hex')}","type":"${type}","offset":${offset},"length":${length}${uncompressed}}`);
  }
  return `{"id":"${packId.toString('hex')}","blobs":[${blobs.join(',')}]}`;
}

/** The JSON text of an index file. */
function indexText(packs: readonly string[]): Buffer {
  return Buffer.from(`{"packs":[${packs.join(',')}]}\n`, 'latin1');
}
