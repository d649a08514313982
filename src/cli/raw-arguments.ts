/**
 * Arguments as the bytes they were given.
 *
 * Node decodes its arguments as UTF-8 and loses what is none; Linux keeps the bytes in `/proc/self/cmdline`. Elsewhere
 * names that are not UTF-8 cannot be named on the command line (they are still saved when their folder is).
 */
import { readFileSync } from 'node:fs';

/** The bytes of an argument; `all` are the arguments of this process after the program's own. */
export function argumentBytes(argument: string, all: readonly string[] = process.argv.slice(2)): Buffer {
  const decoded = Buffer.from(argument);
  if (!argument.includes('\ufffd') || process.platform !== 'linux') return decoded;
  const given = splitAtNul(readFileSync('/proc/self/cmdline'));
  const at = all.findIndex((one) => one === argument || one.endsWith(`=${argument}`));
  const raw = at < 0 ? undefined : given[given.length - all.length + at];
  if (raw === undefined) return decoded;
  // The argument may be the value of `--option=value`: its own bytes are then the end of the whole.
  const text = raw.toString('utf8');
  if (text === argument) return raw;
  const equals = raw.indexOf('=');
  return equals >= 0 && text.endsWith(`=${argument}`) ? raw.subarray(equals + 1) : decoded;
}

function splitAtNul(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start);
    pieces.push(bytes.subarray(start, end < 0 ? bytes.length : end));
    start = end < 0 ? bytes.length : end + 1;
  }
  return pieces;
}
