/** The application's menu, and starting at log-in. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { appMenu } from './app-menu.ts';
import { loginItem } from './login-item.ts';
import { shellText } from './text.ts';

const folder = temporaryFolder('login');
afterAll(() => rmSync(folder, { recursive: true }));

const nothing = (): void => undefined;
const menuOf = (platform: NodeJS.Platform) => appMenu(shellText('en'), platform, true, { command: nothing, openSettings: nothing, about: nothing, quit: nothing, setAtLogin: nothing });

describe('the menu', () => {
  it.each(['darwin', 'linux', 'win32'] as const)('on %s has settings, log-in, about and quit once', (platform) => {
    const labels = menuOf(platform).flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : [])).map(({ label }) => label);
    for (const label of ['Settings…', 'Start at log-in', 'About CyberBackup', 'Quit…', 'Back up files…']) expect(labels.filter((one) => one === label)).toEqual([label]);
  });

  it('takes no key that the interface handles itself', () => {
    const items = menuOf('linux').flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []));
    for (const item of items.filter(({ accelerator }) => accelerator !== undefined && accelerator !== 'CmdOrCtrl+Q')) expect(item.registerAccelerator).toBe(false);
  });
});

describe('starting at log-in', () => {
  const app = { getLoginItemSettings: () => ({ openAtLogin: true }), setLoginItemSettings: nothing } as unknown as Parameters<typeof loginItem>[0]['app'];

  it('on Linux is a desktop entry that comes and goes, with its command quoted', () => {
    const item = loginItem({ app, platform: 'linux', env: { XDG_CONFIG_HOME: folder }, command: ['/opt/Cyber Backup/50%/cyber"backup'] });
    const file = join(folder, 'autostart', 'cyberbackup.desktop');
    expect(item.isSet).toBe(false);
    item.set(true);
    expect(item.isSet).toBe(true);
    expect(readFileSync(file, 'utf8')).toContain(String.raw`Exec="/opt/Cyber Backup/50%%/cyber\\"backup" "--hidden"`);
    item.set(false);
    item.set(false);
    expect(existsSync(file)).toBe(false);
  });

  it('elsewhere asks the system', () => {
    expect(loginItem({ app, platform: 'win32', env: {}, command: ['C:\\x.exe'] }).isSet).toBe(true);
  });
});
