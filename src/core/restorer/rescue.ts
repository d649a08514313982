/**
 * The second try for files of which one copy of a blob is damaged and another may not be.
 *
 * Every blob is read through the repository, which tries all copies, and is handed to the addon sealed anew, so that
 * there is one way to write and verify. Slow, but only ever needed in damaged repositories; one blob is in memory.
 */
import { idSize, states } from './entry-table.ts';
import type { FileWriterPorts } from './file-writer.ts';
import { messageOf } from './problems.ts';
import { isFull, targetFull } from './target-failures.ts';
import { writeSize } from '../native/addon.ts';

/** Writes each of these files from scratch or names it. Tokens continue after the entry numbers. */
export async function rescueFiles(files: Iterable<number>, ports: FileWriterPorts): Promise<void> {
  let attempt = 0;
  for (const entry of files) {
    ports.signal.throwIfAborted();
    attempt += 1;
    const message = await rescueFile(entry, ports.table.count + attempt, ports);
    if (message === undefined) {
      ports.table.setState(entry, states.done);
      ports.counts.filesRestored += 1;
    } else {
      ports.problems.add(ports.table.path(entry), 'read', message);
    }
    ports.counts.tell();
  }
}

/** Resolves with what went wrong, undefined if nothing. */
async function rescueFile(entry: number, token: number, ports: FileWriterPorts): Promise<string | undefined> {
  const { table, repository, root, owner, counts } = ports;
  const content = Buffer.from(table.content(entry));
  // A file is begun only if it can be finished.
  for (let at = 0; at < content.length; at += idSize) {
    const failed = await readOrReason(content.subarray(at, at + idSize), ports);
    if (typeof failed === 'string') return failed;
  }
  const path = table.path(entry);
  await root.addFiles([{ token, path, size: table.size(entry), writes: content.length / idSize, metadata: table.metadata(entry, owner(entry)) }]);
  let offset = 0;
  for (let at = 0; at < content.length; at += idSize) {
    const id = content.subarray(at, at + idSize);
    const plain = await readOrReason(id, ports);
    if (typeof plain === 'string') return plain;
    const sealed = repository.keys.seal(plain);
    const result = await root.writeRange(repository.keys, sealed, writeRecord(token, id, sealed.length, offset));
    const failure = result.failures[0];
    if (failure !== undefined && isFull(failure.code)) throw targetFull(path);
    if (failure !== undefined) return failure.message;
    counts.bytesRestored += result.bytesWritten;
    offset += plain.length;
  }
  return undefined;
}

async function readOrReason(id: Buffer, { repository, signal }: FileWriterPorts): Promise<Buffer | string> {
  try {
    return await repository.readBlob('data', id, signal);
  } catch (error) {
    signal.throwIfAborted();
    return `part of its content is damaged: ${messageOf(error)}`;
  }
}

function writeRecord(token: number, id: Buffer, length: number, fileOffset: number): Buffer {
  const write = Buffer.alloc(writeSize);
  write.writeUInt32LE(length, 8);
  write.set(id, 16);
  write.writeUInt32LE(token, 48);
  write.writeBigUInt64LE(BigInt(fileOffset), 56);
  return write;
}
