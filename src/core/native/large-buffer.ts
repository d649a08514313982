/**
 * Buffers of megabytes that are filled again and again, in large pages where the system has them.
 *
 * Fresh memory is paid page by page, on a virtual machine twice. In a restore of text that was nearly a third of its time.
 */
import type { Addon } from './addon.ts';

/** Of x86-64, and of ARM with small pages of 4 KiB. */
const largePage = 2 * 1024 * 1024;

/** `size` bytes that hold anything. Only what is touched takes memory; the buffer around it is longer, for alignment. */
export function largeBuffer(addon: Pick<Addon, 'preferLargePages'>, size: number): Buffer {
  if (size < largePage) return Buffer.allocUnsafeSlow(size);
  const around = Buffer.allocUnsafeSlow(size + largePage);
  const start = addon.preferLargePages(around, size);
  return around.subarray(start, start + size);
}
