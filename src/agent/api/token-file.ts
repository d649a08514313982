/**
 * The token of the local API, in the file `api-token` of the home folder.
 *
 * Invariants: 256 random bits, made once, mode 0600; a file that others may read is refused, since they may have read it.
 */
import { randomBytes } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../shared/errors.ts';

export function tokenPath(configurationFolder: string): string {
  return join(configurationFolder, 'api-token');
}

/** Makes the token where there is none. Of two that do it at the same moment one is faster, and both get its token. */
export async function ensureToken(path: string): Promise<string> {
  try {
    await writeFile(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw unusable(path, codeOf(error) ?? String(error), error);
  }
  return await readToken(path);
}

/** Throws `CONFIGURATION` for a file that is missing, open to others, or holds something else. */
export async function readToken(path: string): Promise<string> {
  let text: string;
  let mode: number;
  try {
    const file = await open(path, 'r');
    try {
      mode = (await file.stat()).mode;
      text = (await file.readFile('utf8')).trim();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unusable(path, codeOf(error) ?? String(error), error);
  }
  // Windows has no such bits: there the folder of the person's profile keeps others out.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw unusable(path, 'other users may read or change it');
  if (!/^[\w-]{43}$/.test(text)) throw unusable(path, 'it holds no token');
  return text;
}

function unusable(path: string, reason: string, cause?: unknown): Failure {
  return new Failure('CONFIGURATION', { what: `The token of the local API ${path} cannot be used: ${reason}`, next: 'Remove the file; the next start of the agent makes a new one' }, { cause });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
