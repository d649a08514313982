/** Known answers of the specification (sections 4, 8, 15 and 21) and of published vectors. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { loadAddon } from './load-addon.ts';
import { sha256 } from './reference/sealing.ts';

const addon = loadAddon();
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

const masterBytes = Buffer.concat([sha256(Buffer.from('enc')), sha256(Buffer.from('mac-k')).subarray(0, 16), sha256(Buffer.from('mac-r')).subarray(0, 16)]);

describe('sealing, section 21.1', () => {
  const master = addon.keySetFromBytes(masterBytes);
  const counting = Buffer.from(Array.from({ length: 64 }, (_, i) => i));
  it.each([
    ['empty', '000102030405060708090a0b0c0d0e0f fc5757d5d4fe829d3d1d75e4ded98714', Buffer.alloc(0)],
    ['hello', '000102030405060708090a0b0c0d0e0f 1997ea1db3 cb151529c480893bd33d0903a8f54eed', Buffer.from('hello')],
    [
      '64 bytes',
      '000102030405060708090a0b0c0d0e0f 71f38472d892078b4df132a9d6db94159995e83fd5098e3206858acdb6815cbef3128b704404fada0652f0f1e5672afa9e8cdbfee07dc301084551aa11a7bb1c beb18cc57671ce37f4b8f7f750eac31e',
      counting,
    ],
    [
      'a counter that wraps',
      'ffffffffffffffffffffffffffffffff 9461827f14330fb378a09ccf2aee31d2ada5e4f4e670cc31683b5b591340daafafa60cd80351704f cbed965ca721ea6e384cf6091591aae7',
      Buffer.alloc(40),
    ],
  ])('opens %s', (_name, sealed, plain) => {
    expect(master.open(hex(sealed)).equals(plain)).toBe(true);
  });

  it('agrees with the published Poly1305-AES vector', () => {
    const keys = addon.keySetFromBytes(Buffer.concat([Buffer.alloc(32, 1), hex('ec074c835580741701425b623235add6'), hex('851fc40c3467ac0be05cc20404f3f700')]));
    const sealed = Buffer.concat([hex('fb447350c4e868c52ac3275cf9d4327e'), hex('f3f6'), hex('f4c633c3044fc145f84f335cb81953de')]);
    expect(keys.open(sealed)).toHaveLength(2);
    for (let i = 0; i < sealed.length; i += 1) {
      const damaged = Buffer.from(sealed);
      damaged.writeUInt8(damaged.readUInt8(i) ^ 0x10, i);
      expect(() => keys.open(damaged)).toThrow(expect.objectContaining({ code: 'E_MAC' }));
    }
  });

  it.each([0, 1, 16, 31])('refuses %d bytes as E_MAC', (size) => {
    expect(() => master.open(Buffer.alloc(size))).toThrow(expect.objectContaining({ code: 'E_MAC' }));
  });
});

describe('keys, section 4 and 21.2', () => {
  const salt = Buffer.from(Array.from({ length: 64 }, (_, i) => i));

  it('derives the user key with scrypt', async () => {
    const user = await addon.deriveKeySet(Buffer.from('geheim'), salt, 1024, 8, 1);
    const same = addon.keySetFromBytes(
      hex('afd9918d07af99c41fe53ea3e2602702a2cc0f1d68f2c224f4f4bdff8a4bea38 e522565c84ab5b1070e2da80cfd4ef48 e369ce349fb98016146594b711346c99'),
    );
    expect(user.open(same.seal(Buffer.from('text'))).toString()).toBe('text');
  });

  it('reproduces a vector of RFC 7914', async () => {
    const keys = await addon.deriveKeySet(Buffer.from('password'), Buffer.from('NaCl'), 1024, 8, 16);
    const same = addon.keySetFromBytes(
      hex('fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640'),
    );
    expect(keys.open(same.seal(Buffer.from('x'))).toString()).toBe('x');
  });

  it.each([
    [0, 8, 1, 'E_FORMAT'],
    [1, 8, 1, 'E_FORMAT'],
    [1000, 8, 1, 'E_FORMAT'],
    [1024, 0, 1, 'E_FORMAT'],
    [1024, 8, 0, 'E_FORMAT'],
    [2 ** 30, 8, 1, 'E_LIMIT'],
    [1024, 2 ** 20, 1, 'E_LIMIT'],
    [32_768, 8, 2 ** 20, 'E_LIMIT'],
    [2 ** 31, 1, 1, 'E_LIMIT'],
  ])('refuses N=%d r=%d p=%d as %s', async (N, r, p, code) => {
    await expect(addon.deriveKeySet(Buffer.from('x'), salt, N, r, p)).rejects.toMatchObject({ code });
  });

  it('seals a master key as 128 bytes of JSON and reads it back', () => {
    const user = addon.generateKeySet();
    const sealed = user.sealMasterKey(addon.keySetFromBytes(masterBytes));
    expect(sealed).toHaveLength(160);
    expect(user.open(sealed).toString()).toBe('{"mac":{"k":"K4krfzU36UeoihW5iM1iYw==","r":"q9lHvWjriedZluO2NhPbxA=="},"encrypt":"X7Krdu2b2gNLGSxIxwaTWSUvzNoWjZJazArn0xbAtT4="}');
    expect(user.openMasterKey(sealed).open(hex('000102030405060708090a0b0c0d0e0f 1997ea1db3 cb151529c480893bd33d0903a8f54eed')).toString()).toBe('hello');
    expect(() => addon.generateKeySet().openMasterKey(sealed)).toThrow(expect.objectContaining({ code: 'E_MAC' }));
  });

  it.each([
    '',
    '{}',
    '[]',
    '{"mac":{"k":"K4krfzU36UeoihW5iM1iYw=="},"encrypt":"X7Krdu2b2gNLGSxIxwaTWSUvzNoWjZJazArn0xbAtT4="}',
    '{"mac":{"k":"K4krfzU36UeoihW5iM1iYw==","r":"AAAAAAAAAAAAAAAAAAAAAA=="},"encrypt":"X7Krdu2b2gNLGSxIxwaTWSUvzNoWjZJazArn0xbAtT4="}',
    '{"mac":{"k":"K4krfzU36UeoihW5iM1iYw=","r":"q9lHvWjriedZluO2NhPbxA=="},"encrypt":"X7Krdu2b2gNLGSxIxwaTWSUvzNoWjZJazArn0xbAtT4="}',
    '{"mac":{"k":"K4krfzU36UeoihW5iM1iY???","r":"q9lHvWjriedZluO2NhPbxA=="},"encrypt":"X7Krdu2b2gNLGSxIxwaTWSUvzNoWjZJazArn0xbAtT4="}',
    `{"x":"${'y'.repeat(10_000)}"}`,
  ])('refuses the master key %#', (text) => {
    const user = addon.generateKeySet();
    expect(() => user.openMasterKey(user.seal(Buffer.from(text)))).toThrow(expect.objectContaining({ code: 'E_FORMAT' }));
  });

  it('ignores members it does not know', () => {
    const user = addon.generateKeySet();
    const text = '{"new":[1,{"a":null}],"encrypt":"X7Krdu2b2gNLGSxIxwaTWSUvzNoWjZJazArn0xbAtT4=","mac":{"r":"q9lHvWjriedZluO2NhPbxA==","k":"K4krfzU36UeoihW5iM1iYw==","z":true}}';
    expect(user.openMasterKey(user.seal(Buffer.from(text))).seal(Buffer.alloc(3))).toHaveLength(35);
  });

  it('refuses zero keys and works no more after wipe', () => {
    expect(() => addon.keySetFromBytes(Buffer.alloc(64))).toThrow(expect.objectContaining({ code: 'E_FORMAT' }));
    const keys = addon.generateKeySet();
    keys.wipe();
    keys.wipe();
    expect(() => keys.seal(Buffer.from('x'))).toThrow(expect.objectContaining({ code: 'E_WIPED' }));
  });
});

describe('SHA-256 and zstd', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'],
  ])('hashes %j', (text, digest) => {
    expect(addon.sha256(Buffer.from(text)).toString('hex')).toBe(digest);
  });

  it('compresses what Node decompresses, and the other way round', () => {
    const text = Buffer.from('all work and no play '.repeat(50_000));
    expect(zstdDecompressSync(addon.compress(text, 3)).equals(text)).toBe(true);
    expect(addon.decompress(zstdCompressSync(text), text.length).equals(text)).toBe(true);
    const two = Buffer.concat([zstdCompressSync(text), hex('502a4d18 03000000 aabbcc'), zstdCompressSync(Buffer.from('end'))]);
    expect(addon.decompress(two, text.length + 3)).toHaveLength(text.length + 3);
    expect(addon.decompress(addon.compress(Buffer.alloc(0), 1), 0)).toHaveLength(0);
  });

  it('stops at the limit and refuses damaged streams', () => {
    const bomb = addon.compress(Buffer.alloc(1_000_000), 3);
    expect(() => addon.decompress(bomb, 999_999)).toThrow(expect.objectContaining({ code: 'E_LIMIT' }));
    expect(() => addon.decompress(bomb.subarray(0, -1), 2_000_000)).toThrow(expect.objectContaining({ code: 'E_FORMAT' }));
    expect(() => addon.decompress(Buffer.from('no zstd at all'), 100)).toThrow(expect.objectContaining({ code: 'E_FORMAT' }));
    expect(() => addon.decompress(Buffer.alloc(0), 100)).toThrow(expect.objectContaining({ code: 'E_FORMAT' }));
  });
});

describe('polynomials, section 15.1', () => {
  it.each([0x3da3358b4dc173n, 0x25b468838dcb75n, 0x234f31c8f2b1f3n, 0x2d05ee84007de5n, 0x2f308503a378e5n, 0x20000000000047n, 0x3fffffffffffe5n, 7n])('%s is irreducible', (polynomial) => {
    expect(addon.isIrreducible(polynomial)).toBe(true);
  });

  it.each([0x20000000000001n, 0n, 1n, 5n, 0xffffffffffffffffn])('%s is not', (polynomial) => {
    expect(addon.isIrreducible(polynomial)).toBe(false);
  });

  it('draws irreducible ones of degree 53', () => {
    for (let i = 0; i < 20; i += 1) {
      const polynomial = addon.randomPolynomial();
      expect(polynomial >> 53n).toBe(1n);
      expect(polynomial & 1n).toBe(1n);
      expect(addon.isIrreducible(polynomial)).toBe(true);
    }
  });
});

describe('names of users and groups', () => {
  it('knows the first user, and is empty for nobody', () => {
    if (process.platform !== 'win32') expect(addon.userName(0)).toBe('root');
    expect(addon.userName(4_000_000_000)).toBe('');
    expect(addon.groupName(4_000_000_000)).toBe('');
  });
});

describe('arguments', () => {
  it.each([
    ['a string for bytes', () => addon.sha256('text' as unknown as Uint8Array)],
    ['a wrong array', () => addon.sha256(new Uint16Array(2) as unknown as Uint8Array)],
    ['a short key', () => addon.keySetFromBytes(Buffer.alloc(63))],
    ['a level of 23', () => addon.compress(Buffer.alloc(1), 23)],
    ['a number as polynomial', () => addon.isIrreducible(7 as unknown as bigint)],
    ['a negative polynomial', () => addon.isIrreducible(-1n)],
    ['an object as key set', () => addon.readPackHeader({} as never, Buffer.alloc(80), 80)],
    ['an index as key set', () => addon.readPackHeader(addon.createIndex() as never, Buffer.alloc(80), 80)],
    ['a method of another object', () => addon.generateKeySet().seal.call(addon.createIndex() as never, Buffer.alloc(1))],
    ['a constructor called by hand', () => Reflect.construct(addon.generateKeySet().constructor, [])],
  ])('%s is a TypeError', (_name, run) => {
    expect(run).toThrow(TypeError);
  });
});
