/**
 * The bytes of a file of a snapshot.
 *
 * Invariants: bytes come in order and only verified; a few blobs are read ahead, bounded in number and so in memory; a
 * slow reader slows the fetching down.
 */
import type { Writable } from 'node:stream';
import { once } from 'node:events';
import type { Repository } from '../repository/repository.ts';

const idSize = 32;
const blobsAhead = 6;

/** `content`: n·32 bytes of blob ids. Needs the index. Throws `DAMAGED` where no copy of a blob can be read. */
export async function* fileContent(repository: Repository, content: Buffer, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const count = content.length / idSize;
  const ahead: Promise<Buffer>[] = [];
  let started = 0;
  for (let i = 0; i < count; i += 1) {
    for (; started < Math.min(count, i + blobsAhead); started += 1) {
      const blob = repository.readBlob('data', content.subarray(started * idSize, (started + 1) * idSize), signal);
      // Awaited below unless an earlier one fails first.
      blob.catch(() => undefined);
      ahead.push(blob);
    }
    const bytes = await (ahead.shift() as Promise<Buffer>);
    signal?.throwIfAborted();
    yield bytes;
  }
}

/** Writes and waits until the stream takes more. */
export async function writeTo(output: Writable, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  if (!output.write(bytes)) await once(output, 'drain', signal === undefined ? {} : { signal });
}
