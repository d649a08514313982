/** Go's file mode (specification section 7) as Go prints it, which restic's output shows: `drwxr-xr-x`, `Lrwxrwxrwx`, `urwxr-xr-x`. */
const kindLetters = 'dalTLDpSugct?'.split('');
const rightLetters = 'rwxrwxrwx'.split('');

export function goModeText(mode: number): string {
  const kinds = kindLetters.filter((_, at) => Math.floor(mode / 2 ** (31 - at)) % 2 === 1).join('');
  const rights = rightLetters.map((letter, at) => (((mode >>> (8 - at)) & 1) === 1 ? letter : '-')).join('');
  return `${kinds === '' ? '-' : kinds}${rights}`;
}
