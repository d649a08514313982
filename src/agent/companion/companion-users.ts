/**
 * The users of the companion server: its file in the data folder, which the agent alone writes and the server follows.
 *
 * Invariants: a change is whole and durable or did not happen; of a password only its hash is kept, and it is in no log;
 * changes come one after the other.
 */
import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hash } from 'bcryptjs';
import type { Clock } from '../../core/platform/clock.ts';
import { replaceFiles } from '../../core/platform/replace-files.ts';
import type { CheckedInput } from '../../shared/contract/operations.ts';
import { Failure } from '../../shared/errors.ts';
import { parseServerUsers, sightingOf, sightingsFile, sightingsFileName, usersFileName } from '../../shared/server-users.ts';
import type { ServerUser, ServerUserUse, Sightings } from '../../shared/server-users.ts';

export type NewServerUser = CheckedInput<'add_server_user'>;
export type ServerUserChange = Omit<CheckedInput<'update_server_user'>, 'name'>;

/** 2^10 rounds: a tenth of a second for whoever tries a password. */
const hashCost = 10;
/** Without letters and digits that look like another. 20 of them: 99 bits. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789';

export interface CompanionUsersOptions {
  readonly clock: Clock;
  /** Of the server; need not exist yet. */
  readonly dataFolder: string;
  /** What the running server says of its users; undefined while none runs. */
  readonly ask: () => Promise<readonly ServerUserUse[] | undefined>;
}

export class CompanionUsers {
  readonly #options: CompanionUsersOptions;

  constructor(options: CompanionUsersOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#read().length;
  }

  async list(): Promise<ServerUserUse[]> {
    const users = this.#read();
    if (users.length === 0) return [];
    const told = await this.#options.ask();
    const seen = told === undefined ? this.#sightings() : {};
    return users.map(({ name, quota_bytes, append_only }) => {
      const known = told?.find((one) => one.name === name);
      const { stored_bytes, last_seen_at, computers } = known ?? { stored_bytes: null, ...sightingOf(seen, name, this.#options.clock.now()) };
      return { name, quota_bytes, append_only, stored_bytes, last_seen_at, computers };
    });
  }

  async add({ name, password, quota_bytes, append_only }: NewServerUser): Promise<string | null> {
    this.#refuseKnown(name);
    const chosen = password ?? generatePassword();
    const password_hash = await hash(chosen, hashCost);
    this.#refuseKnown(name);
    this.#write([...this.#read(), { name, password_hash, quota_bytes, append_only }]);
    return password === undefined ? chosen : null;
  }

  async update(name: string, { password, generate_password: generates = false, quota_bytes, append_only }: ServerUserChange): Promise<string | null> {
    this.#find(name);
    const generated = password === undefined && generates ? generatePassword() : undefined;
    const chosen = password ?? generated;
    const password_hash = chosen === undefined ? undefined : await hash(chosen, hashCost);
    const before = this.#find(name);
    const after: ServerUser = {
      name,
      password_hash: password_hash ?? before.password_hash,
      quota_bytes: quota_bytes === undefined ? before.quota_bytes : quota_bytes,
      append_only: append_only ?? before.append_only,
    };
    this.#write(this.#read().map((user) => (user.name === name ? after : user)));
    return generated ?? null;
  }

  remove(name: string): void {
    this.#find(name);
    this.#write(this.#read().filter((user) => user.name !== name));
  }

  #find(name: string): ServerUser {
    const user = this.#read().find((one) => one.name === name);
    if (user === undefined) throw new Failure('SERVER_USER_NOT_FOUND', { what: `The server has no user ${name}`, safe: 'Nothing was changed', next: 'List the users again' });
    return user;
  }

  #refuseKnown(name: string): void {
    if (!this.#read().some((one) => one.name === name)) return;
    throw new Failure('SERVER_USER_EXISTS', { what: `The server has a user ${name} already`, safe: 'Nothing was changed', next: 'Choose another name, or change that user' }, { path: 'name' });
  }

  #read(): readonly ServerUser[] {
    const path = join(this.#options.dataFolder, usersFileName);
    const text = readIfThere(path);
    if (text === undefined) return [];
    try {
      return parseServerUsers(text);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Failure('CONFIGURATION', { what: `The file of the server's users ${path} cannot be used: ${reason}`, safe: 'It was not changed, and what the users stored is safe', next: 'Correct it, or move it away and add the users again' }, { cause: error });
    }
  }

  #write(users: readonly ServerUser[]): void {
    const { dataFolder } = this.#options;
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    replaceFiles([join(dataFolder, usersFileName)], `${JSON.stringify({ version: 1, users }, null, 2)}\n`);
  }

  /** As the server left them. One that cannot be read says nothing. */
  #sightings(): Sightings {
    const text = readIfThere(join(this.#options.dataFolder, sightingsFileName));
    if (text === undefined) return {};
    try {
      return sightingsFile.safeParse(JSON.parse(text)).data?.seen ?? {};
    } catch (error) {
      if (error instanceof SyntaxError) return {};
      throw error;
    }
  }
}

/** `k7mq-x2fd-…`: easy to type on another computer. */
function generatePassword(): string {
  const group = (): string => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('');
  return Array.from({ length: 5 }, group).join('-');
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
