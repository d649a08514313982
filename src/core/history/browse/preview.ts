/**
 * The first bytes of a file, and what they are.
 *
 * Invariant: no blob is read but those that hold the bytes asked for.
 */
import { isUtf8 } from 'node:buffer';
import { Failure } from '../../../shared/errors.ts';
import { damaged } from '../../repository/damage.ts';
import type { Repository } from '../../repository/repository.ts';
import type { TreeNode } from '../../repository/tree.ts';
import { typeOfBytes } from './file-signatures.ts';
import { kindOfName, type FileKind } from './file-kinds.ts';

export interface Preview {
  /** Up to what was asked for; fewer at the end of the file. */
  readonly bytes: Buffer;
  /** Of the whole file. */
  readonly size: number;
  /** By what the bytes begin with; undefined where that says nothing. */
  readonly mimeType: string | undefined;
  /** By the bytes, else by the name. */
  readonly kind: FileKind;
  /** Undefined for what is no text. */
  readonly encoding: TextEncoding | undefined;
}

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1';

const mostBytes = 16 * 2 ** 20;

/** `length`: bytes from `offset` on, at most 16 MiB. Needs the index. Failures: PATH_NOT_FOUND for what is no file, DAMAGED. */
export async function preview(repository: Repository, node: TreeNode, range: { readonly offset?: number; readonly length: number }, signal?: AbortSignal): Promise<Preview> {
  if (node.type !== 'file' || node.content === null) throw new Failure('PATH_NOT_FOUND', { what: 'Only a regular file has content to show' });
  const { offset = 0 } = range;
  const bytes = await rangeOf(repository, node.content, offset, Math.min(range.length, mostBytes), signal);
  const found = offset === 0 ? typeOfBytes(bytes) : undefined;
  const encoding = found === undefined ? encodingOf(bytes, offset + bytes.length < Number(node.size)) : undefined;
  const byName = kindOfName(node.name);
  const kind = found?.kind ?? (byName === 'other' && encoding !== undefined && bytes.length > 0 ? 'text' : byName);
  return { bytes, size: Number(node.size), mimeType: found?.mimeType ?? (encoding === undefined ? undefined : 'text/plain'), kind, encoding };
}

async function rangeOf(repository: Repository, content: Buffer, offset: number, length: number, signal: AbortSignal | undefined): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let start = 0;
  for (let at = 0; at < content.length && start < offset + length; at += 32) {
    const id = content.subarray(at, at + 32);
    const size = repository.index.plainLength('data', id);
    if (size < 0) throw damaged(`Data blob ${id.toString('hex')} is missing: no index lists it`);
    if (start + size > offset) {
      const blob = await repository.readBlob('data', id, signal);
      pieces.push(blob.subarray(Math.max(0, offset - start), Math.max(0, offset + length - start)));
    }
    start += size;
  }
  return Buffer.concat(pieces);
}

/** `more`: the bytes are a beginning, whose last character may be cut. */
function encodingOf(bytes: Buffer, more: boolean): TextEncoding | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (bytes.includes(0) || controls(bytes)) return undefined;
  return isUtf8(more ? bytes.subarray(0, bytes.length - cutLength(bytes)) : bytes) ? 'utf-8' : 'latin1';
}

/** Bytes at the end that begin a character of UTF-8 without ending it. */
function cutLength(bytes: Buffer): number {
  for (let length = 1; length <= 3 && length <= bytes.length; length += 1) {
    const byte = bytes[bytes.length - length] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return length < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? length : 0;
  }
  return 0;
}

/** Characters that no text has: those below the blank, but for tabs, ends of lines and pages, and the escape. */
function controls(bytes: Buffer): boolean {
  return bytes.some((byte) => byte < 0x20 && !(byte >= 0x08 && byte <= 0x0d) && byte !== 0x1b);
}
