import { describe, expect, it } from 'vitest';
import { refusedName } from './node-name.ts';

describe('refusedName', () => {
  it.each(['', '.', '..', '/', 'a/b', '../x', '/etc/passwd', 'a\0b', '\0'])('refuses %j everywhere', (name) => {
    expect(refusedName(Buffer.from(name), 'linux')).toBeDefined();
    expect(refusedName(Buffer.from(name), 'win32')).toBeDefined();
  });

  it.each(['...', '.a', '..a', 'a\\b', 'C:', 'CON', 'x.', 'new\nline', 'a:b', '..\\x', '%2e%2e'])('allows %j on Linux', (name) => {
    expect(refusedName(Buffer.from(name), 'linux')).toBeUndefined();
  });

  it.each(['a\\b', '..\\x', 'C:', 'a:stream', 'CON', 'nul.txt', 'Com1', 'x.', 'x ', 'a*b'])('refuses %j on Windows', (name) => {
    expect(refusedName(Buffer.from(name), 'win32')).toBeDefined();
  });

  it('allows bytes that are not UTF-8 and names of 255 bytes', () => {
    expect(refusedName(Buffer.from([0xff, 0xfe, 0xe9]), 'linux')).toBeUndefined();
    expect(refusedName(Buffer.alloc(255, 0x61), 'linux')).toBeUndefined();
    expect(refusedName(Buffer.from('console'), 'win32')).toBeUndefined();
  });
});
