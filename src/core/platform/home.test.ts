import { describe, expect, it } from 'vitest';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { homeFolders, prepareCompileCache } from './home.ts';

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

  it('makes the folder for compiled code private, before options are parsed', () => {
    const root = temporaryFolder('home');
    try {
      const home = join(root, 'h');
      expect(prepareCompileCache(['--home', home, 'backup'], {})).toBe(join(home, 'cache', 'compiled'));
      if (process.platform !== 'win32') expect(statSync(home).mode & 0o777).toBe(0o700);
      expect(prepareCompileCache(['backup', `--home=${home}`], {})).toBe(join(home, 'cache', 'compiled'));
      expect(prepareCompileCache(['--no-cache', '--home', home], {})).toBeUndefined();
      writeFileSync(join(root, 'file'), '');
      expect(prepareCompileCache([], { CYBERBACKUP_HOME: join(root, 'file', 'below') })).toBeUndefined();
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
