/**
 * One file of a snapshot to a stream.
 *
 * Invariants: bytes leave in order and only verified; a few blobs are read ahead, bounded in number and so in memory; a
 * slow reader slows the fetching down.
 */
import type { Writable } from 'node:stream';
import { once } from 'node:events';
import { Failure } from '../../shared/errors.ts';
import type { Repository } from '../repository/repository.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { idSize } from './entry-table.ts';
import { findPath } from './find-path.ts';
import { TreeReader } from '../repository/tree-reader.ts';

const blobsAhead = 6;

/**
 * Writes the file at `path` to `output` and resolves with its size in bytes; the output is not ended. Needs the index.
 * Throws `PATH_NOT_FOUND` (also for a folder and for what has no content) and `DAMAGED`.
 */
export async function dump(repository: Repository, snapshot: StoredSnapshot, path: Buffer, output: Writable, signal?: AbortSignal): Promise<number> {
  const content = await contentOf(repository, snapshot, path, signal);
  const ids = Array.from({ length: content.length / idSize }, (_, i) => content.subarray(i * idSize, (i + 1) * idSize));
  const ahead: Promise<Buffer>[] = [];
  let started = 0;
  let written = 0;
  for (let i = 0; i < ids.length; i += 1) {
    for (; started < Math.min(ids.length, i + blobsAhead); started += 1) {
      const blob = repository.readBlob('data', ids[started] as Buffer, signal);
      // Awaited below unless an earlier one fails first.
      blob.catch(() => undefined);
      ahead.push(blob);
    }
    const bytes = await (ahead.shift() as Promise<Buffer>);
    signal?.throwIfAborted();
    if (!output.write(bytes)) await once(output, 'drain', signal === undefined ? {} : { signal });
    written += bytes.length;
  }
  return written;
}

async function contentOf(repository: Repository, snapshot: StoredSnapshot, path: Buffer, signal: AbortSignal | undefined): Promise<Buffer> {
  const trees = new TreeReader(repository, signal);
  const found = await findPath(Buffer.from(snapshot.snapshot.tree, 'hex'), path, (id) => trees.read(id));
  if (found.kind === 'node' && found.node.type === 'file') {
    if (found.node.content !== null) return found.node.content;
    throw new Failure('DAMAGED', { what: `The snapshot lists no content for "${path.toString('utf8')}"`, next: 'Try an older snapshot' });
  }
  const isFolder = found.kind === 'root' || found.node.type === 'dir';
  throw new Failure('PATH_NOT_FOUND', {
    what: `"${path.toString('utf8')}" is ${isFolder ? 'a folder' : 'no regular file'}, and only a file can be written out`,
    next: isFolder ? 'Name a file in it, or use "restore SNAPSHOT:PATH --target DIR"' : 'Use "restore --include" to get it back',
  });
}
