/** kill -9 before and after steps of a prune, and what must be true afterwards. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { copyOfRepository, historyPassword, makeHistory, type History, type HistorySnapshot } from '../history/make-history.ts';
import { sourceEntries } from '../history/source-entries.ts';
import { newestRestic, restic } from './restic.ts';

const script = fileURLToPath(new URL('killed-prune.ts', import.meta.url));

export interface KillScene {
  readonly history: History;
  /** Without the forgotten snapshots. */
  readonly kept: readonly HistorySnapshot[];
  /** Changes of the storage that a whole prune makes. */
  readonly changes: number;
  readonly root: string;
}

/** Forgets two of three snapshots, and leaves a pack in no index. */
export async function makeKillScene(root: string, snapshots: number): Promise<KillScene> {
  mkdirSync(root, { recursive: true });
  const history = await makeHistory(root, { seed: 21, snapshots });
  const kept = history.snapshots.filter((_, i) => i % 3 === 0);
  const names = new Set(kept.map(({ id }) => id));
  for (const name of readdirSync(path.join(history.repository, 'snapshots'))) if (!names.has(name)) rmSync(path.join(history.repository, 'snapshots', name));
  const trial = copyOfRepository(history.repository, path.join(root, 'trial'));
  const { stdout, status } = killedPrune(trial, 0, 'before');
  expect(status).toBe(0);
  rmSync(trial, { recursive: true });
  return { history, kept, root, changes: Number(stdout) };
}

function killedPrune(repository: string, nth: number, moment: 'before' | 'after'): { readonly stdout: string; readonly status: number | null; readonly signal: string | null } {
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, [script, repository, historyPassword, String(nth), moment], { encoding: 'utf8' });
  if (status !== 0 && signal === null) throw new Error(stderr);
  return { stdout, status, signal };
}

/**
 * Kills a prune, looks that every kept snapshot is whole, prunes again, and asks restic about every byte. With `restores` every
 * kept snapshot is restored after the kill, and compared.
 */
export async function killAndJudge({ history, kept, root }: KillScene, nth: number, moment: 'before' | 'after', options: { readonly restores: boolean }): Promise<void> {
  const point = `${moment} change ${nth}`;
  const repository = copyOfRepository(history.repository, path.join(root, `${moment}-${nth}`));
  const ask = (...args: string[]): string => restic(newestRestic(), repository, args, { password: historyPassword });
  expect(killedPrune(repository, nth, moment).signal, point).toBe('SIGKILL');
  ask('unlock', '--remove-all');
  for (const { id, tops, entries } of options.restores ? kept : []) {
    const target = path.join(root, 'restored');
    ask('restore', id, '--target', target);
    const restored = (await Promise.all(tops.map((top) => sourceEntries(target, top)))).flat();
    expect([point, id, restored]).toEqual([point, id, entries]);
    rmSync(target, { recursive: true, force: true });
  }
  // What a killed prune leaves is no error, only packs and indexes that are not needed any more.
  expect(ask('check', '--read-data'), point).toContain('no errors were found');
  expect(killedPrune(repository, 0, 'before').status, point).toBe(0);
  expect(ask('check', '--read-data'), point).toContain('no errors were found');
  expect(ask('prune', '--dry-run', '-v', '-v', '--max-unused', '0'), point).toMatch(/total prune:\s+0 blobs/);
  rmSync(repository, { recursive: true });
}
