/** Texts as restic prints them, for output that must be the same as restic's. */

const units = ['TiB', 'GiB', 'MiB', 'KiB'] as const;

/** `4.618 KiB`, `12 B`. */
export function resticBytes(bytes: number): string {
  for (const [at, unit] of units.entries()) {
    const size = 1024 ** (units.length - at);
    if (bytes >= size) return `${(bytes / size).toFixed(3)} ${unit}`;
  }
  return `${bytes} B`;
}

/** A path as restic prints it in a line: with the slash that a folder ends in. */
export function folderPath(path: Buffer, isFolder: boolean): Buffer {
  return isFolder ? Buffer.concat([path, Buffer.from('/')]) : path;
}

/** A time text of a snapshot as Go prints it: `2026-11-27 17:42:18.441459483 +0000 UTC`. */
export function goTimeText(time: string): string {
  const match = /^(\S{10})T(\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(time);
  if (match === null) return time;
  const [, date, clock, fraction = '', zone = 'Z'] = match;
  const digits = fraction.replace(/\.?0+$/, '');
  return `${date} ${clock}${digits} ${zone === 'Z' ? '+0000 UTC' : `${zone.replace(':', '')} ${zone.replace(':', '')}`}`;
}
