/**
 * The names and subfolders of a tree, read without decoding its nodes: most trees hold nothing that is looked for, and
 * of those no more is needed.
 *
 * Invariant: an answer is that of the decoder (repository/tree-decoder.ts); a tree that is written in any other way than
 * restic and we write it, and one with members that may hold anything, gets no answer and is left to the decoder.
 */

export interface ScannedEntry {
  /** Byte string. */
  readonly name: string;
  /** 64 hex digits; undefined for everything but a folder. */
  readonly subtree: string | undefined;
}

const opening = '{"nodes":[';
const nameKey = '{"name":"';
const typeKey = '","type":"';
/** No string can hold it: a quotation mark in a string stands after a backslash. */
const separator = `},${nameKey}`;
const subtreeKey = ',"subtree":"';
const types = ['file"', 'dir"', 'symlink"', 'dev"', 'chardev"', 'fifo"', 'socket"'] as const;
/** Escapes, line breaks that JSON forbids, and names that the decoder refuses. */
// oxlint-disable-next-line no-control-regex
const unusual = /[\\/\0\t\n\r]|^\.{0,2}$/;

/** In stored order; undefined where only the decoder can tell. `text`: the blob, one character a byte. */
export function scanTree(text: string): ScannedEntry[] | undefined {
  if (!text.startsWith(opening) || text.includes('"extended_attributes":') || text.includes('"generic_attributes":')) return undefined;
  const length = text.endsWith('\n') ? text.length - 1 : text.length;
  if (!text.startsWith(']}', length - 2)) return undefined;
  const entries: ScannedEntry[] = [];
  let at = opening.length;
  if (at === length - 2) return entries;
  for (;;) {
    if (!text.startsWith(nameKey, at)) return undefined;
    const nameAt = at + nameKey.length;
    const typeAt = text.indexOf('"', nameAt);
    const name = text.slice(nameAt, typeAt);
    if (typeAt < 0 || unusual.test(name) || !text.startsWith(typeKey, typeAt)) return undefined;
    const type = types.find((one) => text.startsWith(one, typeAt + typeKey.length));
    if (type === undefined) return undefined;
    const next = text.indexOf(separator, typeAt);
    // The brace that ends the node.
    const end = next < 0 ? length - 3 : next;
    if (text.charCodeAt(end) !== 0x7d) return undefined;
    const subtree = type === 'dir"' ? subtreeBefore(text, end) : '';
    if (subtree === undefined) return undefined;
    entries.push({ name, subtree: subtree === '' ? undefined : subtree });
    if (next < 0) return entries;
    at = next + 2;
  }
}

/** The id that is a node's last member. */
function subtreeBefore(text: string, end: number): string | undefined {
  const from = end - 65;
  const id = text.slice(from, end - 1);
  return text.startsWith(subtreeKey, from - subtreeKey.length) && text.charCodeAt(end - 1) === 0x22 && /^[0-9a-f]{64}$/.test(id) ? id : undefined;
}
