/** The first run: from the empty overview to files that are safe, on each kind of place. */
import { mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { findingsOf } from '../support/axe.ts';
import { BackupServer } from '../support/backup-server.ts';
import type { OpenApp } from '../support/hosts.ts';
import { complaintsOf } from '../support/quiet-console.ts';
import { goOn, openWizard, startWithOwnWords } from '../support/wizard.ts';
import { jobInPhase } from '../support/world.ts';
import type { World } from '../support/world.ts';

function fill(world: World): void {
  world.write('Documents', { 'letter.txt': 'Dear reader', 'deep/er/note.txt': 'x'.repeat(100_000) });
  world.write('Desktop', { 'list.txt': 'bread' });
  world.write('Pictures', { 'picture.bin': Buffer.alloc(300_000, 7) });
}

/** The two jobs of a first run, when they are done. */
async function firstRunDone({ client }: OpenApp): Promise<void> {
  await expect.poll(async () => (await client.list_jobs({})).jobs.length).toBe(2);
  for (const { job_id: id } of (await client.list_jobs({})).jobs) await jobInPhase(client, id, 'COMPLETED');
}

async function savedSheet(app: OpenApp, world: World, save: () => Promise<void>): Promise<string> {
  if (app.desktop === undefined) {
    const download = app.page.waitForEvent('download');
    await save();
    return readFileSync(await (await download).path(), 'utf8');
  }
  await save();
  await (await app.desktop.dialog()).answer({ canceled: false, filePath: world.path('no', 'such', 'folder', 'sheet.txt') });
  const refused = app.page.getByRole('listitem').filter({ hasText: 'The recovery sheet was not saved' });
  for (const part of ['could not be written', 'Nothing else was changed', 'Choose another place']) await expect(refused).toContainText(part);
  await save();
  const file = world.path('sheet.txt');
  await (await app.desktop.dialog()).answer({ canceled: false, filePath: file });
  await expect.poll(() => statSync(file, { throwIfNoEntry: false })?.size).toBeGreaterThan(0);
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  return readFileSync(file, 'utf8');
}

/** What a printer would get. */
async function printed(page: Page): Promise<string> {
  await page.emulateMedia({ media: 'print' });
  const text = await page.evaluate(() => [...document.querySelectorAll('body *')].filter((one) => one.children.length === 0 && getComputedStyle(one).visibility === 'visible' && one.getClientRects().length > 0).map((one) => one.textContent).join('\n'));
  await page.emulateMedia({ media: 'screen' });
  return text;
}

test('on this computer: chosen folders, a password with its sheet, and everything is backed up', async ({ world, open }) => {
  fill(world);
  const app = await open();
  const { page, client } = app;
  const complaints = complaintsOf(page);
  await openWizard(page);
  await expect(page.getByRole('navigation')).toHaveCount(0);
  await expect(page.getByRole('main')).toHaveCount(1);
  for (const name of ['Documents', 'Desktop']) await expect(page.getByRole('checkbox', { name: `Protect ${name}` })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: 'Protect Pictures' })).not.toBeChecked();
  await expect(page.getByText('100 KB, in 2 folders')).toBeVisible();
  expect(await findingsOf(page)).toEqual([]);
  await page.getByRole('checkbox', { name: 'Protect Desktop' }).uncheck();
  await page.getByRole('checkbox', { name: 'Protect Documents' }).uncheck();
  await expect(page.getByText('Choose at least one folder.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Continue' })).toBeDisabled();
  await page.getByRole('checkbox', { name: 'Protect Documents' }).check();
  await page.getByRole('checkbox', { name: 'Protect Pictures' }).check();
  await goOn(page, 'Where should the copies live?');
  await expect(page.getByRole('radio', { name: 'This computer' })).toBeChecked();
  await expect(page.getByRole('listitem').filter({ hasText: 'from 2 folders' })).toBeVisible();
  await goOn(page, 'Choose the password');

  const password = page.getByRole('textbox', { name: 'Password' });
  const start = page.getByRole('button', { name: 'Start the first backup' });
  const saved = page.getByRole('checkbox', { name: 'The recovery sheet is printed or saved elsewhere' });
  await expect(password).toHaveValue(/^([a-z]+-){4}[a-z]+$/);
  await expect(page.getByRole('meter')).toHaveAttribute('aria-valuenow', '4');
  await expect(start).toBeDisabled();
  expect(await findingsOf(page)).toEqual([]);
  await password.fill('password1');
  await saved.check();
  await expect(page.getByText('Choose a stronger one, or take five random words.')).toBeVisible();
  await expect(page.getByRole('meter')).toHaveAttribute('aria-valuenow', '0');
  await expect(start).toBeDisabled();
  await page.getByRole('button', { name: 'Other words' }).click();
  await expect(saved).not.toBeChecked();
  await expect(page.getByRole('meter')).toHaveAttribute('aria-valuenow', '4');
  const words = await password.inputValue();
  expect(await savedSheet(app, world, () => page.getByRole('button', { name: 'Save' }).click())).toContain(words);
  const paper = await printed(page);
  expect(paper).toContain(words);
  expect(paper).toContain('restic');
  expect(paper).not.toContain('Start the first backup');
  await saved.check();
  await start.click();

  await expect(page.getByRole('heading', { name: 'Overview' }).or(page.getByRole('navigation'))).toBeVisible();
  await firstRunDone(app);
  await expect(page.getByRole('heading', { name: 'Everything is backed up' })).toBeVisible();
  expect(await client.check_password({ repository_id: 'default', password: words })).toEqual({ matches: true });
  const { snapshots } = await client.list_snapshots({ repository_id: 'default' });
  expect(snapshots.flatMap(({ paths }) => paths)).toContain(world.path('Documents'));
  const { plans } = await client.list_plans();
  expect(plans.map(({ paths }) => paths.toSorted())).toEqual([[world.path('Documents'), world.path('Pictures')]]);
  expect(complaints).toEqual([]);
});

test('on a server: checked while typing, with its certificate compared, and its password', async ({ world, open }) => {
  fill(world);
  const server = await BackupServer.start({ folder: world.path('.server'), user: ['mara', 'correct horse'], tls: true });
  try {
    const app = await open();
    const { page, client } = app;
    await openWizard(page);
    await goOn(page, 'Where should the copies live?');
    await page.getByRole('radio', { name: 'Backup server' }).click();
    await expect(page.getByRole('button', { name: 'Continue' })).toBeDisabled();
    await page.getByLabel('Address').fill('https://127.0.0.1:9/');
    await expect(page.getByText('It cannot be reached')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Continue' })).toBeDisabled();
    await page.getByLabel('Address').fill(server.address);
    await page.getByLabel('User', { exact: true }).fill('mara');
    await page.getByLabel('Server password').fill('wrong');
    await expect(page.getByText('It answers, but cannot be used yet')).toBeVisible();
    await page.getByLabel('Server password').fill('correct horse');
    await expect(page.getByText('A new repository will be made here')).toBeVisible();
    await expect(page.getByText('Compare the certificate with the one shown on the server:')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Continue' })).toBeDisabled();
    await page.getByRole('button', { name: 'It matches' }).click();
    const words = await startWithOwnWords(page);
    await firstRunDone(app);
    await expect(page.getByRole('heading', { name: 'Everything is backed up' })).toBeVisible();
    const { repositories } = await client.list_repositories();
    const made = repositories.find(({ kind }) => kind === 'rest');
    expect(made?.url).toContain(`127.0.0.1:${server.port}/mara/`);
    expect(JSON.stringify(repositories)).not.toContain('correct horse');
    expect(await client.check_password({ repository_id: made?.repository_id ?? '', password: words })).toEqual({ matches: true });
    expect(JSON.stringify(await page.evaluate(() => Object.entries(localStorage)))).not.toContain(words);
  } finally {
    await server.close();
  }
});

test('on a drive whose folder holds copies already: their password opens them, another one does not', async ({ world, open }) => {
  fill(world);
  const drive = world.path('.drive');
  mkdirSync(drive);
  const app = await open();
  const { page, client } = app;
  const { repository_id: earlier } = await client.add_repository({ url: `${drive}/CyberBackup`, password: 'violet harbour seventh', create: true });
  await client.remove_repository({ repository_id: earlier });
  await openWizard(page);
  await goOn(page, 'Where should the copies live?');
  await page.getByRole('radio', { name: 'Drive' }).click();
  await page.getByLabel('Folder for the copies').fill(`${drive}/CyberBackup`);
  await expect(page.getByText('There are copies already; their password opens them')).toBeVisible();
  await goOn(page, 'Open the copies that are there');
  const start = page.getByRole('button', { name: 'Start the first backup' });
  await expect(start).toBeDisabled();
  await page.getByRole('textbox', { name: 'Password' }).fill('quite another one');
  await start.click();
  const panel = page.getByRole('alert');
  for (const part of ['What happened', 'What is safe', 'What to do']) await expect(panel.getByText(part)).toBeVisible();
  await expect(panel).toContainText('WRONG_PASSWORD');
  expect((await client.list_plans()).plans).toEqual([]);
  await page.getByRole('textbox', { name: 'Password' }).fill('violet harbour seventh');
  await start.click();
  await firstRunDone(app);
  await expect(page.getByRole('heading', { name: 'Everything is backed up' })).toBeVisible();
});

test.describe('without a keyring', () => {
  test.use({ keyring: false });

  test('the desktop asks before a password goes into a plain file, and works with either answer', async ({ world, app, desktop }) => {
    const { client } = app;
    const add = (name: string): Promise<unknown> => client.add_repository({ url: world.path(name), password: `violet harbour ${name}`, create: true });
    const first = add('.one');
    const question = await desktop.dialog();
    expect(question.options.buttons).toHaveLength(2);
    await question.answer({ response: 1 });
    await first;
    await add('.two');
    expect(desktop.openDialogs).toBe(0);
    const plain = readdirSync(world.home, { recursive: true, encoding: 'utf8' }).filter((name) => /secrets.*\.json$/.test(name));
    for (const name of plain) expect(readFileSync(`${world.home}/${name}`, 'utf8')).not.toContain('violet harbour');
  });
});

test('one may leave it and come back, by keyboard alone', async ({ world, open }) => {
  fill(world);
  const { page } = await open();
  await openWizard(page);
  await page.getByRole('checkbox', { name: 'Protect Pictures' }).focus();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Continue' }).press('Enter');
  await expect(page.getByRole('heading', { name: 'Where should the copies live?' })).toBeFocused();
  await page.getByRole('radio', { name: 'This computer' }).focus();
  await page.keyboard.down('ArrowLeft');
  await expect(page.getByRole('radio', { name: 'Drive' })).toBeChecked();
  await page.keyboard.up('ArrowLeft');
  await page.getByRole('button', { name: 'Back' }).press('Enter');
  await expect(page.getByRole('checkbox', { name: 'Protect Pictures' })).toBeChecked();
  await page.getByRole('link', { name: 'Skip' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Set up in 3 steps' })).toBeVisible();
});
