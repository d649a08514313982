/** Whether a stored object has the bytes that a refused upload wanted to store; constant memory. */
import { createHash } from 'node:crypto';
import { isInMemory } from './object-body.ts';
import type { ObjectBody, ObjectHandle } from './object-store.ts';

/** A consumed stream cannot be compared; its object is then judged by its name, which is the hash of the right bytes. */
export async function sameContent(body: ObjectBody, handle: ObjectHandle, open: () => Promise<{ readonly body: AsyncIterable<Buffer> }>): Promise<boolean> {
  let wanted = handle.name;
  if (isInMemory(body)) {
    wanted = createHash('sha256').update(body).digest('hex');
    if (handle.type !== 'config' && wanted !== handle.name) return false;
  } else if (handle.type === 'config') {
    return false;
  }
  const hash = createHash('sha256');
  for await (const piece of (await open()).body) hash.update(piece);
  return hash.digest('hex') === wanted;
}
