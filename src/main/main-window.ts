/**
 * The one window. Closing it hides it: jobs and the tray go on.
 *
 * Invariants: the page is sandboxed, in a world of its own, without Node; it shows the interface's own origin and nothing
 * else; a page that crashes is loaded again, at most three times in a row.
 */
import { BrowserWindow, nativeTheme, screen } from 'electron';
import type { Logger } from '../core/platform/logger.ts';
import { bridgeChannels, versionArgument } from '../shared/bridge-channels.ts';
import type { BridgeCommand } from '../shared/bridge.ts';
import { appAddress } from './app-scheme.ts';
import { placeWindow, smallestWindow } from './shell-state.ts';
import type { ShellStateFile } from './shell-state.ts';

export interface MainWindowOptions {
  readonly preload: string;
  readonly icon: string;
  readonly version: string;
  readonly state: ShellStateFile;
  readonly logger: Logger;
  readonly platform: NodeJS.Platform;
  /** Once the program quits, closing is closing. */
  readonly isLeaving: () => boolean;
  /** The system ends the session, in a moment (Windows). */
  readonly onSessionEnd: () => void;
}

/** Of the design's tokens `--bg-window` and `--text-2`; the title bar is 44 px high. */
const colours = { light: { color: '#f0f1f4', symbolColor: '#474f5f' }, dark: { color: '#0d0f13', symbolColor: '#b5bcc9' } } as const;
const titleBarHeight = 44;
const mostReloads = 3;

export class MainWindow {
  readonly #options: MainWindowOptions;
  #window: BrowserWindow | undefined;
  #loaded = false;
  #reloads = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(options: MainWindowOptions) {
    this.#options = options;
    nativeTheme.on('updated', () => this.#paintTitleBar());
  }

  isOwn(contents: Electron.WebContents): boolean {
    return this.#window !== undefined && this.#window.webContents === contents;
  }

  get isWatched(): boolean {
    return this.#window?.isFocused() === true;
  }

  /** In front, with the path of the interface where one is given. */
  show(path?: string): void {
    const window = (this.#window ??= this.#create(path ?? '/'));
    if (window.isMinimized()) window.restore();
    if (this.#loaded) {
      window.show();
      window.focus();
    }
    if (path !== undefined) this.#whenLoaded(() => this.send(bridgeChannels.navigate, path));
  }

  command(command: BridgeCommand): void {
    this.show();
    this.#whenLoaded(() => this.send(bridgeChannels.command, command));
  }

  /** Dropped where no window is open: it reads the present state when it opens. */
  send(channel: string, ...values: readonly unknown[]): void {
    if (this.#loaded) this.#window?.webContents.send(channel, ...values);
  }

  progress(fraction: number | undefined, mode: 'normal' | 'paused' | 'error'): void {
    this.#window?.setProgressBar(fraction ?? -1, { mode });
  }

  get dialogParent(): BrowserWindow | undefined {
    return this.#window?.isVisible() === true ? this.#window : undefined;
  }

  #create(path: string): BrowserWindow {
    const { preload, icon, version, state, platform } = this.#options;
    const place = placeWindow(state.state.bounds, screen.getAllDisplays().map(({ workArea }) => workArea));
    const window = new BrowserWindow({
      ...place,
      minWidth: smallestWindow.width,
      minHeight: smallestWindow.height,
      show: false,
      title: 'CyberBackup',
      icon,
      backgroundColor: this.#colours.color,
      titleBarStyle: 'hidden',
      autoHideMenuBar: true,
      ...(platform === 'darwin' ? { trafficLightPosition: { x: 14, y: 14 } } : { titleBarOverlay: { ...this.#colours, height: titleBarHeight } }),
      webPreferences: {
        preload,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
        spellcheck: false,
        navigateOnDragDrop: false,
        additionalArguments: [`${versionArgument}${version}`],
      },
    });
    if (state.state.maximized) window.maximize();
    window.once('ready-to-show', () => window.show());
    window.on('close', (event) => this.#onClose(event, window));
    window.on('session-end', () => this.#options.onSessionEnd());
    window.on('closed', () => {
      this.#window = undefined;
      this.#loaded = false;
    });
    window.webContents.on('did-finish-load', () => this.#onLoaded());
    window.webContents.on('render-process-gone', (_, { reason }) => this.#onGone(window, reason));
    void window.loadURL(appAddress(path)).catch((error: unknown) => this.#options.logger.error({ component: 'shell', reason: String(error) }, 'the interface could not be loaded'));
    return window;
  }

  #onLoaded(): void {
    this.#loaded = true;
    for (const act of this.#waiting.splice(0)) act();
  }

  #whenLoaded(act: () => void): void {
    if (this.#loaded) act();
    else this.#waiting.push(act);
  }

  #onClose(event: Pick<Electron.Event, 'preventDefault'>, window: BrowserWindow): void {
    const { state, logger, isLeaving } = this.#options;
    state.change({ bounds: window.getNormalBounds(), maximized: window.isMaximized() }, (error) => logger.warn({ component: 'shell', reason: error.message }, 'the place of the window could not be kept'));
    if (isLeaving()) return;
    event.preventDefault();
    window.hide();
  }

  #onGone(window: BrowserWindow, reason: string): void {
    this.#loaded = false;
    if (reason === 'clean-exit' || this.#options.isLeaving()) return;
    this.#options.logger.error({ component: 'shell', reason }, 'the interface ended; jobs go on');
    this.#reloads += 1;
    if (this.#reloads <= mostReloads) window.webContents.reload();
  }

  get #colours(): { readonly color: string; readonly symbolColor: string } {
    return nativeTheme.shouldUseDarkColors ? colours.dark : colours.light;
  }

  #paintTitleBar(): void {
    if (this.#window === undefined) return;
    this.#window.setBackgroundColor(this.#colours.color);
    if (this.#options.platform !== 'darwin') this.#window.setTitleBarOverlay({ ...this.#colours, height: titleBarHeight });
  }
}
