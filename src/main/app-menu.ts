/**
 * The application's menu, with each platform's own roles. Keys that the interface handles itself are shown and not taken,
 * so that none acts twice.
 */
import type { MenuItemConstructorOptions } from 'electron';
import type { BridgeCommand } from '../shared/bridge.ts';
import type { ShellText } from './text.ts';

export interface MenuActions {
  readonly command: (command: BridgeCommand) => void;
  readonly openSettings: () => void;
  readonly about: () => void;
  readonly quit: () => void;
  readonly setAtLogin: (wanted: boolean) => void;
}

export function appMenu(text: ShellText, platform: NodeJS.Platform, startsAtLogin: boolean, act: MenuActions): MenuItemConstructorOptions[] {
  const mac = platform === 'darwin';
  const shown = (label: string, accelerator: string, command: BridgeCommand): MenuItemConstructorOptions => ({ label, accelerator, registerAccelerator: false, click: () => act.command(command) });
  const settings: MenuItemConstructorOptions = { label: text.settings, accelerator: 'CmdOrCtrl+,', registerAccelerator: false, click: () => act.openSettings() };
  const login: MenuItemConstructorOptions = { label: text.atLogin, type: 'checkbox', checked: startsAtLogin, click: ({ checked }) => act.setAtLogin(checked) };
  const quit: MenuItemConstructorOptions = { label: text.quit, accelerator: 'CmdOrCtrl+Q', click: () => act.quit() };
  const about: MenuItemConstructorOptions = { label: text.about, click: () => act.about() };
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  return [
    ...(mac ? [{ label: 'CyberBackup', submenu: [about, separator, settings, login, separator, { role: 'hide' }, { role: 'hideOthers' }, { role: 'unhide' }, separator, quit] } satisfies MenuItemConstructorOptions] : []),
    {
      label: text.file,
      submenu: [
        shown(text.backUpNow, 'CmdOrCtrl+Shift+B', 'back-up-now'),
        shown(text.backUpFiles, 'CmdOrCtrl+O', 'choose-files'),
        separator,
        shown(text.cancelAll, 'CmdOrCtrl+Shift+X', 'cancel-all'),
        separator,
        ...(mac ? [] : [settings, login, separator]),
        { role: 'close' },
        ...(mac ? [] : [quit]),
      ],
    },
    { label: text.edit, submenu: [{ role: 'undo' }, { role: 'redo' }, separator, { role: 'cut' }, { role: 'copy' }, { role: 'paste' }, { role: 'selectAll' }] },
    { label: text.view, submenu: [shown(text.palette, 'CmdOrCtrl+K', 'open-palette'), separator, { role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, separator, { role: 'togglefullscreen' }] },
    { label: text.window, role: 'windowMenu' },
    { label: text.help, role: 'help', submenu: [{ label: text.keys, click: () => act.command('show-keys') }, ...(mac ? [] : [about])] },
  ];
}
