/**
 * Which names from a repository may become names below a restore target.
 *
 * A tree is written by whoever holds the repository's key, which may be an attacker's program: a name is data until it
 * has passed here. Everything that could leave the folder it is created in is refused on every system; what only one
 * system reads specially (drive letters, streams, device names) is refused on that system.
 */
import { childNameFault } from '../repository/node-name.ts';

const backslash = 0x5c;
const colon = 0x3a;
const dot = 0x2e;
const windowsDevice = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)([ .].*)?$/i;
const windowsForbidden = new Set('<>"|?*');

/** Why this name cannot be restored, as the end of a sentence; undefined where it can. */
export function refusedName(name: Buffer, platform: NodeJS.Platform = process.platform): string | undefined {
  return childNameFault(name) ?? (platform === 'win32' ? refusedOnWindows(name) : undefined);
}

function refusedOnWindows(name: Buffer): string | undefined {
  if (name.includes(backslash)) return 'its name holds a backslash, which separates folders on Windows';
  if (name.includes(colon)) return 'its name holds a colon, which names a drive or a stream on Windows';
  const text = name.toString('utf8');
  if (windowsDevice.test(text)) return 'its name is a device of Windows';
  if (name.some((byte) => byte < 0x20 || windowsForbidden.has(String.fromCharCode(byte)))) return 'its name holds a character that Windows does not allow';
  const last = name[name.length - 1];
  return last === dot || last === 0x20 ? 'its name ends in a dot or a space, which Windows drops' : undefined;
}
