/**
 * Runs of the backup engine for tests: starts one, collects its events and decodes every pack that it delivers.
 */
import { expect } from 'vitest';

import { decodePack, encodeRecords, type DecodedBlob } from './pack.ts';
import { sha256 } from './sealing.ts';
import type { BackupEngine, BackupEngineOptions, BackupEvent } from '../addon.ts';
import type { BlobIndex } from '../blob-index.ts';
import { loadAddon } from '../load-addon.ts';

const addon = loadAddon();
export const polynomial = 0x3da3358b4dc173n;
const keyHalf = sha256(Buffer.from('engine'));
export const referenceKeys = Buffer.concat([keyHalf, sha256(keyHalf)]);
export const keys = addon.keySetFromBytes(referenceKeys);

export type EventOf<Type extends BackupEvent['type']> = Extract<BackupEvent, { type: Type }>;

/** One engine and what it has told so far. */
export interface Run {
  readonly engine: BackupEngine;
  readonly ended: Promise<EventOf<'finished' | 'failed'>>;
  readonly events: BackupEvent[];
  readonly blobs: DecodedBlob[];
  of<Type extends BackupEvent['type']>(type: Type): EventOf<Type>[];
}

export interface RunOptions extends Partial<BackupEngineOptions> {
  readonly index?: BlobIndex;
  readonly buffers?: number;
  /** Unseals; the native code by default. */
  readonly open?: (sealed: Buffer) => Buffer;
  /** Called with each pack instead of releasing its buffer at once. */
  readonly onPack?: (pack: EventOf<'pack'>, engine: BackupEngine) => void;
}

export function startRun(options: RunOptions = {}): Run {
  const packSize = options.packSize ?? 1024 * 1024;
  const index = options.index ?? addon.createIndex();
  const packBuffers = Array.from({ length: options.buffers ?? 5 }, () => new Uint8Array(packSize + 65_536));
  const events: BackupEvent[] = [];
  const blobs: DecodedBlob[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<EventOf<'finished' | 'failed'>>();
  const take = (pack: EventOf<'pack'>): void => {
    const held = pack.buffer < 0 ? (pack.large ?? Buffer.alloc(0)) : (packBuffers[pack.buffer] ?? new Uint8Array());
    const bytes = Buffer.from(held.subarray(0, pack.length));
    expect(bytes).toHaveLength(pack.length);
    expect(sha256(bytes).equals(pack.id)).toBe(true);
    const decoded = decodePack(options.open ?? ((sealed) => keys.open(sealed)), bytes);
    expect(pack.records.equals(encodeRecords(decoded))).toBe(true);
    for (const blob of decoded) expect(blob.type).toBe(pack.blobType);
    blobs.push(...decoded);
    index.addPack(pack.id, pack.records);
  };
  const engine: BackupEngine = addon.createBackupEngine({
    keys,
    index,
    polynomial,
    version: 2,
    compression: 'auto',
    packSize,
    packBuffers,
    ...options,
    onEvents(batch) {
      events.push(...batch);
      for (const event of batch) {
        if (event.type === 'pack') {
          take(event);
          if (options.onPack !== undefined) options.onPack(event, engine);
          else if (event.buffer >= 0) engine.releasePack(event.buffer);
        }
        if (event.type === 'finished' || event.type === 'failed') resolve(event);
      }
    },
  });
  return { engine, ended, events, blobs, of: (type) => events.filter((event) => event.type === type) as never };
}

/** Joins the content of a file event from decoded blobs. */
export function contentOf(event: EventOf<'file'>, blobs: readonly DecodedBlob[]): Buffer {
  const known = new Map(blobs.filter(({ type }) => type === 'data').map((blob) => [blob.id.toString('hex'), blob.plain]));
  const ids = Array.from({ length: event.content.length / 32 }, (_, i) => event.content.subarray(i * 32, i * 32 + 32).toString('hex'));
  return Buffer.concat(ids.map((id) => known.get(id) ?? Buffer.from(`missing ${id}`)));
}
