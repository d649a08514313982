/**
 * What the tests of the files library share: a folder for each test, sealed blobs, and a second identity.
 */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { folderOnDisk } from '../../../../test/support/temporary-folder.ts';

import type { Addon, DirectoryEntry, KeySet, RestoreMetadata, RestoreRoot } from '../addon.ts';
import { recordSize, writeSize } from '../addon.ts';

export interface TestFolder {
  readonly path: string;
  readonly at: (...names: string[]) => string;
  /** Deletes it with whatever is in it. */
  readonly remove: () => void;
}

export function testFolder(): TestFolder {
  const folder = folderOnDisk('files');
  return { path: folder, at: (...names) => path.join(folder, ...names), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export function entryNamed(entries: readonly DirectoryEntry[], name: string | Buffer): DirectoryEntry {
  const wanted = Buffer.from(name as string);
  const found = entries.find((entry) => entry.name.equals(wanted));
  if (found === undefined) throw new Error(`no entry ${wanted.toString('latin1')}`);
  return found;
}

export function metadataOf(changes: Partial<RestoreMetadata> = {}): RestoreMetadata {
  return { mode: 0o644, mtimeNs: 1_600_000_000_123_456_789n, atimeNs: 1_500_000_000_987_654_321n, ...changes };
}

/** The code of the error that a promise rejects with; 'none' where it does not. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** Blobs sealed one after the other as in a pack, and the writes that bring them into files. */
export class SealedRange {
  readonly #keys: KeySet;
  readonly #sealed: Buffer[] = [];
  readonly #writes: Buffer[] = [];
  #length = 0;

  constructor(keys: KeySet) {
    this.#keys = keys;
  }

  /** Adds a blob and one write of it. */
  add(plain: Uint8Array, token: number, fileOffset = 0): void {
    const sealed = this.#keys.seal(plain);
    const write = Buffer.alloc(writeSize);
    write.writeUInt32LE(this.#length, 4);
    write.writeUInt32LE(sealed.length, 8);
    createHash('sha256').update(plain).digest().copy(write, 16);
    write.writeUInt32LE(token, recordSize);
    write.writeBigUInt64LE(BigInt(fileOffset), recordSize + 8);
    this.#sealed.push(sealed);
    this.#writes.push(write);
    this.#length += sealed.length;
  }

  get range(): Buffer {
    return Buffer.concat(this.#sealed);
  }

  get writes(): Buffer {
    return Buffer.concat(this.#writes);
  }
}

let lastToken = 1_000_000;

/** Restores one file with one blob; throws the failure there was. */
export async function restoreFile(addon: Addon, root: RestoreRoot, name: string | Buffer, content: Buffer, metadata = metadataOf()): Promise<void> {
  lastToken += 1;
  const token = lastToken;
  const keys = addon.generateKeySet();
  const range = new SealedRange(keys);
  range.add(content, token);
  const added = await root.addFiles([{ token, path: Buffer.from(name as string), size: content.length, writes: 1, metadata }]);
  const written = added.failures.length > 0 ? added : await root.writeRange(keys, range.range, range.writes);
  const failure = written.failures[0];
  if (failure !== undefined) throw Object.assign(new Error(failure.message), { code: failure.code, during: failure.during });
}
