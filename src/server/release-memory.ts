/**
 * Gives the memory of a large buffer back at once instead of at some later collection of garbage.
 *
 * A transfer makes one buffer for each 64 KiB received, or MiB sent. Left to the collector they pile up to a hundred MiB and
 * every new one touches fresh pages. The buffer must have no other user: afterwards it is empty.
 */
export function releaseMemory(buffer: Buffer): void {
  const memory = buffer.buffer;
  // A buffer that shares its memory with others (Node's pool for small ones) stays.
  if (memory instanceof ArrayBuffer && buffer.byteLength === memory.byteLength && !memory.detached) memory.transfer(0);
}
