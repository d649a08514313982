/**
 * A small repository of several packs, and ways to damage it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { noise } from '../../../../test/support/noise.ts';
import type { StoredSnapshot } from '../../repository/snapshots.ts';
import type { MemoryStore } from '../../repository/testing/memory-store.ts';
import type { RawRepository } from './raw-repository.ts';

export interface DamageSubject {
  readonly snapshot: StoredSnapshot;
  /** Content of every file by its path. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly packs: { readonly a: string; readonly b: string; readonly trees: string };
}

/** `a/…` needs pack A, `b/…` pack B, `mixed` both; `twice` and `b/twice` have their blob in both packs. */
export async function makeDamageSubject(raw: RawRepository): Promise<DamageSubject> {
  const twice = noise(700, 9);
  const contents = { a: noise(3000, 1), a2: Buffer.from('text that compresses '.repeat(40)), b: noise(2500, 2), b2: Buffer.alloc(5000, 0x62) };
  const a1 = raw.file('one', [contents.a]);
  const a2 = raw.file('two', [contents.a2]);
  const twiceNode = raw.file('twice', [twice]);
  const a = await raw.pack();
  const b1 = raw.file('one', [contents.b]);
  const b2 = raw.file('two', [contents.b2]);
  raw.blob('data', twice);
  const b = await raw.pack();
  const mixed = { ...a1, name: Buffer.from('mixed'), content: Buffer.concat([a1.content as Buffer, b2.content as Buffer]) };
  const root = raw.tree([raw.dir('a', [a1, a2]), raw.dir('b', [b1, b2, twiceNode]), mixed, twiceNode]);
  const trees = await raw.pack();
  await raw.index();
  const files = new Map([
    ['a/one', contents.a],
    ['a/two', contents.a2],
    ['b/one', contents.b],
    ['b/two', contents.b2],
    ['b/twice', twice],
    ['mixed', Buffer.concat([contents.a, contents.b2])],
    ['twice', twice],
  ]);
  return { snapshot: await raw.snapshot(root), files, packs: { a, b, trees } };
}

/** Replaces an object for as long as `during` runs; undefined removes it. */
export async function withObject<T>(store: MemoryStore, key: string, bytes: Buffer | undefined, during: () => Promise<T>): Promise<T> {
  const original = store.objects.get(key);
  if (original === undefined) throw new Error(`no object ${key}`);
  if (bytes === undefined) store.objects.delete(key);
  else store.objects.set(key, bytes);
  try {
    return await during();
  } finally {
    store.objects.set(key, original);
  }
}

export function flipped(bytes: Buffer, position: number, mask = 1): Buffer {
  const copy = Buffer.from(bytes);
  copy[position] = (copy[position] as number) ^ mask;
  return copy;
}

/** About `count` positions over the whole object, with its ends. */
export function samplePositions(length: number, count: number): number[] {
  const positions = new Set([0, length - 1, length - 4, length - 5]);
  for (let i = 0; i < count; i += 1) positions.add(Math.floor((i * length) / count));
  return [...positions].filter((position) => position >= 0).sort((x, y) => x - y);
}

/** Writes the store's objects to a folder in the layout that restic reads. */
export function writeToDisk(store: MemoryStore, folder: string): void {
  for (const type of ['data', 'index', 'keys', 'locks', 'snapshots']) mkdirSync(path.join(folder, type), { recursive: true });
  const folders: Readonly<Record<string, string>> = { key: 'keys', lock: 'locks', snapshot: 'snapshots', index: 'index', data: 'data' };
  for (const [key, bytes] of store.objects) {
    const [type = '', name = ''] = key.split('/');
    if (type === 'config') writeFileSync(path.join(folder, 'config'), bytes);
    else {
      const place = path.join(folder, folders[type] ?? type, ...(type === 'data' ? [name.slice(0, 2)] : []));
      mkdirSync(place, { recursive: true });
      writeFileSync(path.join(place, name), bytes);
    }
  }
}
