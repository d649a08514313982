/**
 * The repository that is used when none is named: on this machine, in the home folder, with a generated password.
 *
 * It protects against deleted and changed files at once, without a decision to make; a second place is a decision for
 * later. Order of creation: password, recovery sheet, repository; so a kill in between loses nothing and the next run
 * goes on. The password and the sheet are 0600.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { copyFile, link, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivateFolder, type Home } from '../../core/platform/home.ts';
import { createRepository, openRepository, type Repository, type RepositoryPorts } from '../../core/repository/repository.ts';
import { Failure } from '../../shared/errors.ts';
import { recoverySheet } from './recovery-sheet.ts';

const attemptsToOpen = 10;
const pauseMs = 100;

export interface DefaultRepository {
  /** Folder of the repository. */
  readonly path: string;
  readonly passwordFile: string;
  readonly sheet: string;
}

/** Its name on the companion server, in whose data it lies: both ways lead to the same repository. */
export const embeddedRepositoryName = 'default';

export function defaultRepository(home: Home): DefaultRepository {
  return {
    path: join(home.data, 'server', embeddedRepositoryName),
    passwordFile: join(home.configuration, 'repository-password'),
    sheet: join(home.configuration, 'recovery-sheet.txt'),
  };
}

export function defaultRepositoryExists({ path }: DefaultRepository): boolean {
  return existsSync(join(path, 'config'));
}

/**
 * Makes sure that the password exists, and writes the recovery sheet. Concurrent first runs agree on one password; one that
 * was `chosen` replaces the password of a first run that ended before its repository was made, which is kept beside it.
 */
export async function prepareDefaultRepository(home: Home, place: DefaultRepository, now: Date, chosen?: string): Promise<void> {
  makePrivateFolder(home.configuration);
  makePrivateFolder(home.data);
  if (chosen !== undefined && existsSync(place.passwordFile) && (await readFile(place.passwordFile, 'utf8')).trim() !== chosen) {
    await rename(place.passwordFile, `${place.passwordFile}.before-${now.toISOString().replace(/[-:]|\.\d+/g, '')}`);
  }
  if (!existsSync(place.passwordFile)) {
    try {
      await putPrivateFile(place.passwordFile, `${chosen ?? generatePassword()}\n`, placeNew);
    } catch (error) {
      // Another run was faster; its password is the one to use.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
  await writeRecoverySheet(place, now);
}

/** Makes password, sheet and repository, and opens it; where another first run was faster, opens that one's. `ports.store` is that of the place. */
export async function createDefaultRepository(home: Home, place: DefaultRepository, ports: RepositoryPorts, signal?: AbortSignal, chosen?: string): Promise<Repository> {
  await prepareDefaultRepository(home, place, new Date(ports.clock.now()), chosen);
  const password = await storedPassword(place);
  try {
    return await createRepository(ports, { password }, signal);
  } catch (error) {
    // Another first run was faster: its repository has the same password.
    if (error instanceof Failure && error.code === 'REPOSITORY_EXISTS') return await openMadeJustNow(ports, password, signal);
    throw error;
  } finally {
    password.fill(0);
  }
}

/** The key comes before the config: for a moment there is one without the other. */
async function openMadeJustNow(ports: RepositoryPorts, password: Buffer, signal: AbortSignal | undefined): Promise<Repository> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openRepository(ports, { password }, signal);
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'REPOSITORY_MISSING') || attempt === attemptsToOpen) throw error;
      await ports.clock.sleep(pauseMs, signal);
    }
  }
}

/** The caller wipes it. Failure PASSWORD_MISSING. */
export async function storedPassword({ passwordFile }: DefaultRepository): Promise<Buffer> {
  let text: string;
  try {
    text = await readFile(passwordFile, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new Failure('PASSWORD_MISSING', { what: `The password file ${passwordFile} ${reason}`, safe: 'The repository was not touched', next: 'Put the password of the recovery sheet into that file' }, { cause: error });
  }
  return Buffer.from(text.trim());
}

/** Writes the sheet anew from the stored password, whole or not at all. */
export async function writeRecoverySheet(place: DefaultRepository, now: Date): Promise<void> {
  const password = (await readFile(place.passwordFile, 'utf8')).trim();
  await putPrivateFile(place.sheet, recoverySheet({ location: place.path, password, passwordFile: place.passwordFile, written: now }), rename);
}

/** Replaces the stored password, for `key passwd`. */
export async function replaceStoredPassword(place: DefaultRepository, password: Uint8Array, now: Date): Promise<void> {
  await putPrivateFile(place.passwordFile, Buffer.concat([password, Buffer.from('\n')]), rename);
  await writeRecoverySheet(place, now);
}

/** Whole or not at all, whoever else writes it at the same moment: `placeNew` fails for a file that is there, `rename` replaces it. */
async function putPrivateFile(path: string, text: string | Uint8Array, place: (from: string, to: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomBytes(8).toString('hex')}.new`;
  try {
    await writePrivateFile(temporary, text);
    await place(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Throws EEXIST. Not every file system has links (exFAT): there the file is copied, and only a kill can leave half of one. */
async function placeNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && ['EPERM', 'ENOTSUP', 'ENOSYS'].includes(String(error.code)))) throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
}

async function writePrivateFile(path: string, text: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Digits and letters that are not taken for each other (no i, l, o, u). */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** Six groups of five characters, 150 random bits: `7kd2m-…`. */
export function generatePassword(): string {
  const group = (): string => Array.from({ length: 5 }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
  return Array.from({ length: 6 }, group).join('-');
}
