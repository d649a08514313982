/**
 * Trees as the texts of their nodes: for changing one node of a folder without touching a byte of the others.
 *
 * Vocabulary: a node's *text* is its JSON as it is stored, in latin-1, one character a byte.
 *
 * Invariant: what is not changed stays as it is stored, unknown members, time zones and all: decoding and encoding would
 * lose them, and give a folder another id than restic gives it.
 */
import { Failure } from '../../shared/errors.ts';
import { damaged } from '../repository/damage.ts';
import { JsonError, JsonScanner } from '../repository/json-scanner.ts';
import { decodeTree, encodeNode, type RefusedNode, type TreeNode } from '../repository/tree.ts';

/** A node with its text, or one that cannot be used (tree-decoder.ts). */
export type TextNode = { readonly text: string; readonly node: TreeNode } | { readonly text: string; readonly refused: RefusedNode };

/** The nodes of a tree blob in stored order. Failure DAMAGED for what is no tree. */
export function readTextNodes(blob: Buffer): TextNode[] {
  const tree = decodeTree(blob);
  const texts = nodeTexts(blob);
  if (tree.refused.length === 0 && tree.nodes.length === texts.length) return tree.nodes.map((node, i) => ({ text: texts[i] ?? '', node }));
  return texts.map((text) => {
    const { nodes, refused } = decodeTree(treeOfTexts([text]));
    const [node] = nodes;
    const [fault] = refused;
    if (node !== undefined) return { text, node };
    if (fault !== undefined) return { text, refused: fault };
    throw damaged('A folder holds something that is no entry');
  });
}

function nodeTexts(blob: Buffer): string[] {
  const scanner = new JsonScanner(blob);
  let texts: string[] = [];
  try {
    scanner.skipSpace();
    scanner.object((key) => {
      if (key !== 'nodes') {
        scanner.skipValue();
        return;
      }
      texts = [];
      scanner.array(() => void texts.push(scanner.skipValue()));
    });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new Failure('DAMAGED', { what: `A folder is no JSON: ${error.message}` }, { cause: error });
  }
  return texts;
}

/** The blob of a tree with these nodes, which are in order. */
export function treeOfTexts(texts: readonly string[]): Buffer {
  return Buffer.from(`{"nodes":[${texts.join(',')}]}\n`, 'latin1');
}

/** The text of a folder's node with another subtree. */
export function withSubtree({ text, node }: { readonly text: string; readonly node: TreeNode }, subtree: Buffer): string {
  if (node.subtree !== null) {
    const old = `"subtree":"${node.subtree.toString('hex')}"`;
    const at = text.lastIndexOf(old);
    if (at >= 0) return `${text.slice(0, at)}"subtree":"${subtree.toString('hex')}"${text.slice(at + old.length)}`;
  }
  return encodedLike(text, { ...node, subtree });
}

const timeMembers = ['mtime', 'atime', 'ctime'] as const;

/** The canonical text of a changed node, with the times spelled as in its old text. */
export function encodedLike(oldText: string, node: TreeNode): string {
  let text = encodeNode(node).toString('latin1');
  for (const member of timeMembers) {
    const time = new RegExp(`"${member}":"[^"\\\\]*"`);
    const old = time.exec(oldText)?.[0];
    if (old !== undefined) text = text.replace(time, () => old);
  }
  return text;
}
