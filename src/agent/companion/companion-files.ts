/**
 * The files of the companion server: its data, and what lets this agent, and nobody else, use it.
 *
 * Invariants: secrets are 0600 in a folder of mode 0700, made once, with 256 random bits, whole or not at all. The password
 * is hashed with SHA-1 in the users' file: it is random, so there is nothing to guess, and every request would pay for bcrypt.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface CompanionFolders {
  /** Passwords and settings. */
  readonly configuration: string;
  readonly data: string;
}

export interface CompanionFiles {
  /** Real path of the folder that holds the repositories. */
  readonly dataFolder: string;
  readonly tokenFile: string;
  readonly usersFile: string;
  readonly token: string;
  /** With which jobs of this agent reach their repositories. */
  readonly credentials: Credentials;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

const username = 'cyberbackup';

/** Reads the files, and makes those that are missing. */
export async function prepareCompanionFiles({ configuration, data }: CompanionFolders): Promise<CompanionFiles> {
  const [tokenFile, passwordFile, usersFile] = ['server-admin-token', 'server-password', 'server-users'].map((name) => join(configuration, name)) as [string, string, string];
  await mkdir(configuration, { recursive: true, mode: 0o700 });
  await mkdir(join(data, 'server'), { recursive: true, mode: 0o700 });
  const token = await readOrMake(tokenFile);
  const password = await readOrMake(passwordFile);
  await writeUser(usersFile, `${username}:{SHA}${createHash('sha1').update(password).digest('base64')}`);
  return { dataFolder: await realpath(join(data, 'server')), tokenFile, usersFile, token, credentials: { username, password } };
}

async function readOrMake(path: string): Promise<string> {
  const known = (await readIfThere(path))?.trim();
  if (known !== undefined && known !== '') return known;
  const made = randomBytes(32).toString('base64url');
  await writePrivate(path, `${made}\n`);
  return made;
}

/** Other users that a person added stay. */
async function writeUser(path: string, line: string): Promise<void> {
  const lines = ((await readIfThere(path)) ?? '').split('\n').filter((known) => known !== '');
  if (lines.includes(line)) return;
  const others = lines.filter((known) => !known.startsWith(`${username}:`));
  await writePrivate(path, `${[line, ...others].join('\n')}\n`);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writePrivate(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomBytes(8).toString('hex')}.new`;
  try {
    const file = await open(aside, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } finally {
    await rm(aside, { force: true });
  }
}
