/** The built desktop in the double of Electron, and everything that a person or the system can do to it. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from '@playwright/test';
import { preloadWorld } from '../double/preload-world.ts';
import { Wire } from '../double/wire.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Chromium knows no `app://`: its pages stand under this address, and no request leaves the browser. */
const origin = 'https://cyberbackup.invalid';
const inBrowser = (url: string): string => url.replace(/^app:\/\/cyberbackup/, origin);
const inElectron = (url: string): string => (url.startsWith(`${origin}/`) || url === origin ? url.replace(origin, 'app://cyberbackup') : url);

export interface MenuLine {
  readonly label: string;
  readonly enabled: boolean;
  readonly checked: boolean;
  readonly submenu: readonly MenuLine[];
}

export interface AskedDialog {
  readonly kind: 'message' | 'open' | 'save';
  readonly options: { readonly message?: string; readonly detail?: string; readonly buttons?: readonly string[]; readonly properties?: readonly string[]; readonly defaultPath?: string };
  /** Resolves when the program has heard it. */
  answer(value: unknown): Promise<void>;
}

export interface DoubleOptions {
  readonly context: BrowserContext;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export class DoubleDesktop {
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly notes: { readonly name: string; readonly values: readonly unknown[] }[] = [];
  /** Standard error of the main process. */
  said = '';
  readonly #context: BrowserContext;
  readonly #wire: Wire;
  readonly #pages = new Map<number, Page>();
  readonly #loaded = new Set<number>();
  readonly #dialogs: AskedDialog[] = [];
  readonly #changed: (() => void)[] = [];

  constructor({ context, args, env }: DoubleOptions) {
    this.#context = context;
    const register = fileURLToPath(new URL('../double/register.ts', import.meta.url));
    this.process = fork(`${root}dist/main/index.js`, args, { execArgv: ['--import', register], env, serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.process.stderr?.setEncoding('utf8').on('data', (piece: string) => (this.said += piece));
    this.#wire = new Wire(
      { send: (message) => void (this.process.connected && this.process.send(message as object, () => undefined)), onMessage: (listener) => void this.process.on('message', listener) },
      {
        createWindow: (id: number, options: { width: number; height: number; preload: string; argv: readonly string[] }) => this.#createWindow(id, options),
        load: async (id: number, url: string) => void (await (await this.#page(id)).goto(inBrowser(url))),
        send: (id: number, channel: string, values: readonly unknown[]) => this.#send(id, channel, values),
        dialog: (kind: AskedDialog['kind'], options: AskedDialog['options']) => new Promise((resolve) => {
            const answer = async (value: unknown): Promise<void> => {
              resolve(value);
              await new Promise((sent) => void setImmediate(sent));
              await this.#wire.call('settle').catch(() => undefined); // the answer may end the program
            };
            this.#note(() => this.#dialogs.push({ kind, options, answer }));
          }),
        note: (name: string, values: readonly unknown[]) => this.#note(() => this.notes.push({ name, values })),
      },
    );
    this.exited = new Promise((resolve) => {
      this.process.once('close', (code) => {
        this.#wire.close('The desktop has ended');
        this.#note(() => undefined);
        resolve(code);
      });
    });
  }

  /** The window's page, once it shows the interface. */
  async window(id = 1): Promise<Page> {
    await this.#until(() => this.#loaded.has(id), 'a window');
    return await this.#page(id);
  }

  get hasWindow(): boolean {
    return this.#pages.size > 0;
  }

  async dialog(): Promise<AskedDialog> {
    await this.#until(() => this.#dialogs.length > 0, 'a dialog');
    return this.#dialogs.shift() as AskedDialog;
  }

  get openDialogs(): number {
    return this.#dialogs.length;
  }

  async noted(name: string): Promise<readonly unknown[]> {
    const found = () => this.notes.find((note) => note.name === name);
    await this.#until(() => found() !== undefined, name);
    return found()?.values ?? [];
  }

  tray(): Promise<{ readonly picture: string; readonly tip: string; readonly menu: readonly MenuLine[] } | undefined> {
    return this.#wire.call('tray') as ReturnType<DoubleDesktop['tray']>;
  }

  async clickTray(...labels: readonly string[]): Promise<void> {
    await this.#wire.call('clickTray', ...labels);
  }

  menu(): Promise<readonly MenuLine[]> {
    return this.#wire.call('menu') as Promise<readonly MenuLine[]>;
  }

  async clickMenu(...labels: readonly string[]): Promise<void> {
    await this.#wire.call('clickMenu', ...labels);
  }

  async clickNotification(title: string): Promise<void> {
    await this.#wire.call('clickNotification', title);
  }

  windowState(id = 1): Promise<{ readonly visible: boolean; readonly focused: boolean; readonly progress: readonly unknown[] }> {
    return this.#wire.call('windowState', id) as ReturnType<DoubleDesktop['windowState']>;
  }

  /** The person closes the window. */
  async closeWindow(id = 1): Promise<void> {
    await this.#wire.call('closeWindow', id);
  }

  /** The person, or the system, wants the program to quit. */
  async quit(): Promise<void> {
    await this.#wire.call('quit');
  }

  async openUrl(url: string): Promise<void> {
    await this.#wire.call('openUrl', url);
  }

  /** A message as another frame than the window's own would send it. */
  invoke(channel: string, values: readonly unknown[], frame: { readonly url: string; readonly inside: boolean } = { url: 'app://cyberbackup/', inside: false }): Promise<unknown> {
    return this.#wire.call('invoke', 1, channel, values, frame.url, frame.inside);
  }

  /** A request as another page than the window's own would make it. */
  request(url: string, method = 'GET', headers: Readonly<Record<string, string>> = {}): Promise<{ readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array }> {
    return this.#wire.call('request', url, method, headers) as ReturnType<DoubleDesktop['request']>;
  }

  permission(name: string): Promise<unknown> {
    return this.#wire.call('permission', name);
  }

  /** In order where it can be, at once where it cannot. */
  async close(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill('SIGTERM');
    const patience = setTimeout(() => this.process.kill('SIGKILL'), 20_000);
    await this.exited;
    clearTimeout(patience);
  }

  async #createWindow(id: number, { width, height, preload, argv }: { width: number; height: number; preload: string; argv: readonly string[] }): Promise<void> {
    const page = await this.#context.newPage();
    await page.setViewportSize({ width, height });
    await page.exposeBinding('__doubleInvoke', async ({ frame }, channel: string, values: readonly unknown[]) => {
      try {
        return { value: await this.#wire.call('invoke', id, channel, values, inElectron(frame.url()), frame.parentFrame() !== null) };
      } catch (error) {
        return { error: error instanceof Error ? error.message : String(error) };
      }
    });
    await page.addInitScript(preloadWorld, { origin, preload, argv: ['electron', ...argv], platform: process.platform });
    await page.route('**/*', async (route, request) => {
      const url = inElectron(request.url());
      try {
        if (request.isNavigationRequest() && request.frame() === page.mainFrame() && page.url() !== 'about:blank' && !(await this.#wire.call('willNavigate', id, url))) return await route.abort('aborted');
        if (!url.startsWith('app:')) return await route.abort('accessdenied');
        const { origin: from, ...headers } = request.headers();
        const answer = await this.request(url, request.method(), { ...headers, ...(from === undefined ? {} : { origin: inElectron(from) }) });
        await route.fulfill({ status: answer.status, headers: answer.headers, body: Buffer.from(answer.body) });
      } catch (error) {
        if (!page.isClosed()) this.#unlessEnded(error);
      }
    });
    page.on('load', () => {
      const tell = this.#wire.call('loaded', id).then(() => this.#note(() => this.#loaded.add(id)));
      tell.catch((error: unknown) => this.#unlessEnded(error));
    });
    page.on('popup', (popup) => {
      const tell = this.#wire.call('openWindow', id, popup.url()).then((action) => (action === 'deny' ? popup.close() : undefined));
      tell.catch((error: unknown) => this.#unlessEnded(error));
    });
    this.#note(() => this.#pages.set(id, page));
  }

  async #page(id: number): Promise<Page> {
    await this.#until(() => this.#pages.has(id), `window ${id}`);
    return this.#pages.get(id) as Page;
  }

  async #send(id: number, channel: string, values: readonly unknown[]): Promise<void> {
    const page = await this.#page(id);
    await page.evaluate(([name, all]) => (window as unknown as { __double: { hear(channel: string, values: readonly unknown[]): void } }).__double.hear(name, all), [channel, values] as const).catch((error: unknown) => {
      if (!page.isClosed() && !/navigation|destroyed|closed/i.test(String(error))) throw error;
    });
  }

  /** The program may end while its page still asks for something; any other failure is the test's. */
  #unlessEnded(error: unknown): void {
    if (this.process.exitCode === null && this.process.signalCode === null) throw error;
  }

  #note(change: () => unknown): void {
    change();
    for (const look of this.#changed.splice(0)) look();
  }

  async #until(found: () => boolean, what: string): Promise<void> {
    const deadline = AbortSignal.timeout(30_000);
    while (!found()) {
      if (this.process.exitCode !== null || this.process.signalCode !== null) throw new Error(`The desktop ended before ${what} came:\n${this.said}`);
      if (deadline.aborted) throw new Error(`${what} did not come:\n${this.said}`);
      await Promise.race([new Promise<void>((resolve) => void this.#changed.push(resolve)), new Promise((resolve) => void setTimeout(resolve, 500))]);
    }
  }
}
