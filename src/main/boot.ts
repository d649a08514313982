/**
 * The desktop, from the moment the system is ready: the agent, and the shell around it.
 *
 * Order: scheme and guards before any page, the agent before the window, so that the first page finds it answering.
 */
import { join } from 'node:path';
import { app, dialog, powerMonitor, protocol, safeStorage, session, nativeTheme, shell as system } from 'electron';
import type { BrowserWindow } from 'electron';
import { startAgent } from '../agent/agent.ts';
import type { AgentPorts, RunningAgent } from '../agent/agent.ts';
import { findAgent } from '../agent/agent-file.ts';
import { createAgentPorts } from '../agent/agent-ports.ts';
import { builtInterface } from '../agent/api/interface-folder.ts';
import { defaultListen } from '../agent/api/listen-address.ts';
import { systemClock } from '../core/platform/clock.ts';
import { homeFolders } from '../core/platform/home.ts';
import type { Home } from '../core/platform/home.ts';
import { readProgramVersion } from '../cli/program-version.ts';
import { Failure } from '../shared/errors.ts';
import { appScheme, serveInterface } from './app-scheme.ts';
import { denyPermissions, guardContents } from './guards.ts';
import type { LaunchOptions } from './launch-options.ts';
import { LogFile } from './log-file.ts';
import { loginItem } from './login-item.ts';
import { MainWindow } from './main-window.ts';
import { Quitting } from './quitting.ts';
import { openSealedSecrets } from './sealed-secrets.ts';
import { ShellStateFile } from './shell-state.ts';
import { Shell } from './shell.ts';
import { shellText } from './text.ts';
import type { ShellText } from './text.ts';
import { launchUtilityCompanion } from './utility-companion.ts';
import { releaseFeedOf, watchUpdates } from './updates.ts';
import { utilityWorker } from './utility-worker.ts';

export interface Boot {
  readonly options: LaunchOptions;
  /** The program's folder, with `dist` and `resources`. */
  readonly root: string;
  /** Starts the same program again. */
  readonly command: readonly string[];
  /** What another start of the program wants of this one. */
  readonly onSecondStart: (listener: (options: LaunchOptions) => void) => void;
}

export async function boot({ options, root, command, onSecondStart }: Boot): Promise<void> {
  const home = homeFolders(options.home, process.env);
  const version = readProgramVersion();
  const text = shellText(app.getLocale());
  const state = new ShellStateFile(join(app.getPath('userData'), 'shell.json'));
  nativeTheme.themeSource = state.state.theme;
  const log = new LogFile(join(home.data, 'logs', 'desktop.log'));
  const ports: AgentPorts = createAgentPorts({
    clock: systemClock,
    env: process.env,
    log: { level: 'info', format: 'json', target: log },
    platform: {
      launchWorker: utilityWorker(process.env),
      launchCompanion: launchUtilityCompanion,
      openSecrets: openSealedSecrets({ safeStorage, platform: process.platform, mayBePlain: () => askForPlainSecrets(state, text), logger: () => ports.telemetry.logger }),
    },
  });
  const { logger } = ports.telemetry;
  process.on('uncaughtException', (error) => logger.error({ component: 'shell', reason: error.stack ?? error.message }, 'an error that nobody waited for'));
  process.on('unhandledRejection', (error) => logger.error({ component: 'shell', reason: error instanceof Error ? error.stack : String(error) }, 'an error that nobody waited for'));

  const folder = builtInterface(root);
  protocol.handle(appScheme, await serveInterface(folder, logger));
  guardContents(app, logger);
  denyPermissions(session.defaultSession);
  app.setAboutPanelOptions({ applicationName: 'CyberBackup', applicationVersion: version, copyright: 'MIT License' });

  const agent = await startOrExplain(home, version, folder, ports, text);
  if (agent === undefined) return app.exit(1);
  const window = new MainWindow({
    preload: join(root, 'dist', 'preload', 'index.cjs'),
    icon: join(root, 'resources', 'icon.png'),
    version,
    state,
    logger,
    platform: process.platform,
    isLeaving: () => quitting.isLeaving,
    onSessionEnd: () => void quitting.leave(),
  });
  const shell = new Shell({
    agent,
    telemetry: ports.telemetry,
    window,
    state,
    text,
    locale: app.getLocale(),
    pictures: join(root, 'resources', 'tray'),
    platform: process.platform,
    login: loginItem({ app, platform: process.platform, env: process.env, command }),
    now: () => systemClock.now(),
    quit: () => void quitting.wish(),
  });
  const leaving = new AbortController();
  const quitting: Quitting = new Quitting({
    logger,
    runningJobs: () => shell.board.summary.active.filter(({ state: held }) => held === 'running').length,
    ask: (jobs) => askToQuit(window.dialogParent, jobs, text),
    async stop() {
      leaving.abort();
      shell.stop();
      await agent.stop();
      await log.close();
    },
    exit: () => app.exit(0),
  });
  app.on('before-quit', (event) => {
    event.preventDefault();
    void quitting.wish();
  });
  // The window is hidden, not closed; on macOS the icon in the dock brings it back.
  app.on('window-all-closed', () => undefined);
  app.on('activate', () => window.show());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void quitting.leave());
  powerMonitor.on('shutdown', () => void quitting.leave());

  await shell.start();
  void watchUpdates(
    {
      feed: app.isPackaged ? releaseFeedOf(join(root, 'package.json')) : undefined,
      load: async () => (await import('electron-updater')).default.autoUpdater,
      clock: systemClock,
      logger,
      onReady: (newVersion) => shell.tellOfUpdate(newVersion),
    },
    leaving.signal,
  );
  onSecondStart(({ path }) => window.show(path));
  if (!options.hidden) window.show(options.path);
}

/** Undefined where it did not start, which the person has read then. */
async function startOrExplain(home: Home, programVersion: string, interfaceFolder: string | undefined, ports: AgentPorts, text: ShellText): Promise<RunningAgent | undefined> {
  try {
    return await startAgent({ folders: home, listen: defaultListen, elseAnyPort: true, programVersion, ...(interfaceFolder === undefined ? {} : { interfaceFolder }) }, ports);
  } catch (error) {
    ports.telemetry.logger.error({ component: 'shell', reason: error instanceof Error ? error.stack : String(error) }, 'the agent did not start');
    const { what, safe, next } = error instanceof Failure ? error.text : { what: 'An unexpected error', safe: 'What was backed up is unchanged', next: 'The log in the home folder says more; please report it' };
    const other = error instanceof Failure && error.code === 'AGENT_RUNNING' ? await findAgent(home.data, systemClock) : undefined;
    const buttons = other === undefined ? [text.close] : [text.openInBrowser, text.close];
    const { response } = await dialog.showMessageBox({ type: 'error', title: text.notStarted, message: what, detail: [safe, next].filter((part) => part !== undefined).join('. '), buttons, cancelId: buttons.length - 1 });
    if (other !== undefined && response === 0) await system.openExternal(`${other.url}/`);
    return undefined;
  }
}

async function askToQuit(parent: BrowserWindow | undefined, jobs: number, text: ShellText): Promise<boolean> {
  const options = { type: 'question' as const, message: text.quitQuestion(jobs), detail: text.quitDetail, buttons: [text.quitNow, text.keepRunning], defaultId: 1, cancelId: 1 };
  const { response } = await (parent === undefined ? dialog.showMessageBox(options) : dialog.showMessageBox(parent, options));
  return response === 0;
}

async function askForPlainSecrets(state: ShellStateFile, text: ShellText): Promise<boolean> {
  const known = state.state.secretsInFile;
  if (known !== undefined) return known;
  const { response } = await dialog.showMessageBox({ type: 'question', message: text.keychainQuestion, detail: text.keychainDetail, buttons: [text.keepInFile, text.keepInMemory], defaultId: 1, cancelId: 1 });
  const secretsInFile = response === 0;
  // An answer that cannot be kept is asked for again after the next start.
  state.change({ secretsInFile }, () => undefined);
  return secretsInFile;
}
