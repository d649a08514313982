/** Names of files that were made to disturb: they are shown as text, whole, and turn, hide, break or run nothing. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { aJob, calmAnswers } from '../support/scripted-world.ts';
import { jobInPhase } from '../support/world.ts';
import { test as scripted } from './scripted.ts';

const names = {
  markup: '<img src=x onerror=alert(1)>',
  script: '"><script>window.broken = 1<\u2215script>',
  control: 'two\nlines\tand\u0007 a bell',
  backwards: 'invoice\u202Efdp.exe',
  isolates: '\u2066hidden\u2069\u200B',
  long: `${'n'.repeat(251)}.txt`,
} as const;
/** How what disturbs is shown. */
const shown = { control: 'two␊lines␉and␇ a bell', backwards: 'invoice⟨U+202E⟩fdp.exe' } as const;

/** No script of a name has run, no picture of one is there, nothing is wider than the window. */
async function undisturbed(page: Page): Promise<void> {
  const state = await page.evaluate(() => ({ broken: 'broken' in window, pictures: document.querySelectorAll('img').length, wide: document.documentElement.scrollWidth - innerWidth, raw: /[\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText) }));
  expect(state).toEqual({ broken: false, pictures: 0, wide: 0, raw: false });
}

test.describe('on a disk', () => {
  test.skip(process.platform !== 'linux', 'other systems take no such names');

  test('are backed up, listed, chosen and restored', async ({ app, world }) => {
    const { page, client } = app;
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => void dialogs.push(dialog.message()));
    const folder = world.path(`Odd ${names.markup.replaceAll('/', '')}`);
    mkdirSync(folder, { recursive: true });
    for (const name of Object.values(names)) writeFileSync(join(folder, name), 'content');
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/not utf-8 `), Buffer.from([0xff, 0xfe])]), 'content');
    const { job_id: id } = await client.start_backup({ paths: [folder] });
    await jobInPhase(client, id, 'COMPLETED');
    await page.keyboard.press('ControlOrMeta+2');
    await expect(page.getByText(names.markup).first()).toBeVisible();
    await undisturbed(page);
    await page.getByRole('grid').focus();
    await page.keyboard.press('ArrowDown');
    await expect(page.getByRole('complementary')).toBeVisible();
    await undisturbed(page);
    await page.keyboard.press('ControlOrMeta+3');
    const grid = page.getByRole('grid', { name: 'Files of the snapshot' });
    await expect(grid.getByRole('row')).toHaveCount(1);
    await grid.focus();
    await page.keyboard.press('Enter');
    for (const name of [names.markup, shown.control, shown.backwards]) await expect(page.getByText(name, { exact: true }).first()).toBeVisible();
    await expect(page.getByText('not utf-8', { exact: false }).first()).toBeVisible();
    await undisturbed(page);
    await page.setViewportSize({ width: 880, height: 600 });
    await undisturbed(page);
    await page.getByRole('checkbox', { name: 'Select everything in this folder' }).click();
    await grid.focus();
    await page.keyboard.press('ControlOrMeta+Enter');
    await expect(page.getByRole('dialog')).toBeVisible();
    await undisturbed(page);
    await page.getByRole('dialog').getByRole('button', { name: /^Restore \d+ files$/ }).click();
    const restored = async () => (await client.list_jobs({ state: 'done' })).jobs.find(({ kind }) => kind === 'restore')?.phase;
    await expect.poll(restored, { timeout: 30_000 }).toBe('COMPLETED');
    expect(dialogs).toEqual([]);
  });
});

test('in tray and notifications are one line that reads forwards', async ({ app, desktop, world }) => {
  test.skip(process.platform !== 'linux', 'other systems take no such names');
  const folder = world.path(names.backwards);
  mkdirSync(folder);
  writeFileSync(join(folder, names.control), 'x');
  await desktop.closeWindow();
  const { job_id: id } = await app.client.start_backup({ paths: [folder] });
  await jobInPhase(app.client, id, 'COMPLETED');
  const title = 'invoice\uFFFDfdp.exe: completed';
  await expect.poll(() => desktop.notes.filter(({ name }) => name === 'notification').map(({ values }) => values[0])).toContain(title);
  const recent = async () => (await desktop.tray())?.menu.find(({ label }) => label === 'Recent jobs')?.submenu[0]?.label;
  await expect.poll(recent).toBe(title);
});

for (const [kind, name] of Object.entries(names)) {
  scripted(`in every state of a job: ${kind}`, async ({ show }) => {
    const paths = [`/home/anna/${name}`];
    const job = (id: string, fields: Parameters<typeof aJob>[0]) => ({ ...aJob(fields), job_id: id, paths });
    const message = `${name} could not be read. ${name}`;
    const jobs = [
      job('a', { job_id: 'a', progress: 40, bytes_done: 4e9, bytes_total: 1e10, file: paths[0] ?? null }),
      job('b', { job_id: 'b', state: 'done', phase: 'FAILED', error: { code: 'STORAGE_FULL', message }, finished_at: '2026-11-20T14:00:00.000Z' }),
      job('c', { job_id: 'c', state: 'done', phase: 'CANCELLED', cancel_reason: name, finished_at: '2026-11-20T14:00:00.000Z' }),
    ];
    const { agent, page } = await show('/jobs', { jobs, answers: calmAnswers });
    await expect(page.getByRole('row')).toHaveCount(5);
    await expect.poll(() => agent.listeners).toBe(1);
    for (const id of ['a', 'b', 'c']) {
      await page.locator(`#job-${id}`).click();
      await expect(page.getByRole('complementary')).toBeVisible();
      await undisturbed(page);
    }
    agent.move('a', { state: 'done', phase: 'FAILED', error: { code: 'STORAGE_FULL', message }, message });
    await expect(page.getByRole('region', { name: 'Notices' }).getByRole('listitem')).toHaveCount(1);
    await undisturbed(page);
    await page.setViewportSize({ width: 880, height: 600 });
    await undisturbed(page);
    await page.keyboard.press('ControlOrMeta+1');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await undisturbed(page);
  });
}

scripted('a list of 10,000 jobs opens, scrolls to its end and stays small', async ({ show }) => {
  const jobs = Array.from({ length: 10_000 }, (_, index) => aJob({ job_id: `q-${index}`, state: 'queued', phase: 'QUEUED', attempt: 0, paths: [`/home/anna/Folder ${index}`], created_at: new Date(Date.UTC(2026, 10, 20, 12, 0, 0) - index * 1000).toISOString() }));
  const { page } = await show('/jobs', { jobs, answers: calmAnswers });
  const list = page.getByRole('grid');
  await expect(list).toHaveAttribute('aria-rowcount', '10001', { timeout: 30_000 });
  await list.focus();
  await page.keyboard.press('End');
  await expect(page.getByRole('row', { selected: true })).toBeVisible();
  expect(await page.getByRole('row').count()).toBeLessThan(60);
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+Shift+x');
  await expect(page.getByRole('alertdialog')).toContainText('10,000');
  expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(5000);
});
