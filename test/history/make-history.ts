/**
 * Histories: repositories of many snapshots of a folder that changes, over years, of several hosts, tags and paths, made
 * from a seed in a few seconds. Both programs write them.
 *
 * Invariant: the same seed gives the same names, contents, modes and times in the same snapshots; ids differ, since keys
 * are random, and inodes and change times belong to a disk.
 *
 *     const history = await makeHistory(folder, { seed: 1 });
 *     restic(newestRestic(), history.repository, ['snapshots'], { password: historyPassword });
 *     const { repository, close } = await openHistory(history.repository);
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { backup } from '../../src/core/archiver/backup.ts';
import { loadAddon } from '../../src/core/native/load-addon.ts';
import { systemClock } from '../../src/core/platform/clock.ts';
import { silentLogger } from '../../src/core/platform/logger.ts';
import { createRepository, openRepository, type Repository } from '../../src/core/repository/repository.ts';
import { LocalStore } from '../../src/core/storage/local-store.ts';
import { newestRestic } from '../support/restic.ts';
import { mustRun } from '../support/run-program.ts';
import { ChangingSource, tops } from './changing-source.ts';
import { Random } from './random.ts';
import { sourceEntries, type KnownContents, type SourceEntry } from './source-entries.ts';

export const historyPassword = 'history';

export interface HistoryOptions {
  readonly seed: number;
  /** Default 50. */
  readonly snapshots?: number;
  /** Of the repository format; default 2. */
  readonly version?: 1 | 2;
}

export interface HistorySnapshot {
  /** 64 hex digits. */
  readonly id: string;
  readonly writer: 'cyberbackup' | 'restic';
  /** Milliseconds since 1970, whole seconds; ascending. */
  readonly time: number;
  readonly hostname: string;
  readonly tags: readonly string[];
  /** Absolute, as the snapshot has them. */
  readonly paths: readonly string[];
  /** The folders at the root of the snapshot's tree. */
  readonly tops: readonly string[];
  /** What was on disk, sorted by path; the tops themselves included. */
  readonly entries: readonly SourceEntry[];
}

export interface History {
  /** Folder of the repository. */
  readonly repository: string;
  readonly passwordFile: string;
  /** The folder that was backed up, as the last snapshot has it. */
  readonly source: string;
  /** By time. */
  readonly snapshots: readonly HistorySnapshot[];
}

const second = 1000;
const day = 86_400 * second;
const begin = Date.UTC(2019, 0, 1, 3, 4, 5);
/** Bursts of an hour's distance, days, weeks, and gaps of months: about five years with fifty snapshots. */
const distances = [1800 * second, 3600 * second, 5 * 3600 * second, day, day, day + 61 * second, 7 * day, 31 * day, 90 * day, 200 * day];
const hosts = ['laptop', 'laptop', 'laptop', 'server'];
const tagSets: readonly (readonly string[])[] = [[], [], ['daily'], ['weekly', 'kept'], ['ünï tag']];
/** Where the restic that writes believes to be. */
const zones = ['UTC', 'America/New_York', 'Asia/Kolkata'];
/** Small, so that even a small history has many packs. */
const packSize = 512 * 1024;
/** restic writes the third snapshot and every eighth from there. */
const resticEvery = 8;

/**
 * Makes a history in `folder`, which exists and is empty; best on a RAM disk (`temporaryFolder`). The repository is the
 * caller's own; within one run of the tests a history is made once for all that ask for the same (test/set-up.ts), and
 * `source` is then theirs together, to be read only.
 */
export async function makeHistory(folder: string, options: HistoryOptions): Promise<History> {
  const cache = process.env['CYBERBACKUP_TEST_CACHE'];
  if (cache === undefined) return generate(folder, options);
  const { seed, snapshots = 50, version = 2 } = options;
  const kept = path.join(cache, `history-${seed}-${snapshots}-${version}`);
  if (!existsSync(kept)) await generateInto(cache, kept, options);
  const history = deserialize(readFileSync(path.join(kept, recordName))) as History;
  return { ...history, repository: copyOfRepository(path.join(kept, 'repository'), path.join(folder, 'repository')) };
}

const recordName = 'record';

/** Two that ask at the same moment both make it; the first one's stays, and the other's `source` with it. */
async function generateInto(cache: string, kept: string, options: HistoryOptions): Promise<void> {
  const making = mkdtempSync(path.join(cache, 'making-'));
  const history = await generate(making, options);
  writeFileSync(path.join(making, recordName), serialize(history));
  // The folder is left where it is, since snapshots name it; the name it is known by leads there.
  try {
    symlinkSync(making, kept, 'junction');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

async function generate(folder: string, { seed, snapshots: count = 50, version = 2 }: HistoryOptions): Promise<History> {
  const source = path.join(folder, 'source');
  const repositoryPath = path.join(folder, 'repository');
  const passwordFile = path.join(folder, 'password');
  mkdirSync(source);
  writeFileSync(passwordFile, historyPassword, { mode: 0o600 });
  const changing = new ChangingSource(source, seed);
  const random = new Random(seed + 1);
  const { repository, close } = await newRepository(repositoryPath, version);
  const snapshots: HistorySnapshot[] = [];
  const known: KnownContents = new Map();
  try {
    let time = begin;
    for (let i = 0; i < count; i += 1) {
      await changing.step(time / second);
      const description = {
        writer: i % resticEvery === 2 ? ('restic' as const) : ('cyberbackup' as const),
        time,
        hostname: random.pick(hosts),
        tags: random.pick(tagSets),
        tops: random.chance(0.6) ? [...tops] : [random.pick(tops)],
      };
      const zone = random.pick(zones);
      const entries = (await Promise.all(description.tops.map((top) => sourceEntries(source, top, known)))).flat();
      const id = description.writer === 'restic' ? await backUpWithRestic(repositoryPath, source, description, zone) : await backUp(repository, source, description);
      snapshots.push({ ...description, id, paths: description.tops.map((top) => path.join(source, top)), entries });
      time += random.pick(distances);
    }
  } finally {
    await close();
  }
  return { repository: repositoryPath, passwordFile, source, snapshots };
}

/** A copy of a repository's folder that may be damaged or pruned; `copy` must not exist. */
export function copyOfRepository(repository: string, copy: string): string {
  cpSync(repository, copy, { recursive: true, preserveTimestamps: true });
  return copy;
}

export interface OpenHistory {
  readonly repository: Repository;
  readonly close: () => Promise<void>;
}

/** Opens the repository of a history, or a copy of it, in this process. The index is not loaded. */
export async function openHistory(repositoryPath: string): Promise<OpenHistory> {
  const addon = loadAddon();
  return closing(await openRepository({ store: new LocalStore(repositoryPath, { addon }), addon, clock: systemClock }, { password: Buffer.from(historyPassword) }));
}

async function newRepository(place: string, version: 1 | 2): Promise<OpenHistory> {
  const addon = loadAddon();
  const options = { password: Buffer.from(historyPassword), kdf: { N: 2, r: 1, p: 1 }, version, username: 'tester', hostname: 'testhost' };
  return closing(await createRepository({ store: new LocalStore(place, { addon }), addon, clock: systemClock }, options));
}

function closing(repository: Repository): OpenHistory {
  return {
    repository,
    async close() {
      await repository.close();
      await repository.store.close();
    },
  };
}

type Description = Pick<HistorySnapshot, 'time' | 'hostname' | 'tags' | 'tops'>;

async function backUp(repository: Repository, source: string, { time, hostname, tags, tops: targets }: Description): Promise<string> {
  const { snapshot_id: id, errors } = await backup(
    repository,
    { targets: targets.map((top) => Buffer.from(top)), folder: source, hostname, username: 'tester', tags, time, programVersion: 'cyberbackup test', packSize, threads: 2 },
    { clock: systemClock, logger: silentLogger },
  );
  if (id === undefined || errors > 0) throw new Error(`the backup of a history has ${errors} errors`);
  return id;
}

async function backUpWithRestic(repository: string, source: string, { time, hostname, tags, tops: targets }: Description, zone: string): Promise<string> {
  const args = ['--no-cache', 'backup', '--json', '--quiet', '--host', hostname, '--time', localTime(time, zone), ...tags.flatMap((tag) => ['--tag', tag]), ...targets];
  const env = { PATH: process.env['PATH'], HOME: path.dirname(repository), TZ: zone, RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: historyPassword };
  const { stdout } = await mustRun(newestRestic(), args, { env, cwd: source });
  const last = stdout.trim().split('\n').at(-1) ?? '';
  return (JSON.parse(last) as { snapshot_id: string }).snapshot_id;
}

/** `2006-01-02 15:04:05` of a place. */
function localTime(time: number, zone: string): string {
  return new Date(time).toLocaleString('sv-SE', { timeZone: zone });
}

/** Removes a history's folder, whatever modes it has. */
export function removeHistory(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
