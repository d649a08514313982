/**
 * The users of the server: the `.htpasswd` file, kept up to date.
 *
 * Invariants: a changed file is noticed within a second of the next request; a file that became unreadable or malformed
 * keeps the users as they were and is reported once, while at start it is fatal.
 */
import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '../core/platform/clock.ts';
import type { Logger } from '../core/platform/logger.ts';
import { Failure } from '../shared/errors.ts';
import { parsePasswordFile } from './htpasswd.ts';
import type { PasswordHash } from './htpasswd.ts';

const checkIntervalMs = 1000;

export class UserFile {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #users: ReadonlyMap<string, PasswordHash> = new Map();
  /** What the file looked like when it was read: size, time and inode. */
  #seen = '';
  #checkedAt = Number.NEGATIVE_INFINITY;
  #checking: Promise<void> | undefined;
  /** Called after every change of the users. */
  onChange: () => void = () => undefined;

  private constructor(path: string, clock: Clock, logger: Logger) {
    this.#path = path;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Reads the file; throws a `Failure` (CONFIGURATION) when it is missing or malformed. */
  static async open(path: string, clock: Clock, logger: Logger): Promise<UserFile> {
    const file = new UserFile(path, clock, logger);
    try {
      await file.#read();
    } catch (error) {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      throw new Failure(
        'CONFIGURATION',
        {
          what: missing ? `The file of users ${path} does not exist` : `The file of users ${path} cannot be used: ${reasonOf(error)}`,
          next: 'Make it with "htpasswd -B -c FILE USER", or start with --no-auth if everyone who reaches this address may use the server',
        },
        { cause: error },
      );
    }
    return file;
  }

  get count(): number {
    return this.#users.size;
  }

  /** The hash of this user, or undefined; looks first whether the file changed. */
  async find(user: string): Promise<PasswordHash | undefined> {
    await this.#refresh();
    return this.#users.get(user);
  }

  /** A bcrypt hash of the file, to spend the same time on unknown users as on known ones. */
  anyBcryptHash(): string | undefined {
    for (const hash of this.#users.values()) if (hash.kind === 'bcrypt') return hash.hash;
    return undefined;
  }

  /** Reads the file again now (SIGHUP). */
  async reload(): Promise<void> {
    this.#seen = '';
    this.#checkedAt = Number.NEGATIVE_INFINITY;
    await this.#refresh();
  }

  async #refresh(): Promise<void> {
    if (this.#clock.monotonic() - this.#checkedAt < checkIntervalMs) return;
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    await this.#checking;
  }

  async #check(): Promise<void> {
    try {
      if (fingerprint(await stat(this.#path)) !== this.#seen) await this.#read();
      this.#checkedAt = this.#clock.monotonic();
    } catch (error) {
      this.#checkedAt = this.#clock.monotonic();
      // Read again only once it changes, so that a broken file is reported once.
      const failed = `failed: ${reasonOf(error)}`;
      if (failed !== this.#seen) this.#logger.error({ file: this.#path, reason: reasonOf(error) }, 'the file of users cannot be read: the users stay as they were');
      this.#seen = failed;
    }
  }

  async #read(): Promise<void> {
    const found = await stat(this.#path);
    const { users, notes } = parsePasswordFile(await readFile(this.#path, 'utf8'));
    this.#users = users;
    this.#seen = fingerprint(found);
    for (const note of notes) this.#logger.warn({ file: this.#path, note }, 'a line of the file of users was left out');
    if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
      this.#logger.warn({ file: this.#path, mode: (found.mode & 0o777).toString(8) }, 'other users of this machine may read the file of users: chmod 600 it');
    }
    this.onChange();
  }
}

function fingerprint(found: { readonly size: number; readonly mtimeMs: number; readonly ino: number }): string {
  return `${found.size} ${found.mtimeMs} ${found.ino}`;
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message : String(error);
}
