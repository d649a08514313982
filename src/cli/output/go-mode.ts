/** Go's file mode (specification section 7) as Go prints it, which restic's output shows: `drwxr-xr-x`, `Lrwxrwxrwx`, `urwxr-xr-x`. */
const letters = 'dalTLDpSugct?';

/** `mode`: 32 bits, with or without a sign. */
export function goModeText(mode: number): string {
  const kinds = [...letters].filter((_, at) => ((mode >>> (31 - at)) & 1) === 1).join('');
  const rights = [...'rwxrwxrwx'].map((letter, at) => (((mode >>> (8 - at)) & 1) === 1 ? letter : '-')).join('');
  return `${kinds === '' ? '-' : kinds}${rights}`;
}
