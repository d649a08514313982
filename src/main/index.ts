/**
 * Entry of the desktop: what has to happen before the system is ready, in its order; everything else is loaded afterwards.
 *
 * The folder of the program's own data comes first, since the lock of the single instance lies in it.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, protocol } from 'electron';
import { homeFolders, makePrivateFolder } from '../core/platform/home.ts';
import { schemePrivileges } from './app-scheme.ts';
import { linkScheme } from './deep-link.ts';
import { parseLaunch } from './launch-options.ts';
import type { LaunchOptions } from './launch-options.ts';
import { pathOfLink } from './deep-link.ts';

/** Of the program, above `dist/main`. */
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Without the program, and without the folder that a development start names first. */
const ownArguments = (argv: readonly string[]): readonly string[] => argv.slice(app.isPackaged ? 1 : 2);

const launch = parseLaunch(ownArguments(process.argv));
if (launch.kind === 'server') {
  startServer(launch.args);
} else {
  startDesktop(launch.options);
}

/** The backup server alone: no window, no graphics, any number of them. */
function startServer(args: readonly string[]): void {
  app.disableHardwareAcceleration();
  // Without this a machine without a display ends the program before it begins.
  if (process.platform === 'linux') app.commandLine.appendSwitch('ozone-platform', 'headless');
  app.dock?.hide();
  void import('../cli/run.ts').then(({ main }) => main(args));
}

function startDesktop(options: LaunchOptions): void {
  app.setName('CyberBackup');
  if (process.platform === 'win32') app.setAppUserModelId('org.cyberbackup.desktop');
  const data = join(homeFolders(options.home, process.env).data, 'desktop');
  makePrivateFolder(data);
  app.setPath('userData', data);
  if (!app.requestSingleInstanceLock()) {
    app.exit(0);
    return;
  }
  protocol.registerSchemesAsPrivileged([schemePrivileges]);
  if (app.isPackaged) app.setAsDefaultProtocolClient(linkScheme);

  // A second start may come before this one is ready to hear of it.
  let listener: ((options: LaunchOptions) => void) | undefined;
  const early: LaunchOptions[] = [];
  const tell = (wanted: LaunchOptions): void => (listener === undefined ? void early.push(wanted) : listener(wanted));
  app.on('second-instance', (_, argv) => {
    const second = parseLaunch(ownArguments(argv));
    if (second.kind === 'window') tell(second.options);
  });
  // macOS hands links to the program that runs.
  app.on('open-url', (event, url) => {
    event.preventDefault();
    tell({ home: undefined, hidden: false, path: pathOfLink(url) ?? '/' });
  });
  void app.whenReady().then(async () => {
    const { boot } = await import('./boot.ts');
    await boot({
      options,
      root,
      command: app.isPackaged ? [process.execPath] : [process.execPath, root],
      onSecondStart: (wanted) => {
        listener = wanted;
        for (const one of early.splice(0)) wanted(one);
      },
    });
  });
}
