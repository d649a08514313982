/**
 * The home folder: where configuration, the embedded repository, caches and logs live.
 *
 * `--home`, else `CYBERBACKUP_HOME`, is one folder for everything; otherwise the platform's own folders are used (XDG on
 * Linux, Library on macOS, AppData on Windows). Folders that hold secrets are created with mode 0700.
 * This module is loaded before anything else and stays free of imports but Node's own.
 */
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Home {
  /** Passwords and settings, 0700. */
  readonly configuration: string;
  /** The embedded repository. */
  readonly data: string;
  /** May be deleted at any time. */
  readonly cache: string;
}

/** Where the folders are; creates nothing. */
export function homeFolders(given: string | undefined, env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): Home {
  const chosen = given ?? nonEmpty(env['CYBERBACKUP_HOME']);
  if (chosen !== undefined) {
    const root = resolve(chosen);
    return { configuration: root, data: root, cache: join(root, 'cache') };
  }
  const user = nonEmpty(platform === 'win32' ? env['USERPROFILE'] : env['HOME']) ?? homedir();
  if (platform === 'win32') {
    const root = join(nonEmpty(env['LOCALAPPDATA']) ?? join(user, 'AppData', 'Local'), 'CyberBackup');
    return { configuration: root, data: root, cache: join(root, 'cache') };
  }
  if (platform === 'darwin') {
    const root = join(user, 'Library', 'Application Support', 'CyberBackup');
    return { configuration: root, data: root, cache: join(user, 'Library', 'Caches', 'CyberBackup') };
  }
  const xdg = (name: string, fallback: string): string => join(nonEmpty(env[name]) ?? join(user, fallback), 'cyberbackup');
  return {
    configuration: xdg('XDG_CONFIG_HOME', '.config'),
    data: xdg('XDG_DATA_HOME', join('.local', 'share')),
    cache: xdg('XDG_CACHE_HOME', '.cache'),
  };
}

/**
 * The folder where Node keeps compiled code between runs, made if need be; found without parsing the command line in
 * full. Undefined with `--no-cache` and where it cannot be made: then the program only starts a little slower.
 */
export function prepareCompileCache(args: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  if (args.includes('--no-cache')) return undefined;
  const at = args.indexOf('--home');
  const given = at >= 0 ? args[at + 1] : args.find((argument) => argument.startsWith('--home='))?.slice('--home='.length);
  const folder = join(homeFolders(nonEmpty(given), env).cache, 'compiled');
  try {
    makePrivateFolder(folder);
    return folder;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return undefined;
    throw error;
  }
}

/** Makes a folder for secrets; its missing parents get the same mode. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
