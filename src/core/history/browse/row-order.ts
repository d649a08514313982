/**
 * The rows of a folder in order, as positions in its outline.
 *
 * Invariant: what is equal stays as the tree has it, which is by name; numbers are sorted digit by digit, since a hundred
 * thousand rows make more than a million comparisons.
 */
import type { TreeOutline } from '../../repository/tree-outline.ts';

export const folderOrders = ['name', 'size', 'time'] as const;
export type FolderOrder = (typeof folderOrders)[number];

export interface RowOrder {
  readonly order: FolderOrder;
  readonly descending: boolean;
  /** Folders before everything else. */
  readonly foldersFirst: boolean;
}

const digitBits = 16;
const digits = 1 << digitBits;

export function orderedRows(outline: TreeOutline, { order, descending, foldersFirst }: RowOrder): Uint32Array {
  const rows = order === 'name' ? rowsByName(outline, descending) : rowsByNumber(numbersOf(outline, order), descending);
  return foldersFirst ? partitioned(rows, (row) => outline.isFolder(row)) : rows;
}

function rowsByName(outline: TreeOutline, descending: boolean): Uint32Array {
  const rows = allRows(outline.length);
  if (outline.isAscending()) return descending ? rows.reverse() : rows;
  const keys = Array.from(rows, (row) => outline.key(row));
  const sign = descending ? -1 : 1;
  return rows.sort((a, b) => sign * compare(keys[a] ?? '', keys[b] ?? '') || a - b);
}

function allRows(count: number): Uint32Array<ArrayBuffer> {
  const rows = new Uint32Array(count);
  for (let row = 0; row < count; row += 1) rows[row] = row;
  return rows;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Numbers of 64 bits without a sign that sort as sizes or times do, the low half of each first. */
function numbersOf(outline: TreeOutline, order: 'size' | 'time'): Uint32Array {
  const halves = new Uint32Array(outline.length * 2);
  for (let row = 0; row < outline.length; row += 1) {
    if (order === 'size') {
      const size = outline.size(row);
      halves[row * 2] = size >>> 0;
      halves[row * 2 + 1] = size / 2 ** 32;
    } else {
      const time = outline.mtime(row);
      halves[row * 2] = Number(BigInt.asUintN(32, time));
      // The other way round for the sign: what is negative comes first.
      halves[row * 2 + 1] = Number(BigInt.asUintN(32, time >> 32n)) ^ 0x8000_0000;
    }
  }
  return halves;
}

/** By one digit after the other, the least significant first; each pass keeps the order of the one before. */
function rowsByNumber(halves: Uint32Array, descending: boolean): Uint32Array {
  const count = halves.length / 2;
  // Low digits first, as on every processor that we build for.
  const words = new Uint16Array(halves.buffer);
  const perNumber = 4;
  const flip = descending ? digits - 1 : 0;
  let rows = allRows(count);
  let next = new Uint32Array(count);
  for (let digit = 0; digit < perNumber; digit += 1) {
    const digitOf = (row: number): number => (words[row * perNumber + digit] ?? 0) ^ flip;
    const places = new Uint32Array(digits + 1);
    for (let row = 0; row < count; row += 1) places[digitOf(row) + 1] = (places[digitOf(row) + 1] ?? 0) + 1;
    if (places.includes(count)) continue;
    for (let value = 1; value <= digits; value += 1) places[value] = (places[value] ?? 0) + (places[value - 1] ?? 0);
    for (const row of rows) {
      const value = digitOf(row);
      const place = places[value] ?? 0;
      next[place] = row;
      places[value] = place + 1;
    }
    [rows, next] = [next, rows];
  }
  return rows;
}

function partitioned(rows: Uint32Array, isFirst: (row: number) => boolean): Uint32Array {
  const parted = new Uint32Array(rows.length);
  let at = 0;
  for (const row of rows) if (isFirst(row)) parted[at++] = row;
  for (const row of rows) if (!isFirst(row)) parted[at++] = row;
  return parted;
}
