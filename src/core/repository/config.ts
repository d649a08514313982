/**
 * The repository's config (specification section 5): sealed JSON, never compressed, written once at creation.
 *
 * Invariants: the version is one that this program knows, and the polynomial is irreducible and of degree 53; a config
 * that is neither is refused before anything is read or written with it.
 */
import { Failure } from '../../shared/errors.ts';
import type { Addon, KeySet } from '../native/addon.ts';
import { jsonString } from './canonical-json.ts';
import { damaged } from './damage.ts';

export interface RepositoryConfig {
  readonly version: 1 | 2;
  /** 64 hex digits; names local caches. */
  readonly id: string;
  /** Of the chunker, over GF(2): bit i is the coefficient of x^i. */
  readonly polynomial: bigint;
}

export function encodeConfig(config: RepositoryConfig): Buffer {
  return Buffer.from(`{"version":${config.version},"id":${jsonString(config.id)},"chunker_polynomial":"${config.polynomial.toString(16)}"}`);
}

/** True for a polynomial that the chunker can work with. */
export function isChunkerPolynomial(addon: Addon, polynomial: bigint): boolean {
  return polynomial >> 53n === 1n && addon.isIrreducible(polynomial);
}

/** Opens the stored config. Failures: DAMAGED, REPOSITORY_VERSION. */
export function decodeConfig(addon: Addon, keys: KeySet, sealed: Buffer): RepositoryConfig {
  const members = openMembers(keys, sealed);
  const { version, id, chunker_polynomial: polynomialText } = members;
  if (typeof version === 'number' && Number.isInteger(version) && version > 2) {
    throw new Failure('REPOSITORY_VERSION', {
      what: `The repository has format version ${version}, and this program knows versions 1 and 2`,
      safe: 'Nothing was changed',
      next: 'Update CyberBackup, or use the program that made the repository',
    });
  }
  if (version !== 1 && version !== 2) throw damagedConfig('its version is missing or wrong');
  if (typeof id !== 'string') throw damagedConfig('its id is missing');
  if (typeof polynomialText !== 'string' || !/^[0-9a-fA-F]{1,16}$/.test(polynomialText)) throw damagedConfig('its chunker polynomial is missing or wrong');
  const polynomial = BigInt(`0x${polynomialText}`);
  if (!isChunkerPolynomial(addon, polynomial)) throw damagedConfig('its chunker polynomial is not irreducible of degree 53');
  return { version, id, polynomial };
}

function openMembers(keys: KeySet, sealed: Buffer): Record<string, unknown> {
  let members: unknown;
  try {
    members = JSON.parse(keys.open(sealed).toString('utf8'));
  } catch (error) {
    throw damagedConfig('it cannot be decrypted and read', error);
  }
  if (typeof members !== 'object' || members === null) throw damagedConfig('it is no JSON object');
  return members as Record<string, unknown>;
}

function damagedConfig(why: string, cause?: unknown): Error {
  return damaged(`The repository's config is damaged: ${why}`, {
    cause,
    next: 'Restore the file `config` from a copy of the repository; without it nothing else can be interpreted',
  });
}
