/** Checks of input that only this machine can make. Each throws a `Failure` with the field at fault. */
import { lstat, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { thisPlatform } from '../../core/archiver/byte-path.ts';
import { BadPattern } from '../../core/archiver/glob.ts';
import { PatternList } from '../../core/archiver/patterns.ts';
import { pinTag } from '../../core/retention/pins.ts';
import { invalidInput } from '../../shared/contract/check-input.ts';
import type { Excludes } from '../../shared/contract/schemas/plan.ts';
import { Failure } from '../../shared/errors.ts';
import type { Repositories } from './ports.ts';

export function requireAbsolute(path: string, field: string): void {
  if (path.includes('\0')) throw invalidInput({ path: field, message: 'A path cannot hold a null character' });
  if (!isAbsolute(path)) throw invalidInput({ path: field, message: 'The path must be absolute' });
}

/** Every path absolute, and something there. Links are not followed: they are what is saved. */
export async function requireSources(paths: readonly string[]): Promise<void> {
  for (const [at, path] of paths.entries()) requireAbsolute(path, `paths.${at}`);
  for (const [at, path] of paths.entries()) {
    const problem = await unreachable(path);
    if (problem !== undefined) {
      throw new Failure('PATH_NOT_FOUND', { what: `${path} ${problem}`, safe: 'No job was made', next: 'Check the spelling of the path, and whether its drive is there' }, { path: `paths.${at}` });
    }
  }
}

/** A folder to restore into may be missing, but nothing else may be in its place. */
export async function requireTarget(path: string, field: string): Promise<void> {
  requireAbsolute(path, field);
  try {
    if ((await stat(path)).isDirectory()) return;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    // Missing, or not to be looked at: the worker makes it, or says why it cannot.
    return;
  }
  throw invalidInput({ path: field, message: 'The target is not a folder' });
}

/** `excludes` is an object, or patterns alone. */
export function requirePatterns(excludes: Excludes | readonly string[] | undefined, field: string): void {
  if (excludes === undefined) return;
  if (!isList(excludes)) {
    requirePatterns(excludes.patterns, `${field}.patterns`);
    requirePatterns(excludes.ignore_case_patterns, `${field}.ignore_case_patterns`);
    return;
  }
  const at = excludes.findIndex((pattern) => !isPattern(pattern));
  if (at >= 0) throw invalidInput({ path: `${field}.${at}`, message: 'The pattern is not valid: close every [ with ], and do not end it with a backslash' });
}

/** Nothing is pinned by the way: a plan whose every snapshot is pinned would never forget one. */
export function requireTags(tags: readonly string[] | undefined, field: string): void {
  const at = (tags ?? []).indexOf(pinTag);
  if (at >= 0) throw invalidInput({ path: `${field}.${at}`, message: `"${pinTag}" is the mark of a pinned snapshot: pin single snapshots once they are there` });
}

/** Milliseconds since the epoch of a time to come; null where none is given. */
export function requireFuture(time: string | undefined, now: number, field: string): number | null {
  if (time === undefined) return null;
  const at = Date.parse(time);
  if (at <= now) throw invalidInput({ path: field, message: 'The time is over already' });
  return at;
}

function isList(excludes: Excludes | readonly string[]): excludes is readonly string[] {
  return Array.isArray(excludes);
}

function isPattern(text: string): boolean {
  try {
    void new PatternList([text], thisPlatform);
    return true;
  } catch (error) {
    if (error instanceof BadPattern) return false;
    throw error;
  }
}

/** Why nothing can be read there; undefined where something is. */
async function unreachable(path: string): Promise<string | undefined> {
  try {
    await lstat(path);
    return undefined;
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'does not exist' : `cannot be reached (${code})`;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The embedded default may be asked for before its first use makes it. Throws `REPOSITORY_NOT_FOUND`. */
export function requireRepository(repositories: Pick<Repositories, 'get' | 'has'>, id: string): void {
  if (!repositories.has(id)) repositories.get(id);
}
