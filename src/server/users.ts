/**
 * Who may sign in: the users of `.htpasswd`, who may do what the whole server allows, and those of the users' file, each with
 * private repositories, a quota and perhaps append-only.
 *
 * Invariants: both files are followed while the server runs; a name that stands in both is that of `.htpasswd`.
 */
import type { Clock } from '../core/platform/clock.ts';
import type { Logger } from '../core/platform/logger.ts';
import type { ServerUser } from '../shared/server-users.ts';
import { parseServerUsers } from '../shared/server-users.ts';
import { exists } from './data-folder.ts';
import { FollowedFile } from './followed-file.ts';
import { parsePasswordFile } from './htpasswd.ts';
import type { PasswordHash } from './htpasswd.ts';

export interface UserRights {
  /** Those of the users' file: the first folder of a path must be their name. */
  readonly isPrivate: boolean;
  readonly appendOnly: boolean;
}

export interface KnownUser extends UserRights {
  readonly hash: PasswordHash;
}

export interface UsersFiles {
  readonly htpasswd: string;
  readonly users?: string | undefined;
}

export class Users {
  readonly #htpasswd: FollowedFile<ReadonlyMap<string, PasswordHash>>;
  readonly #own: FollowedFile<readonly ServerUser[]> | undefined;
  #known: ReadonlyMap<string, KnownUser> = new Map();
  readonly #listeners: (() => void)[] = [];

  private constructor(htpasswd: FollowedFile<ReadonlyMap<string, PasswordHash>>, own: FollowedFile<readonly ServerUser[]> | undefined) {
    this.#htpasswd = htpasswd;
    this.#own = own;
    this.#merge();
    htpasswd.onChange = () => this.#merge();
    if (own !== undefined) own.onChange = () => this.#merge();
  }

  /** Reads both files; CONFIGURATION where one is malformed, or there is neither. */
  static async open({ htpasswd, users }: UsersFiles, clock: Clock, logger: Logger): Promise<Users> {
    const empty: ReadonlyMap<string, PasswordHash> = new Map();
    const hasOwn = users !== undefined && (await exists(users));
    return new Users(
      await FollowedFile.open(
        {
          path: htpasswd,
          title: 'file of users',
          next: 'Make it with "htpasswd -B -c FILE USER", or start with --no-auth if everyone who reaches this address may use the server',
          parse(text) {
            const { users: content, notes } = parsePasswordFile(text);
            return { content, notes };
          },
          ...(hasOwn ? { whenMissing: empty } : {}),
        },
        clock,
        logger,
      ),
      users === undefined
        ? undefined
        : await FollowedFile.open({ path: users, title: 'file of users', next: 'Correct it as docs/cli.md says, or move it away', parse: (text) => ({ content: parseServerUsers(text), notes: [] }), whenMissing: [] as readonly ServerUser[] }, clock, logger),
    );
  }

  /** Looks first whether a file changed. The same object as long as nothing did. */
  async find(name: string): Promise<KnownUser | undefined> {
    await this.#look();
    return this.#known.get(name);
  }

  /** Those of the users' file. */
  async own(): Promise<readonly ServerUser[]> {
    await this.#look();
    return (this.#own?.content ?? []).filter(({ name }) => this.#known.get(name)?.isPrivate === true);
  }

  /** A bcrypt hash of the files, to spend the same time on unknown users as on known ones. */
  anyBcryptHash(): string | undefined {
    for (const { hash } of this.#known.values()) if (hash.kind === 'bcrypt') return hash.hash;
    return undefined;
  }

  /** Called after every change of the users. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Reads the files again now (SIGHUP). */
  async reload(): Promise<void> {
    await this.#htpasswd.reload();
    await this.#own?.reload();
  }

  async #look(): Promise<void> {
    await this.#htpasswd.current();
    await this.#own?.current();
  }

  #merge(): void {
    const known = new Map<string, KnownUser>();
    for (const { name, password_hash: hash, append_only: appendOnly } of this.#own?.content ?? []) known.set(name, { hash: { kind: 'bcrypt', hash }, isPrivate: true, appendOnly });
    for (const [name, hash] of this.#htpasswd.content) known.set(name, { hash, isPrivate: false, appendOnly: false });
    this.#known = known;
    for (const listener of this.#listeners) listener();
  }
}
