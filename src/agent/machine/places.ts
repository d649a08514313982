/**
 * Where choosing starts: the person's folders, a few others of the home folder, and drives.
 *
 * A drive that does not answer within a second (a network folder whose server is away) is listed without its sizes.
 */
import { readFile, readdir, stat, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '../../core/platform/clock.ts';
import type { Place, PlaceKind } from '../../shared/contract/schemas/machine.ts';
import { systemCode } from './system-code.ts';

export interface PlacesOptions {
  readonly clock: Clock;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}

interface Candidate {
  readonly kind: PlaceKind;
  readonly name: string;
  readonly path: string;
}

const patienceMs = 1000;
const mostOthers = 6;
/** Kind, name of the folder, and its name in the settings of Linux desktops (XDG). */
const personal: readonly (readonly [PlaceKind, string, string])[] = [
  ['documents', 'Documents', 'XDG_DOCUMENTS_DIR'],
  ['desktop', 'Desktop', 'XDG_DESKTOP_DIR'],
  ['pictures', 'Pictures', 'XDG_PICTURES_DIR'],
  ['music', 'Music', 'XDG_MUSIC_DIR'],
  ['videos', 'Videos', 'XDG_VIDEOS_DIR'],
  ['downloads', 'Downloads', 'XDG_DOWNLOAD_DIR'],
];
/** Mount points that a person would call a drive, on Linux. */
const driveFolders = /^\/(media|run\/media|mnt)\/./;

export async function listPlaces(options: PlacesOptions): Promise<Place[]> {
  const { home, platform, clock } = options;
  const named = await personalFolders(options);
  const others = await otherFolders(home, new Set(named.map(({ path }) => path)));
  const root: Candidate[] = platform === 'win32' ? [] : [{ kind: 'root', name: '/', path: '/' }];
  const candidates: Candidate[] = [{ kind: 'home', name: basename(home), path: home }, ...named, ...others, ...(await drives(platform)), ...root];
  return await Promise.all(candidates.map((candidate) => withSpace(candidate, clock)));
}

async function personalFolders({ home, env, platform }: PlacesOptions): Promise<Candidate[]> {
  const configured = platform === 'linux' ? await userDirectories(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), home) : new Map<string, string>();
  const usual = (kind: PlaceKind, name: string): string => (platform === 'darwin' && kind === 'videos' ? 'Movies' : name);
  const candidates = personal.map(([kind, name, setting]): Candidate => {
    const path = configured.get(setting) ?? join(home, usual(kind, name));
    return { kind, name: basename(path), path };
  });
  const there = await Promise.all(candidates.map(async ({ path }) => path !== home && (await isFolder(path))));
  return candidates.filter((_, at) => there[at]);
}

/** `XDG_DOCUMENTS_DIR="$HOME/Dokumente"`, as desktops write it. */
async function userDirectories(configuration: string, home: string): Promise<Map<string, string>> {
  const text = await textOf(join(configuration, 'user-dirs.dirs'));
  const lines = text.matchAll(/^(XDG_\w+_DIR)="(?:\$HOME\/?)?([^"\n]*)"/gm);
  return new Map([...lines].map(([line, name = '', value = '']) => [name, line.includes('"$HOME') ? join(home, value) : value]));
}

/** Visible folders of the home folder, those that changed last first. */
async function otherFolders(home: string, known: ReadonlySet<string>): Promise<Candidate[]> {
  const found: { readonly candidate: Candidate; readonly changed: number }[] = [];
  for (const entry of await entriesOf(home)) {
    const path = join(home, entry.name);
    if (!entry.isDirectory() || entry.name.startsWith('.') || known.has(path)) continue;
    try {
      found.push({ candidate: { kind: 'folder', name: entry.name, path }, changed: (await stat(path)).mtimeMs });
    } catch (error) {
      systemCode(error);
    }
  }
  return found.toSorted((a, b) => b.changed - a.changed).slice(0, mostOthers).map(({ candidate }) => candidate);
}

async function drives(platform: NodeJS.Platform): Promise<Candidate[]> {
  if (platform === 'win32') {
    const letters = Array.from({ length: 26 }, (_, at) => `${String.fromCharCode(65 + at)}:\\`);
    const there = await Promise.all(letters.map(isFolder));
    return letters.filter((_, at) => there[at]).map((path) => ({ kind: 'drive', name: path.slice(0, 2), path }));
  }
  const points = platform === 'darwin' ? (await entriesOf('/Volumes')).filter((entry) => entry.isDirectory()).map(({ name }) => join('/Volumes', name)) : mountPoints(await textOf('/proc/self/mounts'));
  return points.map((path) => ({ kind: 'drive', name: basename(path), path }));
}

/** The second column; spaces and the like are written as octal numbers. */
export function mountPoints(mounts: string): string[] {
  const points = mounts.split('\n').map((line) => (line.split(' ')[1] ?? '').replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))));
  return [...new Set(points.filter((point) => driveFolders.test(point)).map((point) => Buffer.from(point, 'latin1').toString('utf8')))];
}

async function withSpace(candidate: Candidate, clock: Clock): Promise<Place> {
  const ended = new AbortController();
  const unknown = { ...candidate, free_bytes: null, total_bytes: null };
  const known = async (): Promise<Place> => {
    try {
      const { bavail, blocks, bsize } = await statfs(candidate.path);
      return { ...candidate, free_bytes: bavail * bsize, total_bytes: blocks * bsize };
    } catch (error) {
      systemCode(error);
      return unknown;
    } finally {
      ended.abort();
    }
  };
  const late = async (): Promise<Place> => {
    try {
      await clock.sleep(patienceMs, ended.signal);
    } catch (error) {
      if (!ended.signal.aborted) throw error;
    }
    return unknown;
  };
  return await Promise.race([known(), late()]);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    systemCode(error);
    return false;
  }
}

async function entriesOf(folder: string): Promise<Awaited<ReturnType<typeof readDirectory>>> {
  try {
    return await readDirectory(folder);
  } catch (error) {
    systemCode(error);
    return [];
  }
}

function readDirectory(folder: string) {
  return readdir(folder, { withFileTypes: true });
}

/** Bytes as characters; empty where there is no such file. */
async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, path.startsWith('/proc/') ? 'latin1' : 'utf8');
  } catch (error) {
    systemCode(error);
    return '';
  }
}
