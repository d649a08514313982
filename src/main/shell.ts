/**
 * What a person sees of the program besides the interface, put together around a running agent: window, tray, menus,
 * notifications, messages.
 */
import { statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Menu, Notification, app, dialog, ipcMain, nativeTheme, shell } from 'electron';
import type { RunningAgent } from '../agent/agent.ts';
import { EventOutbox } from '../agent/api/event-outbox.ts';
import { runOperation } from '../agent/operations/handlers.ts';
import { systemClock } from '../core/platform/clock.ts';
import { bridgeChannels } from '../shared/bridge-channels.ts';
import { gatherMs } from '../shared/contract/events.ts';
import type { OperationInput, OperationName, OperationOutput } from '../shared/contract/operations.ts';
import { Failure } from '../shared/errors.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { appMenu } from './app-menu.ts';
import { answerMessages } from './ipc.ts';
import { JobBoard } from './job-board.ts';
import type { LoginItem } from './login-item.ts';
import type { MainWindow } from './main-window.ts';
import { alertNotice, jobNotice, wantedAt } from './notices.ts';
import type { Notice, Wanted } from './notices.ts';
import type { ShellStateFile } from './shell-state.ts';
import type { ShellText } from './text.ts';
import { ShellTray } from './tray.ts';

export interface ShellPorts {
  readonly agent: RunningAgent;
  readonly telemetry: Telemetry;
  readonly window: MainWindow;
  readonly state: ShellStateFile;
  readonly text: ShellText;
  readonly locale: string;
  readonly pictures: string;
  readonly platform: NodeJS.Platform;
  readonly login: LoginItem;
  readonly now: () => number;
  readonly quit: () => void;
}

/** Between two looks of tray and task bar, milliseconds. */
const redrawAfter = 1000;

export class Shell {
  readonly board = new JobBoard();
  readonly #ports: ShellPorts;
  readonly #tray: ShellTray;
  readonly #undo: (() => void)[] = [];
  /** Kept while they are shown: one that is collected takes no click. */
  readonly #notices = new Set<Notification>();
  #redraw: NodeJS.Timeout | undefined;

  constructor(ports: ShellPorts) {
    this.#ports = ports;
    const { window, text, platform, locale } = ports;
    this.#tray = new ShellTray({
      pictures: ports.pictures,
      text,
      platform,
      darkBar: () => nativeTheme.shouldUseDarkColors,
      formatTime: (at) => new Intl.DateTimeFormat(locale, at - ports.now() < 86_400_000 ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' }).format(at),
      actions: {
        open: (path) => window.show(path),
        backUpNow: () => void this.#guarded(() => this.#backUpNow()),
        pause: (span) => void this.#guarded(() => this.#pause(span)),
        resumeAll: () => void this.#guarded(() => this.#run('resume_all', {})),
        cancelAll: () => void this.#guarded(() => this.#cancelAll()),
        quit: ports.quit,
      },
    });
  }

  /** Listens to agent and interface from now on. */
  async start(): Promise<void> {
    const { agent, window, telemetry } = this.#ports;
    const outbox = new EventOutbox({ isIdle: () => true, send: (list) => window.send(bridgeChannels.events, list), waiting: () => 0, drop: () => undefined }, systemClock, gatherMs);
    this.#undo.push(
      () => outbox.close(),
      agent.listen((name, payload) => {
        outbox.push(name, payload);
        const ended = this.board.hear(name, payload);
        if (ended !== undefined) void this.#tell((wanted) => jobNotice(ended, this.#ports.text, window.isWatched, wanted));
        if (name === 'alert' && !window.isWatched) void this.#tell((wanted) => alertNotice(payload as Parameters<typeof alertNotice>[0], wanted, this.#ports.text.alerts));
        this.#redraw ??= setTimeout(() => this.#draw(), redrawAfter);
      }),
      answerMessages(
        {
          [bridgeChannels.call]: (operation, input) => this.#run(operation, input as OperationInput<typeof operation>),
          [bridgeChannels.choosePaths]: (kind) => this.#choosePaths(kind),
          [bridgeChannels.saveText]: (name, content) => this.#saveText(name, content),
          [bridgeChannels.showInFolder]: (path) => showInFolder(path),
          [bridgeChannels.setTheme]: (theme) => this.#setTheme(theme),
          [bridgeChannels.startsAtLogin]: async () => this.#ports.login.isSet,
          [bridgeChannels.setStartAtLogin]: async (wanted) => this.#setAtLogin(wanted),
        },
        { ipcMain, logger: telemetry.logger, isOwnWindow: (contents) => window.isOwn(contents) },
      ),
    );
    const jobs = await Promise.all((['queued', 'running', 'paused', 'waiting', 'done'] as const).map(async (state) => (await this.#run('list_jobs', { state, limit: state === 'done' ? 5 : 1000 })).jobs));
    const { alerts } = await this.#run('list_alerts', {});
    this.board.begin(jobs.flat(), alerts.toReversed());
    this.#draw();
    this.#drawMenu();
  }

  /** It is installed when the program quits. */
  tellOfUpdate(version: string): void {
    const { updateReady, updateReadyText } = this.#ports.text;
    this.#notify({ title: updateReady(version), body: updateReadyText, path: '/settings' });
  }

  stop(): void {
    clearTimeout(this.#redraw);
    for (const undo of this.#undo.splice(0)) undo();
    this.#tray.close();
  }

  #draw(): void {
    this.#redraw = undefined;
    const { summary } = this.board;
    this.#tray.show(summary);
    this.#ports.window.progress(summary.progress, summary.mood === 'error' ? 'error' : summary.mood === 'paused' ? 'paused' : 'normal');
  }

  #drawMenu(): void {
    const { text, platform, login, window, quit } = this.#ports;
    Menu.setApplicationMenu(Menu.buildFromTemplate(appMenu(text, platform, login.isSet, { command: (command) => window.command(command), openSettings: () => window.show('/settings'), about: () => app.showAboutPanel(), quit, setAtLogin: (wanted) => this.#setAtLogin(wanted) })));
  }

  #setAtLogin(wanted: boolean): void {
    this.#ports.login.set(wanted);
    this.#drawMenu();
  }

  /** As any other transport: checked input, a trace of its own. */
  #run<Name extends OperationName>(name: Name, input: OperationInput<Name>): Promise<OperationOutput<Name>> {
    const { agent, telemetry } = this.#ports;
    return telemetry.tracer.within(`interface ${name}`, { attributes: { operation: name } }, ({ traceId }) => runOperation(agent.handlers, name, input, { traceId }, { checkOutput: false }));
  }

  /** For menus, which nobody waits for: what goes wrong is shown. */
  async #guarded(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const { what, safe, next } = error.text;
      await this.#ask({ type: 'warning', message: what, detail: [safe, next].filter((part) => part !== undefined).join('. '), buttons: [this.#ports.text.close] });
    }
  }

  /** The answer's index. */
  async #ask(options: Electron.MessageBoxOptions): Promise<number> {
    const parent = this.#ports.window.dialogParent;
    const { response } = await (parent === undefined ? dialog.showMessageBox(options) : dialog.showMessageBox(parent, options));
    return response;
  }

  async #backUpNow(): Promise<void> {
    const { plans } = await this.#run('list_plans', {});
    if (plans.length === 0) return this.#ports.window.command('back-up-now');
    for (const { plan_id } of plans) await this.#run('run_plan', { plan_id });
  }

  async #pause(span: number | null | 'tomorrow'): Promise<void> {
    const until = span === 'tomorrow' ? tomorrow(this.#ports.now()) : span === null ? undefined : this.#ports.now() + span;
    await this.#run('pause_all', until === undefined ? {} : { until: new Date(until).toISOString() });
  }

  async #cancelAll(): Promise<void> {
    const { text } = this.#ports;
    const jobs = this.board.summary.active.length;
    if (jobs === 0) return;
    const answer = await this.#ask({ type: 'question', message: text.cancelQuestion(jobs), detail: text.cancelDetail, buttons: [text.cancelAll.replace(/\s?…$/, ''), text.keepRunning], defaultId: 1, cancelId: 1 });
    if (answer === 0) await this.#run('cancel_all', { reason: text.cancelReason });
  }

  /** As far as the person wants it now. */
  async #tell(noticeFor: (wanted: Wanted) => Notice | undefined): Promise<void> {
    const { notifications } = await this.#run('get_settings', {});
    this.#notify(noticeFor(wantedAt(notifications, new Date(this.#ports.now()))));
  }

  #notify(notice: Notice | undefined): void {
    if (notice === undefined || !Notification.isSupported()) return;
    const shown = new Notification({ title: notice.title, body: notice.body });
    this.#notices.add(shown);
    shown.on('click', () => this.#ports.window.show(notice.path));
    shown.on('close', () => this.#notices.delete(shown));
    shown.show();
  }

  async #choosePaths(kind: 'files' | 'folders' | 'folder'): Promise<readonly string[] | undefined> {
    const properties: ('openFile' | 'openDirectory' | 'multiSelections' | 'createDirectory' | 'showHiddenFiles')[] = kind === 'files' ? ['openFile', 'multiSelections'] : kind === 'folders' ? ['openDirectory', 'multiSelections'] : ['openDirectory', 'createDirectory'];
    const parent = this.#ports.window.dialogParent;
    const { canceled, filePaths } = await (parent === undefined ? dialog.showOpenDialog({ properties }) : dialog.showOpenDialog(parent, { properties }));
    return canceled ? undefined : filePaths;
  }

  async #saveText(name: string, content: string): Promise<boolean> {
    const parent = this.#ports.window.dialogParent;
    const options = { defaultPath: name };
    const { canceled, filePath } = await (parent === undefined ? dialog.showSaveDialog(options) : dialog.showSaveDialog(parent, options));
    if (canceled || filePath === '') return false;
    try {
      // What is saved from here may be a recovery sheet.
      await writeFile(filePath, content, { mode: 0o600 });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      throw new Failure('TARGET_FAILED', { what: `${filePath} could not be written (${String(error.code)})`, safe: 'Nothing else was changed', next: 'Choose another place' }, { cause: error });
    }
    return true;
  }

  async #setTheme(theme: 'dark' | 'light' | 'system'): Promise<void> {
    nativeTheme.themeSource = theme;
    this.#ports.state.change({ theme }, (error) => this.#ports.telemetry.logger.warn({ component: 'shell', reason: error.message }, 'the theme could not be kept'));
  }
}

async function showInFolder(path: string): Promise<void> {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) throw new Failure('PATH_NOT_FOUND', { what: `${path} is not there any more`, next: 'It may have been moved or deleted' });
  shell.showItemInFolder(path);
}

/** Eight in the morning of the next day, local time. */
export function tomorrow(now: number): number {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1, 8).getTime();
}
