/**
 * Paths and names as byte strings.
 *
 * Vocabulary: a *byte string* is a JavaScript string in which every character is one byte (Latin-1). Names on disk are
 * raw bytes and need not be UTF-8; as byte strings they compare, split and serve as map keys without a copy per use.
 * The *components* of a path start with `/` where the path is absolute.
 *
 * Invariant: on Windows a path uses forward slashes here, which its file functions accept, and starts with its volume.
 */

export function byteString(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

export function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

export type Platform = 'posix' | 'windows';

export const thisPlatform: Platform = process.platform === 'win32' ? 'windows' : 'posix';

/** `C:` of a Windows path, empty elsewhere. */
export function volumeOf(path: string, platform: Platform): string {
  return platform === 'windows' && /^[A-Za-z]:/.test(path) ? path.slice(0, 2) : '';
}

export function isAbsolute(path: string, platform: Platform): boolean {
  return path.startsWith('/', volumeOf(path, platform).length);
}

/** Without `.`, empty components and `name/..`; `.` where nothing is left. A rooted path stays within its root. */
export function cleanPath(raw: string, platform: Platform): string {
  const path = platform === 'windows' ? raw.replaceAll('\\', '/') : raw;
  const volume = volumeOf(path, platform);
  const rooted = path.startsWith('/', volume.length);
  const kept: string[] = [];
  for (const component of path.slice(volume.length).split('/')) {
    if (component === '' || component === '.') continue;
    if (component !== '..') kept.push(component);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!rooted) kept.push('..');
  }
  const rest = kept.join('/');
  if (rooted) return `${volume}/${rest}`;
  return volume + (rest === '' ? '.' : rest);
}

/** Absolute and clean; `folder` is where relative paths start. */
export function absolutePath(path: string, folder: string, platform: Platform): string {
  const clean = cleanPath(path, platform);
  return isAbsolute(clean, platform) ? clean : cleanPath(`${folder}/${clean.slice(volumeOf(clean, platform).length)}`, platform);
}

/** Components of a clean path; the first is `/` for an absolute one (after the volume on Windows). */
export function componentsOf(path: string): string[] {
  const parts = path.split('/');
  if (parts[0] === '') parts[0] = '/';
  if (parts.at(-1) === '') parts.pop();
  return parts;
}

/** Components of a clean path that are names: without root, volume, `.` and `..`. */
export function namedComponents(clean: string, platform: Platform): string[] {
  const rest = clean.slice(volumeOf(clean, platform).length);
  return componentsOf(rest).filter((component) => component !== '/' && component !== '.' && component !== '..');
}

/** True for `.`, `../..`, `/`, `C:/`: a target whose entries stand in for it. */
export function isBareFolder(target: string, platform: Platform): boolean {
  return namedComponents(cleanPath(target, platform), platform).length === 0;
}

/** `folder/name`, where the folder may be the root. */
export function joinBytes(folder: Buffer, name: Buffer): Buffer {
  const separator = folder.length > 0 && folder[folder.length - 1] !== 0x2f ? 1 : 0;
  const joined = Buffer.allocUnsafe(folder.length + separator + name.length);
  folder.copy(joined);
  if (separator === 1) joined[folder.length] = 0x2f;
  name.copy(joined, folder.length + separator);
  return joined;
}
