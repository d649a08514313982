import { describe, expect, it } from 'vitest';
import { plainNode } from '../repository/plain-node.ts';
import { encodeNode, encodeTree } from '../repository/tree.ts';
import { encodedLike, readTextNodes, treeOfTexts, withSubtree, type TextNode } from './tree-texts.ts';

const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];

function textOf(node: Parameters<typeof encodeNode>[0]): string {
  return encodeNode(node).toString('latin1');
}

/** The only node of a tree, which is not refused. */
function only(blob: Buffer): Extract<TextNode, { node: unknown }> {
  const [entry] = readTextNodes(blob);
  if (entry === undefined || !('node' in entry)) throw new Error('no usable node');
  return entry;
}

describe('texts of a tree', () => {
  it('come out as they went in, whatever is in them', () => {
    const zoned = textOf(plainNode('a "quoted" ü')).replace(/"mtime":"[^"]*"/, '"mtime":"2024-01-02T03:04:05+05:30"').replace(/}$/, ',"unknown":{"x":[1,"}"]}}');
    const blob = treeOfTexts([zoned, textOf(plainNode(Buffer.from([0xff])))]);
    const nodes = readTextNodes(blob);
    expect(treeOfTexts(nodes.map(({ text }) => text)).equals(blob)).toBe(true);
    expect(nodes.map((entry) => ('node' in entry ? entry.node.name : undefined))).toEqual([Buffer.from('a "quoted" ü'), Buffer.from([0xff])]);
    expect(treeOfTexts([]).equals(encodeTree([]))).toBe(true);
  });

  it('keep nodes that cannot be used beside those that can', () => {
    const odd = textOf(plainNode('b')).replace('"type":"file"', '"type":"irregular"');
    const nodes = readTextNodes(treeOfTexts([textOf(plainNode('a')), odd, textOf(plainNode('c'))]));
    expect(nodes.map((entry) => ('node' in entry ? entry.node.name.toString() : entry.refused.nameText))).toEqual(['a', 'b', 'c']);
    expect(nodes[1]?.text).toBe(odd);
  });

  it('change in one place alone', () => {
    const folder = plainNode(`"subtree":"${first.toString('hex')}"`, { type: 'dir', subtree: first });
    const entry = only(encodeTree([folder]));
    expect(withSubtree(entry, second)).toBe(textOf({ ...folder, subtree: second }));
    const bare = plainNode('f', { type: 'dir' });
    expect(withSubtree(only(encodeTree([bare])), second)).toBe(textOf({ ...bare, subtree: second }));
  });

  it('keep the spelling of times where a node is written anew', () => {
    const node = plainNode('f', { size: 5n, content: first });
    const zoned = textOf(node).replace(/"mtime":"[^"]*"/, '"mtime":"1969-12-31T19:00:00-05:00"');
    const entry = only(treeOfTexts([zoned]));
    expect(encodedLike(entry.text, { ...entry.node, size: 0n, content: Buffer.alloc(0) })).toBe(zoned.replace(',"size":5', '').replace(`["${first.toString('hex')}"]`, '[]'));
  });

  it('are none where the blob is no tree', () => {
    for (const text of ['', '{}', '{"nodes":7}', '{"nodes":[{"name":1}]}', '{"nodes":[]}x']) expect(() => readTextNodes(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'DAMAGED' }));
  });
});
