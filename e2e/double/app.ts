/** `app`: life cycle, paths and the lock of the single instance. */
import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answerTest, test } from './driver.ts';
import { strict } from './strict.ts';

export class Event {
  defaultPrevented = false;
  preventDefault(): void {
    this.defaultPrevented = true;
  }
}

class App extends EventEmitter {
  readonly isPackaged = false;
  readonly dock = undefined;
  readonly commandLine = strict('app.commandLine', { appendSwitch: (name: string, value?: string) => void test.call('note', 'switch', [name, value]) });
  readonly #paths = new Map<string, string>();
  #login = false;
  #locked = false;
  #leaving = false;

  setName(): void {}
  disableHardwareAcceleration(): void {}
  setAboutPanelOptions(): void {}

  showAboutPanel(): void {
    void test.call('note', 'about', []);
  }

  getLocale(): string {
    return process.env['DOUBLE_LOCALE'] ?? 'en-GB';
  }

  whenReady(): Promise<void> {
    return new Promise((resolve) => void setImmediate(resolve));
  }

  setPath(name: string, path: string): void {
    if (this.#locked) throw new Error(`app.setPath(${name}) after the lock was asked for`);
    mkdirSync(path, { recursive: true });
    this.#paths.set(name, path);
  }

  getPath(name: string): string {
    const path = this.#paths.get(name);
    if (path === undefined) throw new Error(`app.getPath(${name}) before it was set`);
    return path;
  }

  getLoginItemSettings(): { openAtLogin: boolean } {
    return { openAtLogin: this.#login };
  }

  setLoginItemSettings({ openAtLogin }: { openAtLogin: boolean }): void {
    this.#login = openAtLogin;
  }

  requestSingleInstanceLock(): boolean {
    this.#locked = true;
    const folder = this.getPath('userData');
    const lock = join(folder, 'DoubleLock');
    const owner = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
    if (owner !== 0 && isAlive(owner)) {
      writeFileSync(join(folder, `second-${process.pid}.json`), JSON.stringify(process.argv));
      return false;
    }
    writeFileSync(lock, String(process.pid));
    watch(folder, (_, name) => {
      if (name === null || !/^second-\d+\.json$/.test(name) || !existsSync(join(folder, name))) return;
      const text = readFileSync(join(folder, name), 'utf8');
      if (text === '') return;
      rmSync(join(folder, name));
      this.emit('second-instance', new Event(), JSON.parse(text), folder);
    }).unref();
    return true;
  }

  quit(): void {
    if (this.#leaving) return;
    const event = new Event();
    this.emit('before-quit', event);
    if (!event.defaultPrevented) this.exit(0);
  }

  exit(code: number): void {
    this.#leaving = true;
    // What was said to the test before goes out before.
    void Promise.race([test.call('note', 'exit', [code]), new Promise((resolve) => void setTimeout(resolve, 500))]).finally(() => process.exit(code));
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // gone
  }
}

const made = new App();
answerTest({ quit: () => made.quit(), openUrl: (url: string) => void made.emit('open-url', new Event(), url) });
export const app = strict('app', made);
