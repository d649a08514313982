import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../shared/errors.ts';
import { plainNode } from './plain-node.ts';
import { decodeTree, encodeTree, nodeTypes, type TreeNode } from './tree.ts';

const subtree = Buffer.from('824cfc2517f199a1bbd306e8007c7108d5a446ea2dc6460e923ed955c146c1a2', 'hex');
const epoch = '"mtime":"1970-01-01T00:00:00Z","atime":"1970-01-01T00:00:00Z","ctime":"1970-01-01T00:00:00Z"';

describe('encoding trees (specification 11)', () => {
  it('writes the empty folder', () => {
    expect(encodeTree([]).toString()).toBe('{"nodes":[]}\n');
    expect(decodeTree(encodeTree([])).nodes).toEqual([]);
  });

  it('writes the root of the repository of section 21.2', () => {
    const time = 1_704_164_645_500_000_000n;
    const dir = plainNode('dir', { type: 'dir', mode: 2147484141, mtime: time, atime: time, ctime: time, user: 'root', group: 'root', inode: 1n, deviceId: 1n, subtree });
    expect(encodeTree([dir]).toString()).toBe(
      '{"nodes":[{"name":"dir","type":"dir","mode":2147484141,"mtime":"2024-01-02T03:04:05.5Z","atime":"2024-01-02T03:04:05.5Z","ctime":"2024-01-02T03:04:05.5Z","uid":0,"gid":0,"user":"root","group":"root","inode":1,"device_id":1,"content":null,"subtree":"824cfc2517f199a1bbd306e8007c7108d5a446ea2dc6460e923ed955c146c1a2"}]}\n',
    );
  });

  it('writes every member in its place', () => {
    const all = plainNode('x', {
      type: 'symlink',
      mode: 134218239,
      uid: 1,
      gid: 2,
      user: 'u<',
      group: 'g',
      inode: 2n ** 64n - 1n,
      deviceId: 4n,
      size: 5n,
      links: 6n,
      linkTarget: Buffer.from([0x61, 0xff]),
      xattrs: [
        { name: Buffer.from('user.z'), value: Buffer.from([0, 255]) },
        { name: Buffer.from('user.a'), value: Buffer.alloc(0) },
      ],
      genericAttributes: '{"windows.file_attributes":32}',
      device: 305839173n,
      content: Buffer.concat([subtree, subtree]),
      subtree,
    });
    const id = subtree.toString('hex');
    expect(encodeTree([all]).toString()).toBe(
      `{"nodes":[{"name":"x","type":"symlink","mode":134218239,${epoch},"uid":1,"gid":2,"user":"u\\u003c","group":"g","inode":18446744073709551615,"device_id":4,"size":5,"links":6,"linktarget":"a\\ufffd","linktarget_raw":"Yf8=","extended_attributes":[{"name":"user.z","value":"AP8="},{"name":"user.a","value":""}],"generic_attributes":{"windows.file_attributes":32},"device":305839173,"content":["${id}","${id}"],"subtree":"${id}"}]}\n`,
    );
    expect(decodeTree(encodeTree([all])).nodes).toEqual([all]);
  });

  it('quotes names twice', () => {
    const names = ['a"b', 'a<b', Buffer.from([0xe9]), 'a\nb'].map((name) => /"name":(".*?(?<!\\)"),"type"/.exec(encodeTree([plainNode(name)]).toString())?.[1]);
    expect(names).toEqual(['"a\\\\\\"b"', '"a\\u003cb"', '"\\\\xe9"', '"a\\\\nb"']);
  });

  it('sorts by raw bytes, shorter names first, without touching the argument', () => {
    const names = ['b', 'ab', 'a', '\u{10000}', '\uffff', 'Z', Buffer.from([0xff]), 'a.'].map((name) => plainNode(name));
    const sorted = [...names].sort((a, b) => Buffer.compare(a.name, b.name));
    const before = [...names];
    expect(decodeTree(encodeTree(names)).nodes.map(({ name }) => name)).toEqual(sorted.map(({ name }) => name));
    expect(names).toEqual(before);
  });

  it.each(['', '.', '..', 'a/b', 'a\0'])('refuses to write the name %j', (name) => {
    expect(() => encodeTree([plainNode(name)])).toThrow('not a name');
  });

  it('refuses to write a name twice', () => {
    expect(() => encodeTree([plainNode('b'), plainNode('a'), plainNode('b')])).toThrow('two nodes of the same name');
    expect(() => encodeTree([plainNode('b'), plainNode('b')])).toThrow('two nodes of the same name');
  });
});

describe('decoding trees', () => {
  const decode = (text: string | Buffer): TreeNode[] => decodeTree(Buffer.from(text as string)).nodes;
  const file = (members: string): string => `{"nodes":[{"name":"a","type":"file",${epoch},${members}}]}\n`;

  it('reads the least that a file needs', () => {
    expect(decode('{"nodes":[{"name":"a","type":"file","content":[]}]}')).toEqual([plainNode('a', { content: Buffer.alloc(0) })]);
  });

  it('does not mind white space, order, unknown members or null', () => {
    const text = ` {"later": [1, {"a": "]}"}, null, -1.5e3, true, false, {}, []] ,\n"nodes" : [ { "subtree":null , "new":{"x":["\\"}"]}, "type" : "file", "size" : 18446744073709551615,\t"name":"\\u0061\\u005c\\"" , "user":null,"content":[ ] } ] , "more":"x" } \n`;
    expect(decode(text)).toEqual([plainNode('a"', { content: Buffer.alloc(0), size: 2n ** 64n - 1n })]);
  });

  it.each([0n, 1n, 999_999_999_999_999n, 1_000_000_000_000_000n, 2n ** 53n - 1n, 2n ** 53n + 1n, 2n ** 63n + 1n, 2n ** 64n - 1n])('is exact for %s', (value) => {
    const [read] = decode(file(`"inode":${value},"device_id":${value},"size":${value},"links":${value},"device":${value},"content":null`));
    expect([read?.inode, read?.deviceId, read?.size, read?.links, read?.device]).toEqual([value, value, value, value, value]);
  });

  it.each([
    ['empty input', ''],
    ['no object', '[]'],
    ['no nodes', '{}'],
    ['null nodes', '{"nodes":null}'],
    ['text after the end', '{"nodes":[]}x'],
    ['half an object', '{"nodes":[{"name":"a","type":"file"'],
    ['half a string', '{"nodes":[{"name":"a'],
    ['half an escape', '{"nodes":[{"name":"a\\'],
    ['a comma too many', '{"nodes":[{"name":"a","type":"file","content":[],}]}'],
    ['no comma', '{"nodes":[{"name":"a" "type":"file"}]}'],
    ['a raw line break in a string', '{"nodes":[{"name":"a\nb","type":"file"}]}'],
    ['a raw control character', '{"nodes":[{"name":"a\u0001b","type":"file"}]}'],
    ['a wrong escape', '{"nodes":[{"name":"\\x41","type":"file"}]}'],
    ['a negative size', file('"size":-1')],
    ['a fraction', file('"size":1.0')],
    ['an exponent', file('"size":1e3')],
    ['a leading zero', file('"size":01')],
    ['a size of 65 bits', file('"size":18446744073709551616')],
    ['a size of many digits', file(`"size":${'9'.repeat(400)}`)],
    ['a uid of 33 bits', file('"uid":4294967296')],
    ['a number as text', file('"size":"1"')],
    ['a short id', file('"content":["824cfc"]')],
    ['an id with a wrong digit', file(`"content":["${'g'.repeat(64)}"]`)],
    ['a wrong subtree', file('"subtree":"x"')],
    ['wrong base64', file('"linktarget_raw":"*"')],
    ['a wrong time', '{"nodes":[{"name":"a","type":"file","mtime":"yesterday"}]}'],
    ['attributes that are no list', file('"extended_attributes":{}')],
    ['generic attributes that are no object', file('"generic_attributes":[]')],
    ['deep nesting', `{"x":${'['.repeat(5000)}`],
  ])('refuses %s as damaged', (_, text) => {
    let thrown: unknown;
    try {
      decode(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Failure);
    expect((thrown as Failure).code).toBe('DAMAGED');
  });

  it('takes invalid bytes for replacement characters, as Go does', () => {
    const text = Buffer.concat([Buffer.from('{"nodes":[{"name":"a","type":"file","user":"'), Buffer.from([0xff, 0x61]), Buffer.from('","content":[]}]}')]);
    expect(decode(text)[0]?.user).toBe('\ufffda');
  });

  it('keeps the order and repetition that is stored', () => {
    const text = '{"nodes":[{"name":"b","type":"file"},{"name":"a","type":"file"},{"name":"b","type":"dir"}]}';
    expect(decode(text).map(({ name }) => name.toString())).toEqual(['b', 'a', 'b']);
  });

  it('prefers the raw target of a link, wherever it stands', () => {
    const target = '"linktarget":"a\\ufffd"';
    const raw = '"linktarget_raw":"Yf8="';
    for (const members of [`${target},${raw}`, `${raw},${target}`]) expect(decode(file(members))[0]?.linkTarget).toEqual(Buffer.from([0x61, 0xff]));
  });

  it('never throws anything but Failure DAMAGED, for any damage to a valid tree', () => {
    const valid = encodeTree([plainNode('a', { content: subtree, user: 'ü' }), plainNode(Buffer.from([0xff]), { linkTarget: Buffer.from('t') }), plainNode('dir', { type: 'dir', subtree })]);
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.nat(255), fc.nat(3), (position, byte, cut) => {
        const damagedTree = Buffer.from(valid);
        damagedTree[position] = byte;
        const input = cut === 0 ? damagedTree.subarray(0, position) : damagedTree;
        try {
          for (const { name } of decodeTree(input).nodes) expect(name.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
          expect((error as Failure).code).toBe('DAMAGED');
        }
      }),
      { seed: 5, numRuns: 3000 },
    );
  });
});

describe('any tree', () => {
  const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const instant = fc.bigInt({ min: -62_167_219_200n * 1_000_000_000n, max: 253_402_300_799n * 1_000_000_000n });
  const bytes = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 12 }).map((raw) => Buffer.from(raw)), fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }).map((text) => Buffer.from(text, 'utf8')));
  const name = bytes.filter((raw) => !raw.includes(0x2f) && !raw.includes(0) && raw.toString() !== '.' && raw.toString() !== '..');
  const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((raw) => Buffer.from(raw));
  const content = fc.array(id, { maxLength: 3 }).map((ids) => Buffer.concat(ids));
  const text = fc.string({ unit: 'grapheme', maxLength: 6 }).map((value) => value.toWellFormed());
  const nodes = fc.uniqueArray(
    fc.record({
      name,
      type: fc.constantFrom(...nodeTypes),
      mode: uint32,
      mtime: instant,
      atime: instant,
      ctime: instant,
      uid: uint32,
      gid: uint32,
      user: text,
      group: text,
      inode: uint64,
      deviceId: uint64,
      size: uint64,
      links: uint64,
      xattrs: fc.array(fc.record({ name: text.map((value) => Buffer.from(value, 'utf8')), value: fc.uint8Array({ maxLength: 5 }).map((raw) => Buffer.from(raw)) }), { maxLength: 2 }),
      device: uint64,
      content: fc.option(content),
      subtree: fc.option(id),
    }),
    { selector: (made) => made.name.toString('latin1'), maxLength: 5 },
  );

  it('is read back as it was written, in the order of raw names', () => {
    fc.assert(
      fc.property(nodes, fc.option(bytes), (made, linkTarget) => {
        const given: TreeNode[] = made.map((members) => (linkTarget === null ? members : { ...members, linkTarget }));
        const encoded = encodeTree(given);
        const { nodes: read } = decodeTree(encoded);
        expect(read).toEqual([...given].sort((a, b) => Buffer.compare(a.name, b.name)));
        expect(encodeTree(read)).toEqual(encoded);
        expect(() => JSON.parse(encoded.toString('utf8')) as unknown).not.toThrow();
      }),
      { seed: 6, numRuns: 300 },
    );
  });
});
