/**
 * The administrator's token: what `/api` and `/metrics` ask for as `Authorization: Bearer …`.
 *
 * Invariants: the file has mode 0600 and is made once, with 256 random bits, where it does not exist; the token is
 * compared in constant time and never logged. Without a token nobody is the administrator.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { serverProof, tokenDigest } from '../core/platform/server-proof.ts';
import { Failure } from '../shared/errors.ts';

const minimumLength = 16;

export class AdminToken {
  readonly #digest: Buffer | undefined;

  /** `token` undefined: nobody is the administrator. */
  constructor(token: string | undefined) {
    this.#digest = token === undefined ? undefined : tokenDigest(token);
  }

  /** Reads the token from its file, making both where the file does not exist. */
  static async open(path: string | undefined): Promise<AdminToken> {
    return new AdminToken(path === undefined ? undefined : await readOrMake(path));
  }

  get exists(): boolean {
    return this.#digest !== undefined;
  }

  matches(authorization: string | undefined): boolean {
    const match = /^bearer +(\S+) *$/i.exec(authorization ?? '');
    return this.#digest !== undefined && match !== null && timingSafeEqual(tokenDigest(match[1] ?? ''), this.#digest);
  }

  /** Shows that this server knows the token; undefined without one. */
  proof(challenge: string, dataFolder: string): string | undefined {
    return this.#digest === undefined ? undefined : serverProof(this.#digest, challenge, dataFolder);
  }
}

async function readOrMake(path: string): Promise<string> {
  try {
    const made = randomBytes(32).toString('base64url');
    await writeFile(path, `${made}\n`, { mode: 0o600, flag: 'wx' });
    return made;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw unusable(path, error);
  }
  const token = await readFile(path, 'utf8').then((text) => text.trim(), (error: unknown) => Promise.reject(unusable(path, error)));
  if (token.length < minimumLength || /\s/.test(token)) {
    throw new Failure('CONFIGURATION', {
      what: `The administrator's token in ${path} is not one word of at least ${minimumLength} characters`,
      next: 'Remove the file, and the next start makes a good one',
    });
  }
  return token;
}

function unusable(path: string, error: unknown): Failure {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return new Failure('CONFIGURATION', { what: `The file of the administrator's token ${path} cannot be used: ${reason}`, next: 'Give --admin-token-file a file that this user may read and write' }, { cause: error });
}
