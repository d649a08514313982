/**
 * Packs as the specification (section 7) says it, written and read without the native engine: for tests only.
 */
import { zstdDecompressSync } from 'node:zlib';

import { sha256 } from './sealing.ts';
import { recordSize, type BlobType } from '../addon.ts';

export interface ReferenceBlob {
  readonly type: BlobType;
  readonly id: Buffer;
  readonly offset: number;
  readonly length: number;
  readonly uncompressedLength: number;
}

export function encodeRecords(blobs: readonly ReferenceBlob[]): Buffer {
  return Buffer.concat(
    blobs.map((blob) => {
      const record = Buffer.alloc(recordSize);
      record.writeUInt8(blob.type === 'tree' ? 1 : 0, 0);
      record.writeUInt32LE(blob.offset, 4);
      record.writeUInt32LE(blob.length, 8);
      record.writeUInt32LE(blob.uncompressedLength, 12);
      blob.id.copy(record, 16);
      return record;
    }),
  );
}

/** The plaintext of a header. */
export function encodeEntries(blobs: readonly ReferenceBlob[]): Buffer {
  return Buffer.concat(
    blobs.map((blob) => {
      const compressed = blob.uncompressedLength !== 0;
      const entry = Buffer.alloc(compressed ? 41 : 37);
      entry.writeUInt8((blob.type === 'tree' ? 1 : 0) + (compressed ? 2 : 0), 0);
      entry.writeUInt32LE(blob.length, 1);
      if (compressed) entry.writeUInt32LE(blob.uncompressedLength, 5);
      blob.id.copy(entry, entry.length - 32);
      return entry;
    }),
  );
}

export interface DecodedBlob extends ReferenceBlob {
  readonly plain: Buffer;
}

/** Decodes a whole pack and checks every length, tag and hash on the way; `open` unseals. Throws an Error where something is wrong. */
export function decodePack(open: (sealed: Buffer) => Buffer, pack: Buffer): DecodedBlob[] {
  const headerLength = pack.readUInt32LE(pack.length - 4);
  const headerStart = pack.length - 4 - headerLength;
  const entries = open(pack.subarray(headerStart, pack.length - 4));
  const blobs: DecodedBlob[] = [];
  let offset = 0;
  for (let at = 0; at < entries.length; ) {
    const kind = entries.readUInt8(at);
    if (kind > 3) throw new Error('unknown entry');
    const compressed = (kind & 2) !== 0;
    const length = entries.readUInt32LE(at + 1);
    const uncompressedLength = compressed ? entries.readUInt32LE(at + 5) : 0;
    const end = at + (compressed ? 41 : 37);
    const id = Buffer.from(entries.subarray(end - 32, end));
    const opened = open(pack.subarray(offset, offset + length));
    const plain = compressed ? zstdDecompressSync(opened) : opened;
    if (compressed && plain.length !== uncompressedLength) throw new Error('wrong uncompressed length');
    if (!sha256(plain).equals(id)) throw new Error('wrong hash');
    blobs.push({ type: (kind & 1) === 1 ? 'tree' : 'data', id, offset, length, uncompressedLength, plain });
    offset += length;
    at = end;
  }
  if (offset !== headerStart) throw new Error('the blobs do not fill the pack');
  return blobs;
}
