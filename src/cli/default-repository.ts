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
import { makePrivateFolder, type Home } from '../core/platform/home.ts';
import { recoverySheet } from './recovery-sheet.ts';

export interface DefaultRepository {
  /** Folder of the repository. */
  readonly path: string;
  readonly passwordFile: string;
  readonly sheet: string;
}

export function defaultRepository(home: Home): DefaultRepository {
  return {
    path: join(home.data, 'repository'),
    passwordFile: join(home.configuration, 'repository-password'),
    sheet: join(home.configuration, 'recovery-sheet.txt'),
  };
}

export function defaultRepositoryExists({ path }: DefaultRepository): boolean {
  return existsSync(join(path, 'config'));
}

/** Makes sure that the password exists, and writes the recovery sheet. Concurrent first runs agree on one password. */
export async function prepareDefaultRepository(home: Home, place: DefaultRepository, now: Date): Promise<void> {
  makePrivateFolder(home.configuration);
  makePrivateFolder(home.data);
  if (!existsSync(place.passwordFile)) {
    try {
      await putPrivateFile(place.passwordFile, `${generatePassword()}\n`, placeNew);
    } catch (error) {
      // Another run was faster; its password is the one to use.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
  await writeRecoverySheet(place, now);
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
