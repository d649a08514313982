/** Go's file mode (specification section 7) as Go prints it, which restic's output shows: `drwxr-xr-x`, `Lrwxrwxrwx`, `urwxr-xr-x`. */
const letters = 'dalTLDpSugct?';

/** `mode`: 32 bits, with or without a sign. */
export function goModeText(mode: number): string {
  const set = (text: string, top: number): string[] => Array.from(text, (letter, at) => (((mode >>> (top - at)) & 1) === 1 ? letter : ''));
  const kinds = set(letters, 31).join('');
  const rights = set('rwxrwxrwx', 8).map((letter) => (letter === '' ? '-' : letter));
  return `${kinds === '' ? '-' : kinds}${rights.join('')}`;
}
