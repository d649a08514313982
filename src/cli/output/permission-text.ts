/** Go's file mode (specification section 7) as `drwxr-xr-x`, with setuid, setgid and sticky as `ls` shows them. */
const bits = { directory: 0x8000_0000, symlink: 0x0800_0000, device: 0x0400_0000, fifo: 0x0200_0000, socket: 0x0100_0000, setuid: 0x0080_0000, setgid: 0x0040_0000, character: 0x0020_0000, sticky: 0x0010_0000 } as const;

export function permissionText(mode: number): string {
  const has = (bit: number): boolean => (mode & bit) !== 0;
  const kind = has(bits.directory) ? 'd' : has(bits.symlink) ? 'l' : has(bits.device) ? (has(bits.character) ? 'c' : 'b') : has(bits.fifo) ? 'p' : has(bits.socket) ? 's' : '-';
  const triple = (shift: number, special: boolean, letter: string): string => {
    const execute = has(1 << shift);
    const last = special ? (execute ? letter : letter.toUpperCase()) : execute ? 'x' : '-';
    return `${has(4 << shift) ? 'r' : '-'}${has(2 << shift) ? 'w' : '-'}${last}`;
  };
  return kind + triple(6, has(bits.setuid), 's') + triple(3, has(bits.setgid), 's') + triple(0, has(bits.sticky), 't');
}
