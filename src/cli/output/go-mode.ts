/** Go's file mode (specification section 7) as Go, and so restic, writes it: `drwxr-xr-x`, `Lrwxrwxrwx`, `urwxr-xr-x`. */
const letters = 'dalTLDpSugct?';

export function goModeText(mode: number): string {
  let text = '';
  for (let i = 0; i < letters.length; i += 1) if ((mode & (1 << (31 - i))) !== 0) text += letters[i] ?? '';
  if (text === '') text = '-';
  for (let i = 0; i < 9; i += 1) text += (mode & (1 << (8 - i))) !== 0 ? ('rwxrwxrwx'[i] ?? '') : '-';
  return text;
}
