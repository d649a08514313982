/** `Menu`, `Tray`, `Notification`: kept as data that the test reads and clicks. */
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { answerTest, test } from './driver.ts';
import { strict } from './strict.ts';

interface Item {
  readonly label?: string;
  readonly role?: string;
  readonly type?: string;
  readonly enabled?: boolean;
  readonly checked?: boolean;
  readonly submenu?: readonly Item[];
  readonly click?: (item: { checked: boolean }) => void;
}

const known = new Set(['label', 'role', 'type', 'enabled', 'checked', 'submenu', 'click', 'accelerator', 'registerAccelerator']);

function allOf(items: readonly Item[]): readonly Item[] {
  return items.flatMap((item) => [item, ...allOf(item.submenu ?? [])]);
}

class MenuDouble {
  readonly items: readonly Item[];

  constructor(items: readonly Item[]) {
    this.items = items;
    for (const item of allOf(items)) {
      for (const key of Object.keys(item)) if (!known.has(key)) throw new TypeError(`The double of Electron knows no menu item's ${key}`);
      if (item.label === undefined && item.role === undefined && item.type !== 'separator') throw new TypeError('A menu item without words');
    }
  }
}

let applicationMenu: MenuDouble | null = null;
let tray: { picture: string; tip: string; menu: MenuDouble | undefined } | undefined;
let clickTray: () => void = () => undefined;

export const Menu = strict('Menu', {
  buildFromTemplate: (items: readonly Item[]) => new MenuDouble(items),
  setApplicationMenu: (menu: MenuDouble | null) => void (applicationMenu = menu),
});

/** A picture must be there: Electron shows nothing for one that is not, and says nothing. */
export const nativeImage = strict('nativeImage', {
  createFromPath(path: string) {
    if (!existsSync(path)) throw new Error(`There is no picture ${path}`);
    return { path };
  },
});

class TrayDouble extends EventEmitter {
  constructor(image: { path: string }) {
    super();
    tray = { picture: image.path, tip: '', menu: undefined };
    clickTray = () => void this.emit('click');
    return strict('Tray', this);
  }
  setImage(image: { path: string }): void {
    if (tray !== undefined) tray.picture = image.path;
  }
  setToolTip(tip: string): void {
    if (tray !== undefined) tray.tip = tip;
  }
  setContextMenu(menu: MenuDouble): void {
    if (tray !== undefined) tray.menu = menu;
  }
  destroy(): void {
    tray = undefined;
  }
}
export { TrayDouble as Tray };

const notices: NotificationDouble[] = [];

class NotificationDouble extends EventEmitter {
  static isSupported(): boolean {
    return true;
  }
  readonly options: { readonly title: string; readonly body: string };
  constructor(options: { readonly title: string; readonly body: string }) {
    super();
    this.options = options;
    return strict('Notification', this);
  }
  show(): void {
    notices.push(this);
    void test.call('note', 'notification', [this.options.title, this.options.body]);
  }
}
export { NotificationDouble as Notification };

type Shown = { readonly label: string; readonly enabled: boolean; readonly checked: boolean; readonly submenu: readonly Shown[] };

function shown(items: readonly Item[]): readonly Shown[] {
  return items.filter(({ type }) => type !== 'separator').map(({ label, role, enabled, checked, submenu }) => ({ label: label ?? role ?? '', enabled: enabled !== false, checked: checked === true, submenu: shown(submenu ?? []) }));
}

function click(items: readonly Item[], [label, ...rest]: readonly string[]): void {
  const item = items.find((one) => one.label === label);
  if (item === undefined) throw new Error(`The menu has no ${label}`);
  if (rest.length > 0) return click(item.submenu ?? [], rest);
  if (item.enabled === false) throw new Error(`${label} cannot be clicked now`);
  item.click?.({ checked: item.checked !== true });
}

answerTest({
  tray: () => (tray === undefined ? undefined : { picture: tray.picture, tip: tray.tip, menu: shown(tray.menu?.items ?? []) }),
  clickTray: (...labels: string[]) => (labels.length === 0 ? clickTray() : click(tray?.menu?.items ?? [], labels)),
  menu: () => shown(applicationMenu?.items ?? []),
  clickMenu: (...labels: string[]) => click(applicationMenu?.items ?? [], labels),
  clickNotification: (title: string) => void notices.find(({ options }) => options.title === title)?.emit('click'),
});
