/** Jobs in the window: live, cancelled with a reason, one by one and together. */
import type { Page } from '@playwright/test';
import type { Client } from '../../src/shared/contract/client.ts';
import { expect, test } from '../fixtures.ts';
import { jobInPhase, limitUpload } from '../support/world.ts';
import type { World } from '../support/world.ts';

/** KiB a second: slow enough to look at, and to stop in the middle. */
const slow = 2000;

async function runningBackup(client: Client, world: World, name: string, megabytes = 48, limit = slow): Promise<string> {
  await limitUpload(client, limit);
  const { job_id: id } = await client.start_backup({ paths: [world.writeLarge(name, megabytes)] });
  await jobInPhase(client, id, 'TRANSFERRING');
  return id;
}

const rowOf = (page: Page, name: string) => page.getByRole('grid', { name: 'Jobs' }).getByRole('row').filter({ hasText: name });

test('a running job moves on, in the list and in its details, and never back', async ({ app, world }) => {
  const { page, client } = app;
  // What is done grows pack by pack, and several are on their way at once.
  const id = await runningBackup(client, world, 'Holiday pictures', 192, 16_000);
  await page.keyboard.press('ControlOrMeta+2');
  const row = rowOf(page, 'Holiday pictures');
  await expect(row).toContainText('Backing up');
  await row.click();
  const details = page.getByRole('complementary', { name: 'Holiday pictures' });
  await expect(details.getByRole('heading', { name: 'Stages' })).toBeVisible();
  for (const stage of ['Read', 'Compress', 'Encrypt', 'Upload']) await expect(details.getByText(stage, { exact: true })).toBeVisible();
  const bar = details.getByRole('progressbar', { name: 'Holiday pictures' });
  const seen: number[] = [];
  await expect.poll(async () => seen.push(Number(await bar.getAttribute('aria-valuenow'))) > 0 && new Set(seen).size >= 3, { timeout: 30_000 }).toBe(true);
  expect(seen).toEqual(seen.toSorted((one, other) => one - other));
  await limitUpload(client, 0);
  await jobInPhase(client, id, 'COMPLETED');
  await expect(details.getByText('Completed')).toBeVisible();
  await expect(row).toContainText('Completed');
});

test('cancelling asks, keeps the reason with the job, and offers it again', async ({ app, world }) => {
  const { page, client } = app;
  const id = await runningBackup(client, world, 'Music');
  await page.keyboard.press('ControlOrMeta+2');
  await rowOf(page, 'Music').getByRole('button', { name: 'Cancel Music' }).click();
  const question = page.getByRole('alertdialog', { name: 'Cancel the backup of Music?' });
  const reason = question.getByRole('textbox', { name: 'Reason' });
  await expect(reason).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(question).toHaveCount(0);
  expect((await client.get_job({ job_id: id })).state).not.toBe('done');
  await rowOf(page, 'Music').getByRole('button', { name: 'Cancel Music' }).click();
  await question.getByRole('button', { name: 'Wrong files' }).click();
  await expect(reason).toBeFocused();
  await expect(reason).toHaveValue('Wrong files');
  await page.keyboard.press('End');
  await page.keyboard.type(', <b>210 GB</b> of samples');
  await expect(question).toContainText('Your copies are safe.');
  await question.getByRole('button', { name: 'Cancel backup' }).click();
  const job = await jobInPhase(client, id, 'CANCELLED');
  expect(job.cancel_reason).toBe('Wrong files, <b>210 GB</b> of samples');
  await expect(rowOf(page, 'Music')).toContainText('“Wrong files, <b>210 GB</b> of samples”');
  const notice = page.getByRole('region', { name: 'Notices' }).getByRole('listitem').filter({ hasText: 'Music was cancelled' });
  await expect(notice).toContainText('Wrong files');
  await limitUpload(client, 0);
  await notice.getByRole('button', { name: 'Run again' }).click();
  await jobInPhase(client, id, 'COMPLETED');
});

test('all jobs can be cancelled together, each with a reason of its own, except one that is kept', async ({ app, world }) => {
  const { page, client } = app;
  const first = await runningBackup(client, world, 'Projects');
  const second = (await client.start_backup({ paths: [world.write('Wedding', { 'a.txt': 'a' })] })).job_id;
  const third = (await client.start_backup({ paths: [world.write('Archive', { 'b.txt': 'b' })] })).job_id;
  await page.keyboard.press('ControlOrMeta+2');
  await expect(rowOf(page, 'Archive')).toBeVisible();
  await page.getByRole('button', { name: 'Cancel all…' }).click();
  const question = page.getByRole('alertdialog');
  await expect(question).toHaveAccessibleName('Cancel 3 jobs?');
  await question.getByRole('textbox', { name: 'Reason for all' }).fill('Moving to the office');
  await question.getByRole('checkbox', { name: 'Cancel Archive' }).uncheck();
  await expect(question).toHaveAccessibleName('Cancel 2 of 3 jobs?');
  await question.getByRole('textbox', { name: 'Reason for Wedding' }).fill('Will send it from there');
  await question.getByRole('button', { name: 'Cancel 2 jobs' }).click();
  expect((await jobInPhase(client, first, 'CANCELLED')).cancel_reason).toBe('Moving to the office');
  expect((await jobInPhase(client, second, 'CANCELLED')).cancel_reason).toBe('Will send it from there');
  await jobInPhase(client, third, 'COMPLETED');
  await expect(rowOf(page, 'Projects')).toContainText('“Moving to the office”');
});

test('a job that ends under the question is told of, and nothing is lost', async ({ app, world }) => {
  const { page, client } = app;
  const id = await runningBackup(client, world, 'Letters', 16);
  await page.keyboard.press('ControlOrMeta+2');
  await rowOf(page, 'Letters').getByRole('button', { name: 'Cancel Letters' }).click();
  const question = page.getByRole('alertdialog', { name: 'Cancel the backup of Letters?' });
  await expect(question).toBeVisible();
  await limitUpload(client, 0);
  await jobInPhase(client, id, 'COMPLETED');
  await question.getByRole('button', { name: 'Cancel backup' }).click();
  await expect(page.getByText('It had just finished')).toBeVisible();
  expect((await client.get_job({ job_id: id })).phase).toBe('COMPLETED');
});

test('keys alone: choose, pause, resume, cancel', async ({ app, world }) => {
  const { page, client } = app;
  const id = await runningBackup(client, world, 'Photos');
  await page.keyboard.press('ControlOrMeta+2');
  await page.getByRole('grid', { name: 'Jobs' }).focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('complementary', { name: 'Photos' })).toBeVisible();
  await page.keyboard.press('p');
  await jobInPhase(client, id, 'PAUSED');
  await expect(rowOf(page, 'Photos')).toContainText('Paused');
  await page.keyboard.press('p');
  await jobInPhase(client, id, 'TRANSFERRING');
  await page.keyboard.press('Delete');
  await expect(page.getByRole('alertdialog')).toBeVisible();
  await page.keyboard.type('Too slow here');
  await page.keyboard.press('Enter');
  expect((await jobInPhase(client, id, 'CANCELLED')).cancel_reason).toBe('Too slow here');
});

test('a job that nobody knows is a calm sentence', async ({ app }) => {
  const { page, client } = app;
  await expect(page.getByRole('main')).toBeVisible();
  expect((await client.list_jobs({})).jobs).toEqual([]);
  await page.evaluate(() => {
    history.pushState(null, '', '/jobs/no-such-job');
    window.dispatchEvent(new PopStateEvent('popstate'));
  });
  await expect(page.getByText('This job is not in the list')).toBeVisible();
});
