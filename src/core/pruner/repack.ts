/**
 * Copies blobs out of packs that are to go.
 *
 * Sealed bytes are copied as they are, once their tag, their content and its hash were verified; what is to be compressed is
 * sealed anew. A copy that is damaged is replaced by another one, where there is one.
 */
import { recordSize, type BlobType } from '../native/addon.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import { recordAt, recordOf, type BlobRecord } from '../repository/index-writer.ts';
import type { Repository } from '../repository/repository.ts';
import { StorageError } from '../storage/object-store.ts';
import { SpanReaders, spansOf, type Span, type SpanReader } from '../repository/blob-spans.ts';
import type { PackWriter } from './pack-writer.ts';

const packsAtOnce = 3;
/** restic's default. */
const compressionLevel = 3;

export interface RepackPorts {
  readonly signal?: AbortSignal | undefined;
  /** Whether a blob that is stored like this is to be compressed. */
  readonly compresses: (type: BlobType, uncompressedLength: number) => boolean;
  /** A blob of which this copy is damaged. It is left out if this resolves with undefined. */
  readonly onDamaged: (blob: BlobRecord) => Promise<Buffer | undefined>;
  /** After each pack. */
  readonly onPack: () => void;
}

export interface BlobsOfPack {
  readonly packId: Buffer;
  /** Record list of the blobs to copy, by offset. */
  readonly records: () => Buffer;
}

/** Gives all these blobs to the writer, which is left to be finished. */
export async function repack(repository: Repository, packs: readonly BlobsOfPack[], writer: PackWriter, ports: RepackPorts): Promise<void> {
  await new Repacking(repository, writer, ports).run(packs);
}

class Repacking {
  readonly #repository: Repository;
  readonly #writer: PackWriter;
  readonly #ports: RepackPorts;
  readonly #readers: SpanReaders;

  constructor(repository: Repository, writer: PackWriter, ports: RepackPorts) {
    this.#repository = repository;
    this.#writer = writer;
    this.#ports = ports;
    this.#readers = new SpanReaders(repository);
  }

  async run(packs: readonly BlobsOfPack[]): Promise<void> {
    const limit = Math.min(packsAtOnce, this.#repository.store.connections);
    await mapConcurrently(packs, limit, (pack) => this.#readers.with((reader) => this.#copyPack(pack, reader)), this.#ports.signal);
  }

  async #copyPack({ packId, records }: BlobsOfPack, reader: SpanReader): Promise<void> {
    for (const span of spansOf(records())) {
      this.#ports.signal?.throwIfAborted();
      const bytes = await this.#readSpan(packId, span, reader);
      const intact = bytes === undefined ? undefined : await this.#repository.addon.verifyBlobs(this.#repository.keys, bytes, span.records);
      for (let at = 0; at < span.records.length; at += recordSize) {
        const sealed = intact?.[at / recordSize] === 1 ? bytes : undefined;
        // No object and no promise for a blob that is copied as it is.
        const added = sealed === undefined || this.#compresses(span.records, at) ? this.#addSealedAnew(recordAt(span.records, at), sealed) : this.#writer.add(span.records, at, sealed, span.records.readUInt32LE(at + 4));
        if (added !== undefined) await added;
      }
    }
    this.#ports.onPack();
  }

  #compresses(records: Buffer, at: number): boolean {
    return this.#ports.compresses(records[at] === 1 ? 'tree' : 'data', records.readUInt32LE(at + 12));
  }

  /** `span`: where the blob is, intact. */
  async #addSealedAnew(blob: BlobRecord, span: Buffer | undefined): Promise<void> {
    const plain = span === undefined ? await this.#ports.onDamaged(blob) : await this.#open(blob, span.subarray(blob.offset, blob.offset + blob.length));
    if (plain === undefined) return;
    const { sealed, record } = await this.#seal(blob, plain);
    await this.#writer.add(record, 0, sealed, 0);
  }

  /** Undefined where the pack is gone or shorter: then its blobs are damaged. */
  async #readSpan(packId: Buffer, span: Span, reader: SpanReader): Promise<Buffer | undefined> {
    try {
      return await reader.read(packId, span, this.#ports.signal);
    } catch (error) {
      if (!(error instanceof StorageError) || !['not-found', 'range'].includes(error.kind)) throw error;
      this.#repository.logger.warn({ pack: packId.toString('hex'), blobs: span.records.length / recordSize, error: error.message }, 'a part of a pack cannot be read');
      return undefined;
    }
  }

  #open(blob: BlobRecord, sealed: Buffer): Promise<Buffer> {
    return this.#repository.addon.decodeBlob(this.#repository.keys, sealed, blob.uncompressedLength, blob.id);
  }

  /** Compressed where it was, or is to be; opened again before anyone may store it. */
  async #seal(blob: BlobRecord, plain: Buffer): Promise<{ readonly sealed: Buffer; readonly record: Buffer }> {
    const { addon, keys } = this.#repository;
    const isCompressed = plain.length > 0 && (blob.uncompressedLength !== 0 || this.#ports.compresses(blob.type, 0));
    const sealed = keys.seal(isCompressed ? addon.compress(plain, compressionLevel) : plain);
    const uncompressedLength = isCompressed ? plain.length : 0;
    await addon.decodeBlob(keys, sealed, uncompressedLength, blob.id);
    return { sealed, record: recordOf({ ...blob, offset: 0, length: sealed.length, uncompressedLength }) };
  }
}
