/**
 * File modes: Go's `os.FileMode`, which trees hold, and the `st_mode` of POSIX systems (specification section 11.3).
 *
 * Values exceed 2^31: only arithmetic and `>>>`-safe masks of the low half are used.
 */
const goBits = {
  directory: 2 ** 31,
  symlink: 2 ** 27,
  device: 2 ** 26,
  fifo: 2 ** 25,
  socket: 2 ** 24,
  setuid: 2 ** 23,
  setgid: 2 ** 22,
  charDevice: 2 ** 21,
  sticky: 2 ** 20,
  irregular: 2 ** 19,
} as const;

/** The `S_IFMT` part of st_mode, equal on Linux, macOS and Windows (libuv). */
export const statTypes = { fifo: 0o010000, charDevice: 0o020000, directory: 0o040000, blockDevice: 0o060000, file: 0o100000, symlink: 0o120000, socket: 0o140000 } as const;

const typeBits: Readonly<Record<number, number>> = {
  [statTypes.file]: 0,
  [statTypes.directory]: goBits.directory,
  [statTypes.symlink]: goBits.symlink,
  [statTypes.blockDevice]: goBits.device,
  [statTypes.charDevice]: goBits.device + goBits.charDevice,
  [statTypes.fifo]: goBits.fifo,
  [statTypes.socket]: goBits.socket,
};

/** The Go mode of an `st_mode`; an unknown kind of file gets the bit "irregular". */
export function modeFromStat(stMode: number): number {
  const special = (stMode & 0o4000 ? goBits.setuid : 0) + (stMode & 0o2000 ? goBits.setgid : 0) + (stMode & 0o1000 ? goBits.sticky : 0);
  return (typeBits[stMode & 0o170000] ?? goBits.irregular) + special + (stMode & 0o777);
}

/** The way back. `permissions`: 07777; `type`: the `S_IFMT` part, 0 for an irregular file. */
export function statFromMode(goMode: number): { readonly permissions: number; readonly type: number } {
  const has = (bit: number): boolean => Math.floor(goMode / bit) % 2 === 1;
  const permissions = (goMode % 0o1000) + (has(goBits.setuid) ? 0o4000 : 0) + (has(goBits.setgid) ? 0o2000 : 0) + (has(goBits.sticky) ? 0o1000 : 0);
  return { permissions, type: typeOf(has) };
}

function typeOf(has: (bit: number) => boolean): number {
  if (has(goBits.directory)) return statTypes.directory;
  if (has(goBits.symlink)) return statTypes.symlink;
  if (has(goBits.device)) return has(goBits.charDevice) ? statTypes.charDevice : statTypes.blockDevice;
  if (has(goBits.fifo)) return statTypes.fifo;
  if (has(goBits.socket)) return statTypes.socket;
  return has(goBits.irregular) ? 0 : statTypes.file;
}
