import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { largeBuffer } from './large-buffer.ts';
import { loadAddon } from './load-addon.ts';

const mebibyte = 1024 * 1024;
const addon = loadAddon();

it.each([0, 1, mebibyte, 2 * mebibyte, 8 * mebibyte + 64 * 1024])('gives %d bytes that can be written from end to end', (size) => {
  const buffer = largeBuffer(addon, size);
  expect(buffer.length).toBe(size);
  buffer.fill(0xa5);
  expect(buffer.every((byte) => byte === 0xa5)).toBe(true);
});

it('begins at a large page, and asks for no more of them than fit', () => {
  const around = Buffer.allocUnsafeSlow(10 * mebibyte);
  const start = addon.preferLargePages(around, 8 * mebibyte);
  expect(start).toBeLessThan(2 * mebibyte);
  expect(addon.preferLargePages(around.subarray(start), 6 * mebibyte)).toBe(0);
});

it('leaves memory alone that is too small to be aligned', () => {
  const around = Buffer.allocUnsafeSlow(10 * mebibyte);
  const start = addon.preferLargePages(around, 8 * mebibyte);
  expect(addon.preferLargePages(around.subarray(start + 1), 10 * mebibyte - start - 1)).toBe(0);
  expect(() => addon.preferLargePages(around, -1)).toThrow('size');
});

const hasLargePages = existsSync('/sys/kernel/mm/transparent_hugepage');

/** KiB of this process's memory that large pages were asked for; neighbours may be one entry. */
function advised(): number {
  const entries = readFileSync('/proc/self/smaps', 'latin1').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  const sizes = entries.filter((entry) => /^VmFlags:.* hg( |$)/m.test(entry)).map((entry) => Number(/^Size: +(\d+)/m.exec(entry)?.[1]));
  return sizes.reduce((sum, size) => sum + size, 0);
}

it.runIf(hasLargePages)('has the advice recorded by the system', () => {
  const before = advised();
  const buffer = largeBuffer(addon, 64 * mebibyte);
  expect(advised()).toBeGreaterThan(before);
  expect(buffer.length).toBe(64 * mebibyte);
});
