/** Names and paths of files as they may be shown: their characters cannot disturb what stands around them. */

/** C0, C1, bidirectional controls, zero-width characters, line and paragraph separators. */
// eslint-disable-next-line no-control-regex
const disturbing = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** Each control character as a visible mark: `␊` for a line feed, `⟨U+202E⟩` for one without a picture of its own. */
export function visibleText(text: string): string {
  return text.replace(disturbing, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    if (code === 0x7f) return '␡';
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}

/** The last part of a path, of either kind of separator. */
export function baseName(path: string): string {
  const parts = path.split(/[/\\]/).filter((part) => part !== '');
  return parts.at(-1) ?? path;
}

/** The path without its last part; empty for a root. */
export function parentPath(path: string): string {
  const trimmed = path.replace(/[/\\]+$/, '');
  const cut = Math.max(trimmed.lastIndexOf('/'), trimmed.lastIndexOf('\\'));
  return cut <= 0 ? trimmed.slice(0, cut + 1) : trimmed.slice(0, cut);
}

/** The front and the end of a long text, to be cut in the middle: the front gives way, the end stays. */
export function splitForMiddleCut(text: string, keepAtEnd = 24): readonly [front: string, end: string] {
  if (text.length <= keepAtEnd) return ['', text];
  const characters = Array.from(text);
  return [characters.slice(0, -keepAtEnd).join(''), characters.slice(-keepAtEnd).join('')];
}
