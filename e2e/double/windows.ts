/** `BrowserWindow` and its contents: pages that the test's browser shows. */
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { Event, app } from './app.ts';
import { answerTest, cloned, test } from './driver.ts';
import { strict } from './strict.ts';

interface Frame {
  readonly url: string;
  readonly parent: Frame | null;
}

type OpenHandler = (details: { readonly url: string }) => { readonly action: 'deny' | 'allow' };

class WebContents extends EventEmitter {
  readonly id: number;
  url = '';
  openHandler: OpenHandler = () => ({ action: 'allow' });

  constructor(id: number) {
    super();
    this.id = id;
  }

  getURL(): string {
    return this.url;
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler;
  }

  send(channel: string, ...values: readonly unknown[]): void {
    void test.call('send', this.id, channel, cloned(values));
  }

  reload(): void {
    void test.call('load', this.id, this.url);
  }
}

interface Options {
  readonly width: number;
  readonly height: number;
  readonly minWidth: number;
  readonly minHeight: number;
  readonly show: boolean;
  readonly webPreferences: { readonly preload: string; readonly sandbox: boolean; readonly contextIsolation: boolean; readonly nodeIntegration: boolean; readonly webSecurity: boolean; readonly additionalArguments: readonly string[] };
}

const windows = new Map<number, BrowserWindow>();
/** Contents as the shell sees them: always the same object. */
const seen = new Map<number, WebContents>();

export class BrowserWindow extends EventEmitter {
  readonly webContents: WebContents;
  readonly contents: WebContents;
  readonly id: number;
  visible: boolean;
  focused = false;
  minimized = false;
  maximized = false;
  progress: readonly unknown[] = [];
  bounds: { x: number; y: number; width: number; height: number };

  constructor(options: Options) {
    super();
    const { preload, sandbox, contextIsolation, nodeIntegration, webSecurity, additionalArguments } = options.webPreferences;
    if (!sandbox || !contextIsolation || nodeIntegration || !webSecurity) throw new TypeError('A window without its protections');
    this.id = windows.size + 1;
    this.contents = new WebContents(this.id);
    this.webContents = strict('webContents', this.contents);
    this.visible = options.show;
    this.bounds = { x: 0, y: 0, width: options.width, height: options.height };
    windows.set(this.id, this);
    seen.set(this.id, this.webContents);
    void test.call('createWindow', this.id, { width: options.width, height: options.height, preload: readFileSync(preload, 'utf8'), argv: additionalArguments });
    app.emit('web-contents-created', new Event(), this.webContents);
    return strict('BrowserWindow', this);
  }

  async loadURL(url: string): Promise<void> {
    this.contents.url = url;
    await test.call('load', this.id, url);
  }

  show(): void {
    this.visible = true;
    this.focused = true;
    void test.call('note', 'show', [this.id]);
  }

  hide(): void {
    this.visible = false;
    this.focused = false;
    void test.call('note', 'hide', [this.id]);
  }

  focus(): void {
    this.focused = true;
  }

  restore(): void {
    this.minimized = false;
  }

  maximize(): void {
    this.maximized = true;
  }

  isVisible = (): boolean => this.visible;
  isFocused = (): boolean => this.focused;
  isMinimized = (): boolean => this.minimized;
  isMaximized = (): boolean => this.maximized;
  getNormalBounds = (): BrowserWindow['bounds'] => this.bounds;
  setBackgroundColor(): void {}
  setTitleBarOverlay(): void {}

  setProgressBar(...progress: readonly unknown[]): void {
    this.progress = progress;
  }
}

const windowOf = (id: number): BrowserWindow => {
  const found = windows.get(id);
  if (found === undefined) throw new Error(`There is no window ${id}`);
  return found;
};

type Listener = (event: { readonly sender: WebContents; readonly senderFrame: Frame | null }, ...values: readonly unknown[]) => unknown;
const invocable = new Map<string, Listener>();

export const ipcMain = strict('ipcMain', {
  handle(channel: string, listener: Listener): void {
    if (invocable.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    invocable.set(channel, listener);
  },
  removeHandler: (channel: string) => void invocable.delete(channel),
});

answerTest({
  /** `frameUrl`: of the frame that asks; `inside`: it is not the top one. */
  async invoke(id: number, channel: string, values: readonly unknown[], frameUrl: string, inside: boolean) {
    const listener = invocable.get(channel);
    if (listener === undefined) throw new Error(`Error invoking remote method '${channel}': No handler registered`);
    const top = strict('senderFrame', { url: windowOf(id).contents.url, parent: null });
    const senderFrame = inside ? strict('senderFrame', { url: frameUrl, parent: top }) : strict('senderFrame', { url: frameUrl, parent: null });
    return cloned(await listener(strict('event', { sender: seen.get(id) as WebContents, senderFrame }), ...cloned(values)));
  },
  /** Whether the shell lets the page go there. */
  willNavigate(id: number, url: string) {
    const event = Object.assign(new Event(), { url });
    windowOf(id).contents.emit('will-navigate', event);
    return !event.defaultPrevented;
  },
  openWindow: (id: number, url: string) => windowOf(id).contents.openHandler({ url }).action,
  loaded(id: number) {
    windowOf(id).emit('ready-to-show');
    windowOf(id).contents.emit('did-finish-load');
  },
  closeWindow(id: number) {
    const window = windowOf(id);
    const event = new Event();
    window.emit('close', event);
    if (event.defaultPrevented) return;
    windows.delete(id);
    window.emit('closed');
  },
  pageGone: (id: number) => void windowOf(id).contents.emit('render-process-gone', new Event(), { reason: 'crashed' }),
  windowState: (id: number) => ({ visible: windowOf(id).visible, focused: windowOf(id).focused, progress: windowOf(id).progress }),
  setFocus: (id: number, focused: boolean) => void (windowOf(id).focused = focused),
});
