/** Restoring: browsing, choosing by keys, the preview, real restores compared byte for byte, links to snapshots. */
import { mkdirSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { eventually, jobInPhase } from '../support/world.ts';
import { go } from './go.ts';

const files = { 'letter.txt': 'Dear reader', 'deep/er/note.txt': 'x'.repeat(70_000), 'deep/picture.bin': Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * 37) % 256)), 'ünïcode <b>\u202Egpj.txt': 'odd name' };

/** Every file below a folder with its content. */
function contents(folder: string, under = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(join(folder, under), { withFileTypes: true })) {
    const name = join(under, entry.name);
    if (entry.isDirectory()) Object.assign(found, contents(folder, name));
    else found[name] = readFileSync(join(folder, name)).toString('hex');
  }
  return found;
}

const grid = (page: Page) => page.getByRole('grid', { name: 'Files of the snapshot' });

test('a folder is walked by keys, entries are chosen, and come back beside the original byte for byte', async ({ app, world }) => {
  const { page, client } = app;
  const source = world.write('Documents', files);
  await jobInPhase(client, (await client.start_backup({ paths: [source] })).job_id, 'COMPLETED');
  await go(page, '/restore');
  // It begins in the folder that holds what was backed up.
  await expect(grid(page).getByRole('row')).toHaveCount(1);
  await grid(page).focus();
  await page.keyboard.press('Enter');
  await expect(grid(page).getByRole('row')).toHaveCount(3);
  await expect(grid(page).getByRole('row').nth(2)).toContainText('ünïcode <b>⟨U+202E⟩gpj.txt');
  await grid(page).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'deep' })).toHaveAttribute('aria-current', 'location');
  await grid(page).focus();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(grid(page).getByRole('row')).toHaveCount(3);
  await grid(page).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  await expect(page.getByText('2 selected')).toBeVisible();
  await page.keyboard.press('ControlOrMeta+Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('heading')).toHaveText(/^Restore 2 items from today/);
  await expect(dialog.getByRole('status')).toContainText('3 files will be written, 0 of them replaced, 0 left as they are, 0 deleted.');
  await expect(dialog.getByRole('status')).toContainText('free in this place');
  await dialog.getByRole('button', { name: 'Restore 3 files' }).click();
  const job = await restoreJob(client);
  expect(job.phase).toBe('COMPLETED');
  const [target = ''] = job.paths;
  expect(target).toMatch(/Documents \(restored .*\)$/);
  const { 'ünïcode <b>\u202Egpj.txt': _left, ...chosen } = contents(source);
  expect(contents(target)).toEqual(chosen);
  for (const name of Object.keys(chosen)) expect(statSync(join(target, name)).mtimeMs).toBeCloseTo(statSync(join(source, name)).mtimeMs, -1);
  await expect(page.getByText('The restore is running')).toBeVisible();
});

test('conflicts are told before, and each rule does what it says', async ({ app, world }) => {
  const { page, client } = app;
  const source = world.write('Documents', { 'same.txt': 'same', 'changed.txt': 'as it was', 'gone.txt': 'was here' });
  await jobInPhase(client, (await client.start_backup({ paths: [source] })).job_id, 'COMPLETED');
  const before = contents(source);
  writeFileSync(join(source, 'changed.txt'), 'changed later');
  utimesSync(join(source, 'changed.txt'), new Date(), new Date(Date.now() + 60_000));
  writeFileSync(join(source, 'gone.txt'), 'other');
  utimesSync(join(source, 'gone.txt'), new Date(1e12), new Date(1e12));
  await go(page, `/restore?path=${encodeURIComponent(source)}`);
  await expect(grid(page).getByRole('row')).toHaveCount(3);
  await page.getByRole('button', { name: 'Restore this folder…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: /The original place/ }).click();
  await expect(dialog.getByRole('status')).toContainText('2 files will be written, 2 of them replaced, 1 left as they are');
  await expect(dialog.getByRole('status')).toContainText('1 file there is newer than its copy and would be lost.');
  await dialog.getByLabel('If a file is already there').selectOption('if-newer');
  await expect(dialog.getByRole('status')).toContainText('1 file will be written, 1 of them replaced, 2 left as they are');
  await dialog.getByRole('button', { name: /^Restore 3 files/ }).click();
  expect((await restoreJob(client)).phase).toBe('COMPLETED');
  expect(readFileSync(join(source, 'changed.txt'), 'utf8')).toBe('changed later');
  expect(readFileSync(join(source, 'gone.txt'), 'utf8')).toBe('was here');
  await page.getByRole('button', { name: 'Restore this folder…' }).click();
  await dialog.getByRole('radio', { name: /The original place/ }).click();
  await dialog.getByLabel('If a file is already there').selectOption('always');
  await dialog.getByRole('button', { name: /^Restore 3 files/ }).click();
  await eventually(() => JSON.stringify(contents(source)) === JSON.stringify(before));
});

test('another folder is chosen; a file in its place is told before anything is written', async ({ app, world }) => {
  const { page, client, desktop } = app;
  const source = world.write('Documents', files);
  const target = world.path('elsewhere');
  mkdirSync(target);
  await jobInPhase(client, (await client.start_backup({ paths: [source] })).job_id, 'COMPLETED');
  await go(page, `/restore?path=${encodeURIComponent(source)}`);
  await grid(page).focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('End');
  await page.keyboard.press('Space');
  await expect(page.getByText('2 selected')).toBeVisible();
  await page.getByRole('button', { name: 'Restore…' }).click();
  const dialog = page.getByRole('dialog').first();
  await dialog.getByRole('button', { name: 'Choose…' }).click();
  if (desktop !== undefined) await (await desktop.dialog()).answer({ canceled: false, filePaths: [target] });
  else {
    const chooser = page.getByRole('dialog').last();
    await chooser.getByRole('textbox').first().fill(target);
    await page.keyboard.press('Enter');
    await expect(chooser.getByText('Nothing in this folder')).toBeVisible();
    await chooser.getByRole('button').last().click();
  }
  await dialog.getByRole('button', { name: 'Restore 3 files' }).click();
  expect((await restoreJob(client)).phase).toBe('COMPLETED');
  const { 'ünïcode <b>\u202Egpj.txt': _left, ...chosen } = contents(source);
  expect(contents(target)).toEqual(chosen);
});

test('a job leads to its snapshot, and a link to one opens it, in whatever place it is', async ({ app, world }) => {
  const { page, client } = app;
  const source = world.write('Documents', { 'first.txt': '1' });
  const first = await jobInPhase(client, (await client.start_backup({ paths: [source] })).job_id, 'COMPLETED');
  writeFileSync(join(source, 'second.txt'), '2');
  await jobInPhase(client, (await client.start_backup({ paths: [source] })).job_id, 'COMPLETED');
  const drive = await client.add_repository({ url: world.path('drive'), password: 'correct horse', name: 'Drive' });
  const other = await jobInPhase(client, (await client.start_backup({ paths: [source], repository_id: drive.repository_id })).job_id, 'COMPLETED');
  await go(page, `/jobs/${first.job_id}`);
  await page.getByRole('complementary').getByRole('button', { name: /open.*restore/i }).click();
  await page.getByRole('button', { name: 'Documents', exact: true }).click();
  await expect(grid(page).getByRole('row')).toHaveCount(1);
  await expect(page.getByRole('slider', { name: 'Snapshots' })).toHaveAttribute('aria-valuenow', '1');
  await page.getByRole('slider', { name: 'Snapshots' }).press('ArrowRight');
  // The folder stays while time goes on.
  await expect(grid(page).getByRole('row')).toHaveCount(2);
  await go(page, `/restore?snapshot=${other.snapshot_id?.slice(0, 12)}&path=${encodeURIComponent(source)}`);
  await expect(page.getByRole('combobox', { name: 'Repository' })).toHaveValue(drive.repository_id);
  await expect(grid(page).getByRole('row')).toHaveCount(2);
  await go(page, `/restore?repository=default&snapshot=${'0'.repeat(12)}`);
  await page.getByRole('button', { name: 'Show the newest' }).click();
  await expect(grid(page).getByRole('row')).toHaveCount(1);
  await go(page, `/restore?path=${encodeURIComponent('/no/where')}`);
  await expect(page.getByText('This folder is not in this snapshot')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Restore this folder…' })).toBeDisabled();
  await page.getByRole('button', { name: 'Show what this one holds' }).click();
  await expect(grid(page).getByRole('row')).toHaveCount(1);
});

test('a link of the system leads to a folder of a snapshot', async ({ app, desktop, world }) => {
  const { page, client } = app;
  const source = world.write('My documents', { 'a.txt': 'a', 'b.txt': 'b' });
  const job = await jobInPhase(client, (await client.start_backup({ paths: [source] })).job_id, 'COMPLETED');
  await desktop.openUrl(`cyberbackup://snapshot/${job.snapshot_id}${source.split('/').map(encodeURIComponent).join('/')}`);
  await expect(grid(page).getByRole('row')).toHaveCount(2);
  await expect(page.getByRole('button', { name: 'My documents' })).toHaveAttribute('aria-current', 'location');
});

async function restoreJob(client: Parameters<typeof jobInPhase>[0]): ReturnType<typeof jobInPhase> {
  const id = await eventually(async () => (await client.list_jobs({})).jobs.find(({ kind }) => kind === 'restore')?.job_id);
  return await jobInPhase(client, id, 'COMPLETED', 'PARTIAL', 'FAILED');
}
