/** The tray's menu as data: the same lines on every system, since the system draws it. */
import type { MenuItemConstructorOptions } from 'electron';
import type { ShellSummary } from './job-board.ts';
import { jobName } from './job-words.ts';
import type { ShellText } from './text.ts';

export interface TrayActions {
  readonly open: (path?: string) => void;
  readonly backUpNow: () => void;
  /** Milliseconds from now; null: until resumed; 'tomorrow': until the next morning at eight. */
  readonly pause: (span: number | null | 'tomorrow') => void;
  readonly resumeAll: () => void;
  readonly cancelAll: () => void;
  readonly quit: () => void;
}

const hour = 3_600_000;
const shownJobs = 4;

export function trayMenu(summary: ShellSummary, text: ShellText, act: TrayActions, formatTime: (at: number) => string): MenuItemConstructorOptions[] {
  const { active, recent, pausedUntil } = summary;
  const line = (label: string): MenuItemConstructorOptions => ({ label: escaped(label), enabled: false });
  const running = active.filter(({ state }) => state === 'running').slice(0, shownJobs);
  return [
    line(stateLine(summary, text, formatTime)),
    ...running.map((job) => line(text.nameAndProgress(jobName(job, text), Math.floor(job.progress)))),
    { type: 'separator' },
    ...(pausedUntil === undefined ? [] : [{ label: text.resumeAll, click: () => act.resumeAll() }]),
    { label: text.backUpNow, click: () => act.backUpNow() },
    { label: text.restoreFile, click: () => act.open('/restore') },
    {
      label: text.pause,
      submenu: [
        { label: text.pauseHour, click: () => act.pause(hour) },
        { label: text.pauseTomorrow, click: () => act.pause('tomorrow') },
        { label: text.pauseOpen, click: () => act.pause(null) },
      ],
    },
    { label: text.cancelAll, enabled: active.length > 0, click: () => act.cancelAll() },
    { type: 'separator' },
    ...(recent.length === 0
      ? []
      : [
          {
            label: text.recent,
            submenu: recent.map((job): MenuItemConstructorOptions => ({ label: escaped(`${jobName(job, text)}: ${endOf(job.phase, text)}`), click: () => act.open(`/jobs/${job.job_id}`) })),
          },
        ]),
    { label: text.open, click: () => act.open() },
    { label: text.settings, click: () => act.open('/settings') },
    { type: 'separator' },
    { label: text.quit, click: () => act.quit() },
  ];
}

export function stateLine({ mood, active, alerts, progress, pausedUntil }: ShellSummary, text: ShellText, formatTime: (at: number) => string): string {
  if (mood === 'attention' || mood === 'error') return text.attention(alerts);
  if (pausedUntil !== undefined) return text.paused(pausedUntil === null ? undefined : formatTime(pausedUntil));
  const running = active.filter(({ state }) => state === 'running').length;
  if (running === 0) return text.idle;
  return progress === undefined ? text.running(running) : text.nameAndProgress(text.running(running), Math.floor(progress * 100 + 1e-9));
}

function endOf(phase: string, text: ShellText): string {
  return (text.phase as Readonly<Record<string, string>>)[phase] ?? phase;
}

/** In a label a single `&` marks a key. */
function escaped(label: string): string {
  return label.replaceAll('&', '&&');
}
