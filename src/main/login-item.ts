/** Starting at log-in, in the tray: the system's own list on macOS and Windows, a desktop entry in `autostart` on Linux. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'electron';

export interface LoginItem {
  readonly isSet: boolean;
  set(wanted: boolean): void;
}

export interface LoginItemPorts {
  readonly app: Pick<App, 'getLoginItemSettings' | 'setLoginItemSettings'>;
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  /** The program, and its arguments in a development start. */
  readonly command: readonly string[];
}

export function loginItem({ app, platform, env, command }: LoginItemPorts): LoginItem {
  if (platform !== 'linux') {
    const [path = '', ...args] = command;
    const item = { path, args: [...args, '--hidden'] };
    return {
      get isSet() {
        return app.getLoginItemSettings(item).openAtLogin;
      },
      set: (wanted) => app.setLoginItemSettings({ ...item, openAtLogin: wanted }),
    };
  }
  const configuration = env['XDG_CONFIG_HOME'];
  const folder = join(configuration === undefined || configuration === '' ? join(homedir(), '.config') : configuration, 'autostart');
  const file = join(folder, 'cyberbackup.desktop');
  return {
    get isSet() {
      return existsSync(file);
    },
    set(wanted) {
      if (!wanted) return rmSync(file, { force: true });
      mkdirSync(folder, { recursive: true });
      // An AppImage moves itself elsewhere at each start; its own path is in this variable.
      const [program = '', ...args] = env['APPIMAGE'] === undefined ? command : [env['APPIMAGE']];
      writeFileSync(file, `[Desktop Entry]\nType=Application\nName=CyberBackup\nExec=${[program, ...args, '--hidden'].map(quoted).join(' ')}\nIcon=cyberbackup\nX-GNOME-Autostart-enabled=true\n`);
    },
  };
}

/** As desktop entries want it: quoted, with `"`, `` ` ``, `$`, `\` and `%` escaped. */
function quoted(argument: string): string {
  return `"${argument.replace(/[\\"`$]/g, String.raw`\$&`).replaceAll('\\', '\\\\').replaceAll('%', '%%')}"`;
}
