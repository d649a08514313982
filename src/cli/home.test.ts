import { describe, expect, it } from 'vitest';
import { join, resolve } from 'node:path';
import { compileCacheFolder, homeFolders } from './home.ts';

describe('the home folder', () => {
  it('is one folder when it is given, by option before variable', () => {
    const root = resolve('here');
    expect(homeFolders('here', { CYBERBACKUP_HOME: '/elsewhere' })).toEqual({ configuration: root, data: root, cache: join(root, 'cache') });
    expect(homeFolders(undefined, { CYBERBACKUP_HOME: '/elsewhere' }).data).toBe(resolve('/elsewhere'));
  });

  it('follows the XDG variables on Linux', () => {
    expect(homeFolders(undefined, { HOME: '/home/anna', XDG_CACHE_HOME: '/fast', CYBERBACKUP_HOME: '' }, 'linux')).toEqual({
      configuration: '/home/anna/.config/cyberbackup',
      data: '/home/anna/.local/share/cyberbackup',
      cache: '/fast/cyberbackup',
    });
  });

  it('follows the customs of macOS and Windows', () => {
    expect(homeFolders(undefined, { HOME: '/Users/anna' }, 'darwin').data).toBe('/Users/anna/Library/Application Support/CyberBackup');
    expect(homeFolders(undefined, { LOCALAPPDATA: '/c/Local' }, 'win32').configuration).toBe(join('/c/Local', 'CyberBackup'));
  });

  it('finds the folder for compiled code before options are parsed', () => {
    const folder = join(resolve('/h'), 'cache', 'compiled');
    expect(compileCacheFolder(['--home', '/h', 'backup'], {})).toBe(folder);
    expect(compileCacheFolder(['backup', '--home=/h'], {})).toBe(folder);
  });
});
