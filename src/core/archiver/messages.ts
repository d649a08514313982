/**
 * Why one file is missing from a snapshot, in words: codes of the system and of the engine become a sentence.
 */
import { Failure } from '../../shared/errors.ts';

const sentences: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'it vanished before it could be read',
  ENOTDIR: 'it is no longer a folder',
  ELOOP: 'it was replaced by a link while the backup ran',
  EIO: 'the device reported a read error',
  ENODEV: 'the device is gone',
  ESTALE: 'the network folder is no longer there',
  ETXTBSY: 'it is locked by a running program',
  EBUSY: 'it is locked by another program',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open on this system',
  E_CHANGED: 'it changed while it was read',
};

/** `code` is an errno name or one of the engine; `message` is what came with it. */
export function errorMessage(code: string, message: string): string {
  const sentence = sentences[code];
  if (sentence === undefined) return message === '' ? code : message;
  return `${sentence} (${code})`;
}

/** The code and text of a rejection by the system or the addon; anything else is a defect and is thrown on. */
export function errorOf(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof Error && !(error instanceof Failure) && 'code' in error && typeof error.code === 'string' && !(error instanceof TypeError)) return { code: error.code, message: error.message };
  throw error;
}
