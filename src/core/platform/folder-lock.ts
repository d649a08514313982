/**
 * One process a folder: one server a data folder, one agent a home folder.
 *
 * The lock is a file that names its owner. Node has no kernel-held file lock, so a lock whose owner is dead
 * is recognised and replaced: on the same system start and process namespace by the process number and its start time,
 * otherwise (another container, another machine) by a heartbeat that stopped.
 *
 * Invariants: the file appears whole (written aside, then linked); only a lock that was judged dead is replaced, and the
 * new owner looks again after a pause, so that of several processes started at the same instant at most one stays.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Failure } from '../../shared/errors.ts';
import type { Clock } from './clock.ts';
import { processStart } from './process-start.ts';

const heartbeatMs = 30_000;
/** Three heartbeats missed. */
const deadAfterMs = 100_000;
const confirmPauseMs = 60;
const attempts = 5;

interface Owner {
  readonly pid: number;
  /** When the process started, in the units of the system; empty where it does not tell. */
  readonly started: string;
  /** Within it process numbers are comparable: the machine, its start and the process namespace. */
  readonly scope: string;
  readonly nonce: string;
}

export interface FolderLock {
  release(): Promise<void>;
}

export interface FolderLockOptions {
  /** Of the lock's file in the folder. */
  readonly name: string;
  /** What to say while another process has it; its number where it is known. */
  readonly inUse: (pid: number | undefined) => Failure;
}

/** A lock that was taken and is not sure yet: whoever owns it may look, and must not change anything. */
export interface FolderClaim {
  /** Resolves after the pause; rejects with what `inUse` makes where another process took the lock in that time. */
  confirmed(): Promise<FolderLock>;
}

/** Takes the lock of a folder that exists; throws what `inUse` makes while another owner lives. */
export async function lockFolder(folder: string, options: FolderLockOptions, clock: Clock): Promise<FolderLock> {
  return await (await claimFolder(folder, options, clock)).confirmed();
}

/** As `lockFolder`, for those who have something to do during the pause. */
export async function claimFolder(folder: string, options: FolderLockOptions, clock: Clock): Promise<FolderClaim> {
  const path = join(folder, options.name);
  const owner: Owner = { pid: process.pid, started: processStart(process.pid) ?? '', scope: processScope(), nonce: randomBytes(16).toString('hex') };
  const aside = `${path}.${owner.nonce}`;
  await writeFile(aside, JSON.stringify(owner), { mode: 0o600, flag: 'wx' });
  try {
    await take(path, aside, options, clock);
  } finally {
    await rm(aside, { force: true });
  }
  const pause = clock.sleep(confirmPauseMs);
  return {
    async confirmed() {
      await pause;
      if (!isOwner(await readOwner(path), owner.nonce)) throw options.inUse(undefined);
      return keep(path, owner, clock);
    },
  };
}

/** Process number of the living owner of a folder's lock; undefined where there is none, or none on this machine. */
export async function lockOwner(folder: string, name: string, clock: Clock): Promise<number | undefined> {
  const path = join(folder, name);
  const owner = await readOwner(path);
  if (owner === undefined || owner === 'unreadable' || owner.scope !== processScope()) return undefined;
  return (await isAlive(path, owner, clock)) ? owner.pid : undefined;
}

async function take(path: string, aside: string, options: FolderLockOptions, clock: Clock): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (await linked(aside, path)) return;
    const current = await readOwner(path);
    if (current === undefined) continue;
    if (await isAlive(path, current, clock)) throw options.inUse(current === 'unreadable' ? undefined : current.pid);
    await setAside(path, `${aside}.dead`, current);
  }
  throw options.inUse(undefined);
}

/** Moves a dead owner's lock away; what turns out to be another's is put back. */
async function setAside(path: string, grave: string, dead: Owner | 'unreadable'): Promise<void> {
  try {
    await rename(path, grave);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const moved = await readOwner(grave);
  const expected = dead === 'unreadable' ? moved === 'unreadable' : isOwner(moved, dead.nonce);
  if (!expected) await linked(grave, path);
  await rm(grave, { force: true });
}

function keep(path: string, owner: Owner, clock: Clock): FolderLock {
  const stop = new AbortController();
  const beating = (async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(heartbeatMs, stop.signal);
      const now = new Date(clock.now());
      await utimes(path, now, now);
    }
  })().catch((error: unknown) => {
    // A heartbeat that fails (drive gone) is noticed by the work itself; only the pause's own end is expected here.
    if (!stop.signal.aborted && codeOf(error) === undefined) throw error;
  });
  return {
    async release() {
      stop.abort();
      await beating;
      if (isOwner(await readOwner(path), owner.nonce)) await rm(path, { force: true });
    },
  };
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (codeOf(error) !== 'EPERM' && codeOf(error) !== 'ENOTSUP' && codeOf(error) !== 'EOPNOTSUPP') throw error;
  }
  // File systems without hard links (FAT, some network shares): create exclusively instead.
  try {
    await writeFile(to, await readFile(from), { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function isOwner(owner: Owner | 'unreadable' | undefined, nonce: string): boolean {
  return owner !== undefined && owner !== 'unreadable' && owner.nonce === nonce;
}

async function readOwner(path: string): Promise<Owner | 'unreadable' | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const parsed = JSON.parse(text) as Partial<Owner> | null;
    const { pid, started, scope, nonce } = parsed ?? {};
    if (typeof pid === 'number' && Number.isInteger(pid) && pid > 0 && typeof started === 'string' && typeof scope === 'string' && typeof nonce === 'string') {
      return { pid, started, scope, nonce };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return 'unreadable';
}

async function isAlive(path: string, owner: Owner | 'unreadable', clock: Clock): Promise<boolean> {
  if (owner !== 'unreadable' && owner.scope === processScope()) return isRunning(owner);
  try {
    return clock.now() - (await stat(path)).mtimeMs < deadAfterMs;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function isRunning(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
    if (codeOf(error) !== 'EPERM') throw error;
  }
  const started = processStart(owner.pid) ?? '';
  return started === '' || owner.started === '' || started === owner.started;
}

function processScope(): string {
  if (process.platform !== 'linux') return hostname();
  const parts = [hostname()];
  try {
    parts.push(readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim(), readlinkSync('/proc/self/ns/pid'));
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
  }
  return parts.join(' ');
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
