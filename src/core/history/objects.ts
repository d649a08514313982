/**
 * What a repository is made of, object by object, as it is when opened: for people who look beneath the surface.
 *
 * Invariant: everything is verified as for any other use; only a pack is handed on although its bytes are not what its
 * name says, since somebody may want to look at just that.
 */
import { createHash } from 'node:crypto';
import { Failure } from '../../shared/errors.ts';
import { recordSize } from '../native/addon.ts';
import { encodeConfig } from '../repository/config.ts';
import { loadNamed } from '../repository/named-objects.ts';
import type { Repository } from '../repository/repository.ts';
import { encodeSnapshot, type StoredSnapshot } from '../repository/snapshots.ts';
import type { ObjectType } from '../storage/object-store.ts';

export const listedKinds = ['blobs', 'packs', 'index', 'snapshots', 'keys', 'locks'] as const;
export type ListedKind = (typeof listedKinds)[number];

const storedTypes: Readonly<Record<Exclude<ListedKind, 'blobs'>, Exclude<ObjectType, 'config'>>> = { packs: 'data', index: 'index', snapshots: 'snapshot', keys: 'key', locks: 'lock' };

/** Names of stored objects as the storage lists them. */
export async function* objectNames(repository: Repository, kind: Exclude<ListedKind, 'blobs'>, signal?: AbortSignal): AsyncGenerator<string> {
  for await (const { name } of repository.store.list(storedTypes[kind], signal)) yield name;
}

/** Every blob of the index, by pack, as `data ID` or `tree ID`. Needs the index. */
export function* blobNames({ index }: Repository): Iterable<string> {
  const packs = index.packIds();
  for (let at = 0; at < packs.length; at += 32) {
    const records = index.packRecords(packs.subarray(at, at + 32));
    for (let record = 0; record < records.length; record += recordSize) {
      yield `${records[record] === 1 ? 'tree' : 'data'} ${records.toString('hex', record + 16, record + 48)}`;
    }
  }
}

export function configText({ config }: Repository): string {
  return indented(encodeConfig(config));
}

export function snapshotText({ snapshot }: StoredSnapshot): string {
  return indented(encodeSnapshot(snapshot));
}

/** The secret that opens everything. It passes through a key of its own, the only way out that the native side offers. */
export function masterKeyText({ addon, keys }: Repository): string {
  const passage = addon.generateKeySet();
  try {
    return indented(passage.open(passage.sealMasterKey(keys)));
  } finally {
    passage.wipe();
  }
}

/** A key file, or the record of a lock, in lines; the JSON of an index file as it is. Failure DAMAGED. */
export async function fileText(repository: Repository, type: 'key' | 'lock' | 'index', name: string, signal?: AbortSignal): Promise<string> {
  if (type === 'key') return indented(await loadNamed(repository, { type, name }, signal));
  const json = await repository.readUnpacked(type, name, signal);
  return type === 'lock' ? indented(json) : json.toString('utf8');
}

/** The content of a blob, of a file or of a folder, whichever there is. Needs the index. Failure DAMAGED. */
export async function blobContent(repository: Repository, id: Buffer, signal?: AbortSignal): Promise<Buffer> {
  const type = repository.index.has('data', id) || !repository.index.has('tree', id) ? 'data' : 'tree';
  return await repository.readBlob(type, id, signal);
}

/** A pack as it is stored, in pieces. After the last one throws `DAMAGED` where the bytes are not those of the name. */
export async function* packBytes(repository: Repository, name: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  const { body } = await repository.store.stream({ type: 'data', name }, undefined, signal);
  for await (const piece of body) {
    hash.update(piece);
    yield piece;
  }
  const found = hash.digest('hex');
  if (found !== name) throw new Failure('DAMAGED', { what: `The pack ${name} is damaged: its bytes hash to ${found}`, safe: 'It was written out as it is', next: 'Run "check --read-data" to see what else is affected' });
}

/** In lines, two spaces a level, strings escaped as restic does. */
function indented(json: Uint8Array): string {
  const text = JSON.stringify(JSON.parse(Buffer.from(json).toString('utf8')), undefined, 2);
  return text.replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
