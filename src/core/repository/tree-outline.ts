/**
 * A tree blob without its details: for whoever compares, sorts, pages or sums folders and looks at few nodes closely.
 *
 * Vocabulary: a *row* is what the native side tells of one node, by position in stored order. A node's *key* is its name
 * as latin1 text, which sorts as the raw bytes do.
 *
 * Invariant: whatever leaves here as a `TreeNode` was decoded by the one decoder of trees, which refuses what it must.
 */
import { Failure } from '../../shared/errors.ts';
import type { Addon } from '../native/addon.ts';
import { damaged } from './damage.ts';
import { textOfRaw } from './json-scanner.ts';
import { unquoteName } from './node-name.ts';
import { parseTime } from './times.ts';
import { decodeTree, type NodeType, type RefusedNode, type TreeNode } from './tree.ts';

const rowWords = 10;
/** By the numbers of the native side; the first stands for a type that is not known. */
const types: readonly (NodeType | undefined)[] = [undefined, 'file', 'dir', 'symlink', 'dev', 'chardev', 'fifo', 'socket'];
const folderKind = 2;
const backslash = 0x5c;
const opening = Buffer.from('{"nodes":[');
const closing = Buffer.from(']}');

export class TreeOutline {
  readonly blob: Buffer;
  readonly length: number;
  readonly #rows: Uint32Array;

  /** Failure DAMAGED for a blob that is no tree; `id` names it there. */
  constructor(addon: Pick<Addon, 'outlineTree'>, id: Buffer, blob: Buffer) {
    this.blob = blob;
    try {
      const rows = addon.outlineTree(blob);
      // A buffer of the pool need not begin at a multiple of four.
      const aligned = rows.byteOffset % Uint32Array.BYTES_PER_ELEMENT === 0 ? rows : Buffer.from(new Uint8Array(rows).buffer);
      this.#rows = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / Uint32Array.BYTES_PER_ELEMENT);
    } catch (error) {
      throw damaged(`Tree ${id.toString('hex')} is damaged: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
    this.length = this.#rows.length / rowWords;
  }

  #word(row: number, word: number): number {
    return this.#rows[row * rowWords + word] ?? 0;
  }

  type(row: number): NodeType | undefined {
    return types[this.#word(row, 7)];
  }

  isFolder(row: number): boolean {
    return this.#word(row, 7) === folderKind;
  }

  /** Bytes; beyond 2^53 rounded. */
  size(row: number): number {
    return this.#word(row, 9) * 2 ** 32 + this.#word(row, 8);
  }

  mtime(row: number): bigint {
    const start = this.#word(row, 4);
    return parseTime(this.blob.toString('latin1', start, start + this.#word(row, 5))) ?? 0n;
  }

  /** Undefined for a folder without a tree, and for everything else. */
  subtree(row: number): Buffer | undefined {
    const start = this.#word(row, 6);
    return start === 0 || !this.isFolder(row) ? undefined : Buffer.from(this.blob.toString('latin1', start, start + 64), 'hex');
  }

  key(row: number): string {
    const start = this.#word(row, 2);
    const raw = this.blob.toString('latin1', start, start + this.#word(row, 3));
    // A name that cannot be read keeps its text: it is shown, and refused when it is decoded.
    return raw.includes('\\') ? (unquoteName(textOfRaw(raw))?.toString('latin1') ?? raw) : raw;
  }

  name(row: number): Buffer {
    return Buffer.from(this.key(row), 'latin1');
  }

  /** Whether each key is greater than the one before. */
  isAscending(): boolean {
    for (let row = 1; row < this.length; row += 1) if (!this.#followsLast(row)) return false;
    return true;
  }

  #followsLast(row: number): boolean {
    const before = this.#word(row - 1, 2);
    const lengthBefore = this.#word(row - 1, 3);
    const start = this.#word(row, 2);
    const length = this.#word(row, 3);
    for (let at = 0; at < lengthBefore && at < length; at += 1) {
      const a = this.blob[before + at];
      const b = this.blob[start + at];
      if (a === backslash || b === backslash) return this.key(row - 1) < this.key(row);
      if (a !== b) return (a ?? 0) < (b ?? 0);
    }
    return lengthBefore < length;
  }

  /** The same text, which is the same node in every respect. */
  sameText(row: number, other: TreeOutline, otherRow: number): boolean {
    const length = this.#word(row, 1);
    if (length !== other.#word(otherRow, 1)) return false;
    const start = this.#word(row, 0);
    const otherStart = other.#word(otherRow, 0);
    return this.blob.compare(other.blob, otherStart, otherStart + length, start, start + length) === 0;
  }

  /** The node, or why nothing may be done with it. */
  node(row: number): TreeNode | RefusedNode {
    const start = this.#word(row, 0);
    const { nodes, refused } = decodeTree(Buffer.concat([opening, this.blob.subarray(start, start + this.#word(row, 1)), closing]));
    const found = nodes[0] ?? refused[0];
    if (found === undefined) throw new Failure('INTERNAL', { what: 'A node of a tree was neither decoded nor refused' });
    return found;
  }

  /** All rows by key; of a name that is repeated the last one counts, as in restic. */
  sorted(): { readonly keys: readonly string[]; readonly rows: readonly number[] } {
    const keys: string[] = [];
    const rows: number[] = [];
    let ascending = true;
    for (let row = 0; row < this.length; row += 1) {
      const key = this.key(row);
      if (row > 0 && (keys[row - 1] as string) >= key) ascending = false;
      keys.push(key);
      rows.push(row);
    }
    if (ascending) return { keys, rows };
    const last = new Map(keys.map((key, row) => [key, row]));
    const sortedKeys = [...last.keys()].sort((a, b) => (a < b ? -1 : 1));
    return { keys: sortedKeys, rows: sortedKeys.map((key) => last.get(key) as number) };
  }
}

export function isRefused(node: TreeNode | RefusedNode): node is RefusedNode {
  return 'fault' in node;
}
