/** The icon beside the clock: its picture follows the state, its menu what can be done. */
import { join } from 'node:path';
import { Menu, Tray, nativeImage } from 'electron';
import type { ShellMood, ShellSummary } from './job-board.ts';
import type { ShellText } from './text.ts';
import { stateLine, trayMenu } from './tray-menu.ts';
import type { TrayActions } from './tray-menu.ts';

export interface TrayOptions {
  readonly pictures: string;
  readonly text: ShellText;
  readonly actions: TrayActions;
  readonly platform: NodeJS.Platform;
  readonly formatTime: (at: number) => string;
  /** Of the bar that the icon stands on; macOS tints the picture itself. */
  readonly darkBar: () => boolean;
}

export class ShellTray {
  readonly #options: TrayOptions;
  readonly #tray: Tray;
  #shown = '';
  #menu = '';

  constructor(options: TrayOptions) {
    this.#options = options;
    this.#tray = new Tray(this.#picture('idle'));
    this.#tray.on('click', () => options.actions.open());
  }

  show(summary: ShellSummary): void {
    const { text, formatTime, actions } = this.#options;
    const picture = this.#pictureName(summary.mood);
    if (picture !== this.#shown) {
      this.#shown = picture;
      this.#tray.setImage(this.#picture(summary.mood));
    }
    const template = trayMenu(summary, text, actions, formatTime);
    // A menu that is replaced closes where it is open: only when its words change.
    const words = JSON.stringify(template);
    if (words === this.#menu) return;
    this.#menu = words;
    this.#tray.setToolTip(`CyberBackup — ${stateLine(summary, text, formatTime)}`);
    this.#tray.setContextMenu(Menu.buildFromTemplate(template));
  }

  close(): void {
    this.#tray.destroy();
  }

  #pictureName(mood: ShellMood): string {
    const { platform, darkBar } = this.#options;
    return platform === 'darwin' ? `${mood}Template` : `${mood}-${darkBar() ? 'dark' : 'light'}`;
  }

  #picture(mood: ShellMood): Electron.NativeImage {
    return nativeImage.createFromPath(join(this.#options.pictures, `${this.#pictureName(mood)}.png`));
  }
}
