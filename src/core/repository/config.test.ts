import { describe, expect, it } from 'vitest';
import { loadAddon } from '../native/load-addon.ts';
import { decodeConfig, encodeConfig, isChunkerPolynomial } from './config.ts';

const addon = loadAddon();

describe('chunker polynomials (specification 15.1)', () => {
  it.each([
    [0x3da3358b4dc173n, true],
    [0x25b468838dcb75n, true],
    [0x234f31c8f2b1f3n, true],
    [0x2d05ee84007de5n, true],
    [0x2f308503a378e5n, true],
    [0x20000000000047n, true],
    [0x3fffffffffffe5n, true],
    [0x20000000000001n, false],
    // Irreducible, but not of degree 53.
    [7n, false],
    [0n, false],
    [1n, false],
  ])('%s may cut files: %s', (polynomial, expected) => {
    expect(isChunkerPolynomial(addon, polynomial)).toBe(expected);
  });

  it('of the engine are good ones', () => {
    for (let count = 0; count < 20; count++) expect(isChunkerPolynomial(addon, addon.randomPolynomial())).toBe(true);
  });
});

describe('the config (specification section 5)', () => {
  it('is written as restic writes it, and read back', () => {
    const config = { version: 2, id: '3f474df4e8a83ff1b3dd0d35d43f085454d1a49ca18e34b45496b75829b2bfed', polynomial: 0x3da3358b4dc173n } as const;
    const text = encodeConfig(config);
    expect(text.toString()).toBe('{"version":2,"id":"3f474df4e8a83ff1b3dd0d35d43f085454d1a49ca18e34b45496b75829b2bfed","chunker_polynomial":"3da3358b4dc173"}');
    const keys = addon.generateKeySet();
    expect(decodeConfig(addon, keys, keys.seal(text))).toEqual(config);
    keys.wipe();
  });
});
