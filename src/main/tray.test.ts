/** What tray and notifications show, made of the agent's events. */
import { describe, expect, it } from 'vitest';
import { JobBoard } from './job-board.ts';
import { jobName, plainName } from './job-words.ts';
import { alertNotice, jobNotice, wantedAt } from './notices.ts';
import { alertOf, jobOf } from './testing/sample-jobs.ts';
import { shellText } from './text.ts';
import type { TrayActions } from './tray-menu.ts';
import { trayMenu } from './tray-menu.ts';

const text = shellText('en-GB');
const done: string[] = [];
const note = (name: string) => (value?: string | number | null) => void done.push(value === undefined ? name : `${name} ${value}`);
const actions: TrayActions = { open: note('open'), backUpNow: note('back up'), pause: note('pause'), resumeAll: note('resume'), cancelAll: note('cancel'), quit: note('quit') };
const labels = (board: JobBoard): (string | undefined)[] => trayMenu(board.summary, text, actions, (at) => new Date(at).toISOString()).map(({ label, type }) => (type === 'separator' ? '—' : label));

describe('the board', () => {
  it('is idle at first', () => {
    expect(new JobBoard().summary).toEqual({ mood: 'idle', active: [], recent: [], alerts: 0, progress: undefined, pausedUntil: undefined });
  });

  it('sums the progress of what runs, and never beyond the whole', () => {
    const board = new JobBoard();
    board.hear('job_created', jobOf({ job_id: 'j1', bytes_done: 90, bytes_total: 100 }));
    board.hear('job_updated', jobOf({ job_id: 'j2', bytes_done: 150, bytes_total: 100 }));
    board.hear('job_created', jobOf({ job_id: 'j3', state: 'queued', phase: 'QUEUED', bytes_total: 500 }));
    expect(board.summary).toMatchObject({ mood: 'running', progress: 0.95 });
  });

  it('keeps the five latest ends, also those of cancellations, and tells each end', () => {
    const board = new JobBoard();
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) expect(board.hear('job_completed', jobOf({ job_id: id, state: 'done', phase: 'COMPLETED' }))?.job_id).toBe(id);
    board.hear('job_created', jobOf({ job_id: 'g' }));
    expect(board.hear('job_cancelled', { job_id: 'g', phase: 'CANCELLED', reason: null })).toBeUndefined();
    expect(board.hear('job_cancelled', { job_id: 'unknown', phase: 'CANCELLED', reason: null })).toBeUndefined();
    expect(board.summary.recent.map(({ job_id: id }) => id)).toEqual(['g', 'f', 'e', 'd', 'c']);
    expect(board.summary.active).toEqual([]);
  });

  it('is paused while everything rests, until the last of it goes on', () => {
    const board = new JobBoard();
    board.begin([jobOf({ job_id: 'a', state: 'paused', phase: 'PAUSED', paused_until: '2026-11-27T18:00:00Z' }), jobOf({ job_id: 'b', state: 'paused', phase: 'PAUSED', paused_until: '2026-11-27T17:00:00Z' })], []);
    expect(board.summary).toMatchObject({ mood: 'paused', pausedUntil: Date.parse('2026-11-27T18:00:00Z') });
    board.hear('job_updated', jobOf({ job_id: 'b', state: 'paused', phase: 'PAUSED', paused_until: null }));
    expect(board.summary.pausedUntil).toBeNull();
    board.hear('job_updated', jobOf({ job_id: 'b' }));
    expect(board.summary).toMatchObject({ mood: 'running', pausedUntil: undefined });
  });

  it('lets what needs somebody come before everything else', () => {
    const board = new JobBoard();
    board.begin([jobOf({})], [alertOf({})]);
    expect(board.summary.mood).toBe('attention');
    board.hear('alert', alertOf({ alert_id: 'a2', severity: 'critical' }));
    expect(board.summary).toMatchObject({ mood: 'error', alerts: 2 });
    for (const id of ['a1', 'a2']) board.hear('alert', alertOf({ alert_id: id, resolved_at: '2026-11-27T09:00:00Z' }));
    expect(board.summary.mood).toBe('running');
  });
});

describe('the menu of the tray', () => {
  it('says that nothing runs, and offers what can be done', () => {
    const board = new JobBoard();
    expect(labels(board)).toEqual(['Nothing runs', '—', 'Back up now', 'Restore a file…', 'Pause', 'Cancel all…', '—', 'Open CyberBackup', 'Settings…', '—', 'Quit…']);
    expect(trayMenu(board.summary, text, actions, String).find(({ label }) => label === 'Cancel all…')?.enabled).toBe(false);
  });

  it('shows progress as text, of four jobs at most', () => {
    const board = new JobBoard();
    for (let count = 1; count <= 6; count += 1) board.hear('job_updated', jobOf({ job_id: `j${count}`, progress: 58.9, bytes_done: 58, bytes_total: 100 }));
    expect(labels(board).slice(0, 6)).toEqual(['6 jobs running: 58 %', ...Array.from({ length: 4 }, () => 'Projects: 58 %'), '—']);
  });

  it('says until when it is paused, and resumes', () => {
    const board = new JobBoard();
    board.hear('job_updated', jobOf({ state: 'paused', phase: 'PAUSED', paused_until: '2026-11-27T18:00:00Z' }));
    expect(labels(board).slice(0, 3)).toEqual(['Paused until 2026-11-27T18:00:00.000Z', '—', 'Resume all']);
  });

  it('does what it says', () => {
    const board = new JobBoard();
    board.hear('job_created', jobOf({}));
    board.hear('job_completed', jobOf({ job_id: 'j9', state: 'done', phase: 'PARTIAL' }));
    const menu = trayMenu(board.summary, text, actions, String);
    const click = (items: typeof menu): void => {
      for (const item of items) {
        if (Array.isArray(item.submenu)) click(item.submenu);
        else item.click?.call(undefined, ...([{}, undefined, {}] as unknown as Parameters<NonNullable<typeof item.click>>));
      }
    };
    done.splice(0);
    click(menu);
    expect(done).toEqual(['back up', 'open /restore', 'pause 3600000', 'pause tomorrow', 'pause null', 'cancel', 'open /jobs/j9', 'open', 'open /settings', 'quit']);
  });
});

describe('names from outside', () => {
  it('cannot break or turn a line', () => {
    expect(plainName('a\nb\u202ec\u0000')).toBe('a�b�c�');
    expect(plainName('x'.repeat(300))).toHaveLength(40);
    expect(jobName(jobOf({ paths: ['/home/anna/'] }), text)).toBe('anna');
    expect(jobName(jobOf({ paths: ['/'] }), text)).toBe('/');
    expect(jobName(jobOf({ paths: ['C:\\Users\\Anna', 'D:\\'] }), text)).toBe('Anna and 1 more');
    expect(jobName(jobOf({ kind: 'check', paths: [] }), text)).toBe('Check');
    const board = new JobBoard();
    board.hear('job_updated', jobOf({ paths: ['/R&D'] }));
    expect(labels(board)[1]).toBe('R&&D: 0 %');
  });
});

describe('a notification', () => {
  const all = { completed: true, failed: true, alerts: true };

  it('tells of ends that nobody watched, and of no cancellation', () => {
    expect(jobNotice(jobOf({ state: 'done', phase: 'COMPLETED', message: '3 files' }), text, false, all)).toEqual({ title: 'Projects: completed', body: '3 files', path: '/jobs/j1' });
    expect(jobNotice(jobOf({ state: 'done', phase: 'FAILED', error: { code: 'STORAGE_FULL', message: 'The drive is full' } }), text, false, all)).toMatchObject({ title: 'Projects: failed', body: 'The drive is full' });
    expect(jobNotice(jobOf({ state: 'done', phase: 'COMPLETED' }), text, true, all)).toBeUndefined();
    expect(jobNotice(jobOf({ state: 'done', phase: 'CANCELLED' }), text, false, all)).toBeUndefined();
  });

  it('keeps to what a person wants to hear, and to their quiet hours', () => {
    expect(jobNotice(jobOf({ state: 'done', phase: 'PARTIAL' }), text, false, { ...all, completed: false })).toBeUndefined();
    expect(jobNotice(jobOf({ state: 'done', phase: 'FAILED' }), text, false, { ...all, failed: false })).toBeUndefined();
    expect(alertNotice(alertOf({}), { ...all, alerts: false }, text.alerts)).toBeUndefined();
    const at = (hour: number): Date => new Date(2026, 0, 5, hour, 30);
    const quiet = { ...all, quiet: { from: '22:00', to: '07:00' } };
    expect([21, 22, 3, 7].map((hour) => wantedAt(quiet, at(hour)).failed)).toEqual([true, false, false, true]);
    expect([8, 13, 18].map((hour) => wantedAt({ ...all, quiet: { from: '09:00', to: '17:00' } }, at(hour)).alerts)).toEqual([true, false, true]);
    expect(wantedAt({ ...all, completed: false, quiet: null }, at(3))).toEqual({ ...all, completed: false });
  });

  it('tells of an alert while it is open', () => {
    expect(alertNotice(alertOf({ code: 'disk_low', values: { folder: '/home', bytes: 4.2e8 } }), all, text.alerts)).toEqual({ title: 'Only 420 MB are free on the disk of /home', body: 'What is stored is safe. Free some space, or back up to another place.', path: '/health' });
    expect(alertNotice(alertOf({ code: 'disk_low', values: { folder: '/home', bytes: 4.2e8 } }), all, shellText('de-AT').alerts)?.title).toBe('Nur 420 MB sind auf dem Laufwerk von /home frei');
    expect(alertNotice(alertOf({ resolved_at: '2026-11-27T09:00:00Z' }), all, text.alerts)).toBeUndefined();
  });
});

it('both languages have every text', () => {
  const german = shellText('de-AT');
  expect(german.quit).toBe('Beenden …');
  expect(Object.keys(german)).toEqual(Object.keys(text));
  for (const [name, value] of Object.entries(text)) expect(typeof german[name as keyof typeof german]).toBe(typeof value);
});
