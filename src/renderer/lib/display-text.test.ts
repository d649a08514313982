import { describe, expect, it } from 'vitest';
import { baseName, parentPath, splitForMiddleCut, visibleText } from './display-text.ts';

describe('text of names and paths', () => {
  it('makes control and bidirectional characters visible', () => {
    expect(visibleText('a\nb\u0007')).toBe('a␊b␇');
    expect(visibleText('invoice\u202Efdp.exe')).toBe('invoice⟨U+202E⟩fdp.exe');
    expect(visibleText('a\u200Bb\u2066\u007f')).toBe('a⟨U+200B⟩b⟨U+2066⟩␡');
    expect(visibleText('Größe <b>שלום</b> 😀')).toBe('Größe <b>שלום</b> 😀');
  });

  it('finds the last part and the folder of paths of both kinds', () => {
    expect(['/home/a/b.txt', 'C:\\Users\\a\\b.txt', '/', '/home/a/'].map(baseName)).toEqual(['b.txt', 'b.txt', '/', 'a']);
    expect(['/home/a/b.txt', 'C:\\Users\\b', '/b'].map(parentPath)).toEqual(['/home/a', 'C:\\Users', '/']);
  });

  it('cuts no character in two', () => {
    const [front, end] = splitForMiddleCut(`x${'😀'.repeat(30)}`, 24);
    expect(front + end).toBe(`x${'😀'.repeat(30)}`);
    expect(Array.from(end)).toHaveLength(24);
  });
});
