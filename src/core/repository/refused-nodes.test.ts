import { describe, expect, it } from 'vitest';
import { decodeTree } from './tree.ts';

const decode = (...nodes: readonly string[]): ReturnType<typeof decodeTree> => decodeTree(Buffer.from(`{"nodes":[${nodes.join(',')}]}\n`));
const file = (name: string): string => `{"name":"${name}","type":"file","content":[]}`;
const names = ({ nodes }: ReturnType<typeof decodeTree>): string[] => nodes.map(({ name }) => name.toString());

describe('a node that nothing may be done with costs only itself', () => {
  it.each([
    ['no name', '{"type":"file","content":[]}', '', 'its name is empty'],
    ['a null name', '{"name":null,"type":"file"}', '', 'its name is empty'],
    ['an empty name', file(''), '', 'its name is empty'],
    ['dot', file('.'), '.', 'its name leads out of its folder'],
    ['dot dot', '{"name":"..","type":"dir"}', '..', 'its name leads out of its folder'],
    ['quoted dot dot', file('\\\\x2e\\\\x2e'), '\\x2e\\x2e', 'its name leads out of its folder'],
    ['escaped dot dot', file('\\u002e.'), '..', 'its name leads out of its folder'],
    ['slash', file('a/b'), 'a/b', 'its name holds a slash'],
    ['quoted slash', file('a\\\\x2fb'), 'a\\x2fb', 'its name holds a slash'],
    ['escaped slash', file('a\\/b'), 'a/b', 'its name holds a slash'],
    ['quoted NUL', file('a\\\\x00'), 'a\\x00', 'its name holds a NUL byte'],
    ['escaped NUL', file('a\\u0000'), 'a\0', 'its name holds a NUL byte'],
    ['a name that does not unquote', file('a\\\\q'), 'a\\q', 'its name cannot be read'],
    ['no type', '{"name":"a","content":[]}', 'a', 'it has no type'],
    ['the empty type of old restics', '{"name":"a","type":"","content":null}', 'a', 'it has no type'],
    ['irregular', '{"name":"a","type":"irregular","content":null}', 'a', 'its type "irregular" is not known'],
    ['a type of later days', '{"name":"a","type":"door","hinges":["left",{"of":2}],"mode":1}', 'a', 'its type "door" is not known'],
    ['a type of the prototype', '{"type":"constructor","name":"a"}', 'a', 'its type "constructor" is not known'],
    ['both', '{"name":"..","type":"door"}', '..', 'its name leads out of its folder'],
    ['a name that comes twice, once good', '{"name":"..","type":"file","name":"a"}', 'a', 'its name leads out of its folder'],
  ])('%s', (_, node, nameText, fault) => {
    const tree = decode(file('before'), node, file('after'));
    expect(names(tree)).toEqual(['before', 'after']);
    expect(tree.refused).toEqual([{ nameText, fault }]);
    expect(decode(node)).toEqual({ nodes: [], refused: [{ nameText, fault }] });
  });

  it('whatever else it says must still be a node', () => {
    for (const member of ['"size":-1', '"subtree":"x"', '"content":[7]', '"mtime":"yesterday"', '"user":7']) {
      expect(() => decode(file('a'), `{"name":"..","type":"door",${member}}`)).toThrow('damaged');
    }
  });

  it('of the members "nodes" the last one counts, as in Go', () => {
    expect(decodeTree(Buffer.from(`{"nodes":[${file('..')}],"nodes":[${file('a')}]}`))).toMatchObject({ nodes: [{ name: Buffer.from('a') }], refused: [] });
  });
});
