/**
 * One program at a time writes a catalogue, and makes or deletes its file: a reader of the agent, or a command.
 *
 * Reading needs no lock. SQLite's own would be held for one batch of a snapshot only, and two programs that take in the same
 * snapshots in turns would take them in twice.
 */
import path from 'node:path';
import { Failure } from '../../shared/errors.ts';
import type { Clock } from '../platform/clock.ts';
import { lockFolder, type FolderLock } from '../platform/folder-lock.ts';
import { makePrivateFolder } from '../platform/home.ts';
import { catalogueFile } from './open-catalogue.ts';

/** Runs `body` alone. Failure REPOSITORY_LOCKED, at once, while another program has the lock; one that died has it no more. */
export async function withCatalogueLock<T>(cacheFolder: string, repositoryId: string, clock: Clock, body: () => Promise<T>): Promise<T> {
  const file = catalogueFile(cacheFolder, repositoryId);
  makePrivateFolder(path.dirname(file));
  const inUse = (): Failure => new Failure('REPOSITORY_LOCKED', { what: 'The catalogue of this repository is being written by another program', safe: 'The repository itself is untouched', next: 'Try again in a moment' });
  const lock: FolderLock = await lockFolder(path.dirname(file), { name: `${path.basename(file)}.lock`, inUse }, clock);
  try {
    return await body();
  } finally {
    await lock.release();
  }
}
