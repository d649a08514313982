/**
 * A file of a snapshot, or a folder as an archive, to a stream.
 *
 * Invariants: memory does not grow with what is written. What cannot be read is named, and the rest is served: a folder or
 * file that cannot even be begun is left out; of a file that breaks off, an archive gets what there was, and in a tar
 * zeros for the rest, since its length was announced.
 */
import type { Writable } from 'node:stream';
import { Failure } from '../../../shared/errors.ts';
import { damaged } from '../../repository/damage.ts';
import type { Repository } from '../../repository/repository.ts';
import type { StoredSnapshot } from '../../repository/snapshots.ts';
import type { TreeNode } from '../../repository/tree.ts';
import { TreeReader } from '../../repository/tree-reader.ts';
import { findPath } from '../../restorer/find-path.ts';
import { fileContent, writeTo } from '../file-content.ts';
import { walkNodes } from '../node-walk.ts';
import { archivedTypes, type ArchiveWriter } from './archive-entry.ts';
import { TarWriter } from './tar-writer.ts';
import { ZipWriter } from './zip-writer.ts';

export const archiveFormats = ['tar', 'zip'] as const;
export type ArchiveFormat = (typeof archiveFormats)[number];

export interface DumpOptions {
  /** Of a folder. */
  readonly archive: ArchiveFormat;
  /** Names in the archive are below this tree; the snapshot's own without it. */
  readonly root?: Buffer;
  /** Called for each entry that the archive lacks, or has in part only. */
  readonly onUnreadable?: (failure: Failure) => void;
  readonly signal?: AbortSignal;
}

/**
 * Writes what stands at `path` to `output`, which is not ended. Needs the index. Throws `PATH_NOT_FOUND` (also for what has
 * no content) and, for a file, `DAMAGED`.
 */
export async function dump(repository: Repository, snapshot: StoredSnapshot, path: Buffer, output: Writable, options: DumpOptions): Promise<void> {
  const { signal } = options;
  const trees = new TreeReader(repository, signal);
  const found = await findPath(options.root ?? Buffer.from(snapshot.snapshot.tree, 'hex'), path, (id) => trees.read(id));
  if (found.kind === 'root') return await dumpFolder(repository, found.tree, Buffer.alloc(0), output, options);
  const { node } = found;
  if (node.type === 'dir' && node.subtree !== null) return await dumpFolder(repository, node.subtree, found.path, output, options);
  if (node.type !== 'file') {
    throw new Failure('PATH_NOT_FOUND', { what: `"${path.toString('utf8')}" is no regular file but a ${node.type}, and has no content`, next: 'Use "restore --include" to get it back' });
  }
  if (node.content === null) throw damaged(`The snapshot lists no content for "${path.toString('utf8')}"`, { next: 'Try an older snapshot' });
  for await (const bytes of fileContent(repository, node.content, signal)) await writeTo(output, bytes, signal);
}

async function dumpFolder(repository: Repository, tree: Buffer, path: Buffer, output: Writable, options: DumpOptions): Promise<void> {
  const { signal, onUnreadable = () => undefined } = options;
  const archive = new FolderArchive(repository, output, options);
  for await (const found of walkNodes(repository, tree, { path, ...(signal === undefined ? {} : { signal }) })) {
    if (found.kind === 'refused') onUnreadable(found.failure);
    if (found.kind !== 'node') continue;
    if (archivedTypes.has(found.node.type)) await archive.add(found.path, found.node);
    if (found.failure !== undefined) onUnreadable(named(found.path, found.failure, 'What it holds is not in the archive'));
  }
  await archive.finish();
}

class FolderArchive {
  readonly #repository: Repository;
  readonly #output: Writable;
  readonly #options: DumpOptions;
  readonly #writer: ArchiveWriter;
  /** The same, where the format announces lengths. */
  readonly #tar: TarWriter | undefined;

  constructor(repository: Repository, output: Writable, options: DumpOptions) {
    this.#repository = repository;
    this.#output = output;
    this.#options = options;
    this.#tar = options.archive === 'tar' ? new TarWriter() : undefined;
    this.#writer = this.#tar ?? new ZipWriter();
  }

  async add(path: Buffer, node: TreeNode): Promise<void> {
    const name = path.subarray(1);
    if (node.type !== 'file') {
      await this.#put(await this.#writer.begin({ name, node, size: 0 }));
      await this.#put(await this.#writer.end());
      return;
    }
    const size = node.content === null ? -1 : this.#repository.index.contentLength('data', node.content);
    if (node.content === null || size < 0) {
      this.#unreadable(path, damaged('Pieces of it are in no index'), 'It is not in the archive');
      return;
    }
    await this.#addFile(path, node, node.content, size);
  }

  async #addFile(path: Buffer, node: TreeNode, content: Buffer, size: number): Promise<void> {
    const { signal } = this.#options;
    let begun = false;
    try {
      // The first bytes are there before the entry is begun: most damaged files can be left out as a whole.
      for await (const bytes of fileContent(this.#repository, content, signal)) {
        if (!begun) await this.#put(await this.#writer.begin({ name: path.subarray(1), node, size }));
        begun = true;
        await this.#put(await this.#writer.write(bytes));
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
      this.#unreadable(path, error, begun ? 'The archive has its begin only' : 'It is not in the archive');
      if (!begun) return;
    }
    if (!begun) await this.#put(await this.#writer.begin({ name: path.subarray(1), node, size }));
    await this.#fill();
    await this.#put(await this.#writer.end());
  }

  async #fill(): Promise<void> {
    while (this.#tar !== undefined && this.#tar.missing > 0) await this.#put(await this.#tar.write(Buffer.alloc(Math.min(this.#tar.missing, 65_536))));
  }

  async finish(): Promise<void> {
    await this.#put(await this.#writer.finish());
  }

  #unreadable(path: Buffer, failure: Failure, consequence: string): void {
    this.#options.onUnreadable?.(named(path, failure, consequence));
  }

  async #put(bytes: Buffer): Promise<void> {
    if (bytes.length > 0) await writeTo(this.#output, bytes, this.#options.signal);
  }
}

function named(path: Buffer, failure: Failure, consequence: string): Failure {
  return new Failure('DAMAGED', { what: `"${path.toString('utf8')}" cannot be read: ${failure.text.what}`, safe: consequence, next: 'Run "check" to see what else is affected' }, { cause: failure });
}
