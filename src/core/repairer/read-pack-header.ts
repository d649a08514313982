/** The header of a pack, read without the rest of it (specification section 7). */
import type { Repository } from '../repository/repository.ts';
import { StorageError } from '../storage/object-store.ts';

/** Holds the headers of nearly all packs; a longer one is read with a second request. */
const usualTail = 64 * 1024;
const largestHeader = 16 * 1024 * 1024;

/** The pack's record list, or why it cannot be read. */
export async function readPackHeader(repository: Repository, { name, size }: { readonly name: string; readonly size: number }, signal?: AbortSignal): Promise<Buffer | string> {
  const tail = async (length: number): Promise<Buffer> => repository.store.get({ type: 'data', name }, { offset: size - length, length }, signal);
  try {
    let bytes = await tail(Math.min(size, usualTail));
    const needed = bytes.length < 4 ? 0 : bytes.readUInt32LE(bytes.length - 4) + 4;
    if (needed > bytes.length && needed <= Math.min(size, largestHeader)) bytes = await tail(needed);
    return repository.addon.readPackHeader(repository.keys, bytes, size);
  } catch (error) {
    if (error instanceof StorageError && !['not-found', 'range'].includes(error.kind)) throw error;
    if (!(error instanceof StorageError) && !isUnreadable(error)) throw error;
    return error.message;
  }
}

function isUnreadable(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && ['E_FORMAT', 'E_MAC', 'E_LIMIT'].includes(error.code);
}
