/**
 * Pack files against the index, and with read-data their content (specification section 18).
 *
 * Invariants: packs are read whole but few at once, so that memory stays below `memoryBudget` however large they are; a
 * pack with an error is looked into blob by blob, so that only what is really lost counts as lost.
 */
import { recordSize } from '../native/addon.ts';
import type { BlobType } from '../native/addon.ts';
import { largeBuffer } from '../native/large-buffer.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import type { Repository } from '../repository/repository.ts';
import { Room } from '../repository/room.ts';
import { StorageError } from '../storage/object-store.ts';
import { remedies } from './findings.ts';
import type { DraftFinding, Findings } from './findings.ts';

const memoryBudget = 192 * 1024 * 1024;

export interface ListedPack {
  /** Raw id. */
  readonly id: Buffer;
  readonly name: string;
  /** As listed by the store; undefined where the file is missing. */
  readonly size: number | undefined;
  readonly expected: number;
}

/** Blobs of which this pack's copy cannot be read, by `blobKey`, with the finding that says so. */
export type BadCopies = Map<string, { readonly finding: DraftFinding; readonly packs: Set<string> }>;

export function blobKey(type: BlobType, id: Buffer): string {
  return `${type === 'tree' ? 't' : 'd'}${id.toString('latin1')}`;
}

/** Sum of the parts (specification section 7): blobs, header entries, the header's seal and its length. */
export function packSizeOf(records: Buffer): number {
  let size = 32 + 4;
  for (let at = 0; at < records.length; at += recordSize) size += records.readUInt32LE(at + 8) + (records.readUInt32LE(at + 12) === 0 ? 37 : 41);
  return size;
}

export interface PackFiles {
  /** The indexed packs that exist. */
  readonly present: readonly ListedPack[];
  /** Names of packs that no readable index lists. */
  readonly unlisted: readonly string[];
}

/** Compares the listing with the index. */
export async function checkPackFiles(repository: Repository, findings: Findings, bad: BadCopies, signal?: AbortSignal): Promise<PackFiles> {
  const sizes = new Map<string, number>();
  for await (const { name, size } of repository.store.list('data', signal)) sizes.set(name, size);
  const present: ListedPack[] = [];
  const ids = repository.index.packIds();
  for (let at = 0; at < ids.length; at += 32) {
    const id = ids.subarray(at, at + 32);
    const name = id.toString('hex');
    const records = repository.index.packRecords(id);
    const expected = packSizeOf(records);
    const size = sizes.get(name);
    sizes.delete(name);
    if (size === undefined) {
      markBad(records, name, findings.error('pack', name, `Pack ${name} is missing`, remedies.missingPack), bad);
      continue;
    }
    present.push({ id, name, size, expected });
    if (size !== expected) {
      const finding = findings.error('pack', name, `Pack ${name} has ${size} bytes instead of ${expected}`, remedies.damagedPack);
      await markUnreadable(repository, { name, records }, finding, bad, signal);
    }
  }
  return { present, unlisted: [...sizes.keys()] };
}

/**
 * Says what packs in no index are: left by an interrupted backup where all is well, but where an index file is damaged or
 * something is missing they are probably what is needed, and a prune would remove them. To be called last.
 */
export function hintUnlistedPacks(unlisted: readonly string[], findings: Findings): void {
  const isIndexDamaged = findings.errors.some(({ object }) => object === 'index');
  for (const name of unlisted) {
    if (isIndexDamaged) findings.hint('pack', name, `Pack ${name} is in no readable index: it probably belongs to the damaged one`, remedies.damagedIndex);
    else if (findings.errorCount > 0) findings.hint('pack', name, `Pack ${name} is in no index: it may hold what is missing`, remedies.missingIndex);
    else findings.hint('pack', name, `Pack ${name} is in no index`, remedies.nothing);
  }
}

export interface ReadDataPorts {
  readonly signal?: AbortSignal | undefined;
  readonly onPack: (bytes: number) => void;
}

/** Reads and verifies each of these packs completely. */
export async function readPacks(repository: Repository, packs: readonly ListedPack[], findings: Findings, bad: BadCopies, ports: ReadDataPorts): Promise<void> {
  const largest = packs.reduce((size, pack) => Math.max(size, pack.size ?? 0), 1);
  const limit = Math.max(1, Math.min(repository.store.connections, Math.floor(memoryBudget / largest)));
  const rooms: Room[] = [];
  await mapConcurrently(
    packs,
    limit,
    async (pack) => {
      // A wrong size was reported before, and its blobs were looked into.
      const problems = pack.size === pack.expected ? await problemsOf(repository, pack, rooms, ports.signal) : [];
      ports.onPack(pack.size ?? 0);
      if (problems.length === 0) return;
      const finding = findings.error('pack', pack.name, `Pack ${pack.name} is damaged: ${problems.join('; ')}`, remedies.damagedPack);
      await markUnreadable(repository, { name: pack.name, records: repository.index.packRecords(pack.id) }, finding, bad, ports.signal);
    },
    ports.signal,
  );
}

async function problemsOf(repository: Repository, { id, name, expected }: ListedPack, rooms: Room[], signal: AbortSignal | undefined): Promise<string[]> {
  const room = rooms.pop() ?? new Room((size) => largeBuffer(repository.addon, size));
  const bytes = room.take(expected);
  const reason = await orReason(repository.store.getInto({ type: 'data', name }, 0, bytes, signal));
  const problems = typeof reason === 'string' ? [reason] : await repository.addon.checkPack(repository.keys, id, bytes, repository.index.packRecords(id));
  rooms.push(room);
  return problems;
}

interface Contents {
  readonly name: string;
  readonly records: Buffer;
}

/** Reads each blob of the pack on its own and marks those that fail. */
async function markUnreadable(repository: Repository, pack: Contents, finding: DraftFinding, bad: BadCopies, signal: AbortSignal | undefined): Promise<void> {
  for (let at = 0; at < pack.records.length; at += recordSize) {
    signal?.throwIfAborted();
    const record = pack.records.subarray(at, at + recordSize);
    const sealed = await orReason(repository.store.get({ type: 'data', name: pack.name }, { offset: record.readUInt32LE(4), length: record.readUInt32LE(8) }, signal));
    const isReadable = typeof sealed !== 'string' && (await repository.addon.decodeBlob(repository.keys, sealed, record.readUInt32LE(12), record.subarray(16)).then(() => true, () => false));
    if (!isReadable) markBad(record, pack.name, finding, bad);
  }
}

function markBad(records: Buffer, pack: string, finding: DraftFinding, bad: BadCopies): void {
  for (let at = 0; at < records.length; at += recordSize) {
    const key = blobKey(records[at] === 1 ? 'tree' : 'data', records.subarray(at + 16, at + recordSize));
    const known = bad.get(key);
    if (known === undefined) bad.set(key, { finding, packs: new Set([pack]) });
    else known.packs.add(pack);
  }
}

/** What was read; or where the pack is to blame, why it could not be. */
async function orReason<T>(read: Promise<T>): Promise<T | string> {
  try {
    return await read;
  } catch (error) {
    if (!(error instanceof StorageError) || !['not-found', 'range', 'mismatch'].includes(error.kind)) throw error;
    return error.message;
  }
}
