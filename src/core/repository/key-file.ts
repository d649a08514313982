/**
 * Key files (specification section 4): plain JSON that holds the master key, sealed under the key derived from a password.
 *
 * Invariants: parameters are checked before they are used; the user key is wiped as soon as the master key is open.
 */
import { randomBytes } from 'node:crypto';
import type { Addon, KeySet } from '../native/addon.ts';
import { jsonString } from './canonical-json.ts';
import { damaged } from './damage.ts';
import { type KeyDerivation, parameterProblem, saltLength } from './key-derivation.ts';
import { parseTime } from './times.ts';

export interface KeyFile extends KeyDerivation {
  /** A time text; absent in some keys. */
  readonly created?: string;
  readonly username?: string;
  readonly hostname?: string;
  readonly salt: Buffer;
  /** The sealed master key. */
  readonly data: Buffer;
}

export interface KeyLabel {
  readonly created: string;
  readonly username: string;
  readonly hostname: string;
}

/** Seals the master key under a password. Bytes of a new key file, verified by opening them. */
export async function sealKeyFile(addon: Addon, master: KeySet, password: Uint8Array, kdf: KeyDerivation, label: KeyLabel): Promise<Buffer> {
  const problem = parameterProblem(kdf);
  if (problem !== undefined) throw new Error(`a new key: ${problem}`);
  const salt = randomBytes(saltLength);
  const user = await addon.deriveKeySet(password, salt, kdf.N, kdf.r, kdf.p);
  try {
    const data = user.sealMasterKey(master);
    const file = encodeKeyFile({ ...label, N: kdf.N, r: kdf.r, p: kdf.p, salt, data });
    verifyMasterKey(master, user, parseKeyFile('to be written', file).data);
    return file;
  } finally {
    user.wipe();
  }
}

function verifyMasterKey(master: KeySet, user: KeySet, data: Buffer): void {
  const reopened = user.openMasterKey(data);
  try {
    const probe = randomBytes(32);
    if (!master.open(reopened.seal(probe)).equals(probe)) throw new Error('the new key file does not open to the master key');
  } finally {
    reopened.wipe();
  }
}

function encodeKeyFile(file: Omit<KeyFile, keyof KeyLabel> & KeyLabel): Buffer {
  const { created, username, hostname, N, r, p, salt, data } = file;
  const label = `"created":${jsonString(created)},"username":${jsonString(username)},"hostname":${jsonString(hostname)}`;
  return Buffer.from(`{${label},"kdf":"scrypt","N":${N},"r":${r},"p":${p},"salt":"${salt.toString('base64')}","data":"${data.toString('base64')}"}`);
}

/** Failure DAMAGED names the key file. */
export function parseKeyFile(name: string, bytes: Buffer): KeyFile {
  const fail = (why: string, cause?: unknown): never => {
    throw damaged(`Key ${name} is damaged: ${why}`, { cause, next: 'Use another password of this repository, or restore the key file from a copy' });
  };
  const members = parseObject(bytes) ?? fail('it is no JSON object');
  const optional = (member: 'created' | 'username' | 'hostname'): Record<string, string> => {
    const value = members[member];
    if (value === undefined || value === null) return {};
    return typeof value === 'string' ? { [member]: value } : fail(`its ${member} is no text`);
  };
  const { kdf, N, r, p, created } = members;
  if (kdf !== 'scrypt') fail('its key derivation is not known');
  if (typeof N !== 'number' || typeof r !== 'number' || typeof p !== 'number') return fail('its scrypt parameters are missing');
  const problem = parameterProblem({ N, r, p });
  if (problem !== undefined) fail(problem);
  if (typeof created === 'string' && parseTime(created) === undefined) fail('its time of creation is wrong');
  const salt = decodeBase64(members.salt) ?? fail('its salt is missing or wrong');
  if (salt.length !== saltLength) fail('its salt has the wrong length');
  const data = decodeBase64(members.data) ?? fail('its sealed key is missing or wrong');
  return { ...optional('created'), ...optional('username'), ...optional('hostname'), N, r, p, salt, data };
}

function parseObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function decodeBase64(value: unknown): Buffer | undefined {
  if (typeof value !== 'string') return undefined;
  const bytes = Buffer.from(value, 'base64');
  return bytes.toString('base64') === value ? bytes : undefined;
}

/**
 * The master key, or undefined if the password does not fit. Failure DAMAGED if the key fits and holds no valid master key.
 */
export async function openKeyFile(addon: Addon, name: string, file: KeyFile, password: Uint8Array): Promise<KeySet | undefined> {
  const user = await addon.deriveKeySet(password, file.salt, file.N, file.r, file.p);
  try {
    return user.openMasterKey(file.data);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'E_MAC') return undefined;
    throw damaged(`Key ${name} is damaged: it holds no valid master key`, { cause: error, next: 'Use another password of this repository, or restore the key file from a copy' });
  } finally {
    user.wipe();
  }
}
