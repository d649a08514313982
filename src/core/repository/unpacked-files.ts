/**
 * Unpacked files: index, snapshots and locks (specification section 6).
 *
 * Vocabulary: the *text* is JSON; the *payload* is the text, or in version 2 the byte 2 and the compressed text; the
 * *file* is the sealed payload, and its name the SHA-256 of the file.
 *
 * Invariant: what was sealed is opened again and compared before anyone may store it.
 */
import { Failure } from '../../shared/errors.ts';
import type { Addon, KeySet } from '../native/addon.ts';

export type UnpackedType = 'snapshot' | 'index' | 'lock';

/** What decoding needs of a repository. */
export interface Sealer {
  readonly addon: Addon;
  readonly keys: KeySet;
  readonly config: { readonly version: 1 | 2 };
}

export interface SealedFile {
  /** 64 hex digits. */
  readonly name: string;
  readonly bytes: Buffer;
}

const compressedMarker = 2;
/** For the ids of an index, which are most of what is compressed here, the quickest level is the smallest too: 7 % less than level 3. */
const compressionLevel = 1;
/** A text beyond this is no file of ours: the largest index that restic writes has about 65 MB. */
const maximumText = 512 * 2 ** 20;

/** Seals a JSON text. Failure INTERNAL if it does not open to the same text. */
export function sealUnpacked({ addon, keys, config }: Sealer, json: Uint8Array): SealedFile {
  const payload = config.version === 1 ? json : Buffer.concat([Buffer.of(compressedMarker), addon.compress(json, compressionLevel)]);
  const bytes = keys.seal(payload);
  verify({ addon, keys, config }, bytes, json);
  return { name: addon.sha256(bytes).toString('hex'), bytes };
}

function verify(sealer: Sealer, file: Buffer, json: Uint8Array): void {
  let cause: unknown;
  try {
    if (openUnpacked(sealer, file).equals(json)) return;
  } catch (error) {
    cause = error;
  }
  throw doesNotDecode(cause);
}

export function doesNotDecode(cause: unknown): Failure {
  return new Failure(
    'INTERNAL',
    {
      what: 'A file of the repository did not decode to what was encoded',
      safe: 'It was not stored, and nothing that is stored was changed',
      next: 'Check the memory of this computer, then try again',
    },
    { cause },
  );
}

/** The JSON text in a sealed file. Throws the addon's failures, or an Error for an unknown payload. */
export function openUnpacked({ addon, keys, config }: Sealer, file: Uint8Array): Buffer {
  const payload = keys.open(file);
  const first = payload[0];
  if (first === 0x7b || first === 0x5b || config.version === 1) return payload;
  if (first !== compressedMarker) throw Object.assign(new Error('the encoding of the content is not known'), { code: 'E_FORMAT' });
  return addon.decompress(payload.subarray(1), maximumText);
}

/** Whether the file itself is to blame; memory that ran out, or keys that were wiped meanwhile, is no damage. */
export function isUndecodable(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && ['E_MAC', 'E_FORMAT', 'E_LIMIT'].includes(String(error.code));
}
