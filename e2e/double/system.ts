/** What the system offers: dialogs, protocol, keychain, theme, screens, power, session. */
import { EventEmitter } from 'node:events';
import { answerTest, cloned, test } from './driver.ts';
import { strict } from './strict.ts';

const withoutParent = (args: readonly unknown[]): unknown => cloned(args.at(-1));

export const dialog = strict('dialog', {
  showMessageBox: (...args: unknown[]) => test.call('dialog', 'message', withoutParent(args)),
  showOpenDialog: (...args: unknown[]) => test.call('dialog', 'open', withoutParent(args)),
  showSaveDialog: (...args: unknown[]) => test.call('dialog', 'save', withoutParent(args)),
});

export const shell = strict('shell', {
  showItemInFolder: (path: string) => void test.call('note', 'showItemInFolder', [path]),
  openExternal: async (url: string) => void (await test.call('note', 'openExternal', [url])),
});

let privileged: readonly string[] = [];
const protocols = new Map<string, (request: Request) => Promise<Response>>();

export const protocol = strict('protocol', {
  registerSchemesAsPrivileged: (schemes: readonly { readonly scheme: string }[]) => void (privileged = schemes.map(({ scheme }) => scheme)),
  handle(scheme: string, handler: (request: Request) => Promise<Response>): void {
    if (!privileged.includes(scheme)) throw new Error(`The scheme ${scheme} was not registered before the program was ready`);
    protocols.set(scheme, handler);
  },
});

/** As Electron on Linux without a keyring, unless the test says that there is one. */
const keyring = process.env['DOUBLE_KEYRING'] === '1';
export const safeStorage = strict('safeStorage', {
  isEncryptionAvailable: () => true,
  getSelectedStorageBackend: () => (keyring ? 'gnome_libsecret' : 'basic_text'),
  encryptString: (text: string) => Buffer.from(Buffer.from(text, 'utf8').map((byte) => byte ^ 0x5a)),
  decryptString: (sealed: Buffer) => Buffer.from(Buffer.from(sealed).map((byte) => byte ^ 0x5a)).toString('utf8'),
});

class NativeTheme extends EventEmitter {
  #source = 'system';
  get themeSource(): string {
    return this.#source;
  }
  set themeSource(source: string) {
    this.#source = source;
    this.emit('updated');
  }
  get shouldUseDarkColors(): boolean {
    return this.#source === 'dark';
  }
}
export const nativeTheme = strict('nativeTheme', new NativeTheme());

export const screen = strict('screen', { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] });
export const powerMonitor = strict('powerMonitor', new EventEmitter());

type Check = (...args: never[]) => unknown;
const permission: { check?: Check; device?: Check; request?: (contents: null, name: string, answer: (granted: boolean) => void) => void } = {};
export const session = strict('session', {
  defaultSession: strict('session.defaultSession', {
    setPermissionRequestHandler: (handler: NonNullable<typeof permission.request>) => void (permission.request = handler),
    setPermissionCheckHandler: (check: Check) => void (permission.check = check),
    setDevicePermissionHandler: (check: Check) => void (permission.device = check),
  }),
});

answerTest({
  async request(url: string, method: string, headers: Readonly<Record<string, string>>) {
    const handler = protocols.get(new URL(url).protocol.replace(':', ''));
    if (handler === undefined) throw new Error(`Nobody serves ${url}`);
    const response = await handler(new Request(url, { method, headers }));
    return { status: response.status, headers: Object.fromEntries(response.headers), body: new Uint8Array(await response.arrayBuffer()) };
  },
  permission: (name: string) => new Promise<boolean>((resolve) => permission.request?.(null, name, (granted) => resolve(granted))),
});
