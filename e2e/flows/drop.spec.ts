/** Dropping files on the window, whatever they are, and choosing them where a page never learns their paths. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { drag, dropped } from '../support/drag.ts';
import { jobInPhase } from '../support/world.ts';
import type { OpenApp } from '../support/hosts.ts';

/** The path of the job that the window shows, when it is complete. */
async function shownJobDone({ page, client }: OpenApp): Promise<string> {
  await expect.poll(() => new URL(page.url()).pathname).toMatch(/^\/jobs\/./);
  const id = new URL(page.url()).pathname.slice('/jobs/'.length);
  await jobInPhase(client, id, 'COMPLETED');
  await expect(page.getByRole('complementary').getByText('Completed')).toBeVisible();
  return id;
}

const at = (path: string): { name: string; path: string } => ({ name: path.slice(path.lastIndexOf('/') + 1), path });
const dialog = (page: Page) => page.getByRole('dialog');

test('three targets while files hover, and Esc leaves', async ({ app, world }) => {
  const { page } = app;
  const two = [at(world.path('a.txt')), at(world.path('b.txt'))];
  await drag(page, two);
  await expect(page.getByRole('heading', { name: 'Drop to back up 2 items' })).toBeVisible();
  await expect(page.locator('[data-way]')).toHaveText([/Back up once, now/, /Make a new plan/]);
  await drag(page, two, { over: '[data-way="new"]' });
  await expect(page.locator('[data-way="new"]')).toContainText('2 items');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: 'Drop to back up 2 items' })).toHaveCount(0);
  await expect(dialog(page)).toHaveCount(0);
});

test('in a browser the dialog says what a page never learns, and the agent shows its folders instead', async ({ world, open }) => {
  const folder = world.write('Letters', { '<img src=x onerror=alert(1)>.txt': 'a', 'report‮fdp.exe': 'b', 'plain.txt': 'c' });
  const app = await open();
  test.skip(app.desktop !== undefined, 'the desktop learns paths');
  const { page, client } = app;
  await dropped(page, [at(join(folder, 'plain.txt'))]);
  await expect(dialog(page)).toContainText('A browser does not tell where dropped files are');
  await expect(dialog(page)).toContainText('plain.txt');
  await page.getByRole('button', { name: 'Files…' }).click();
  const chooser = page.getByRole('dialog', { name: 'Choose files' });
  await chooser.getByRole('textbox', { name: 'Path' }).fill(folder);
  await chooser.getByRole('button', { name: 'Open', exact: true }).click();
  const list = chooser.getByRole('list', { name: 'Content of the folder' });
  await expect(list.getByRole('listitem')).toHaveCount(3);
  await expect(list).toContainText('<img src=x onerror=alert(1)>.txt');
  await expect(list).toContainText('report⟨U+202E⟩fdp.exe');
  await expect(list.locator('img')).toHaveCount(0);
  for (const box of await list.getByRole('checkbox').all()) await box.check();
  await chooser.getByRole('button', { name: 'Choose 3 items' }).click();
  await expect(page.getByRole('heading', { name: 'Back up 3 files' })).toBeVisible();
  await page.getByRole('button', { name: 'Back up', exact: true }).click();
  await shownJobDone(app);
  const [snapshot] = (await client.list_snapshots({ repository_id: 'default' })).snapshots;
  expect(snapshot?.paths.toSorted()).toEqual(readdirSync(folder).map((name) => join(folder, name)).toSorted());
});

test.describe('what is dropped on the desktop', () => {
  // A browser's page never learns a path, so there is nothing to ask it.
  test.beforeEach(({ host }) => test.skip(host === 'browser'));

  test('files and folders are counted, and backed up with one key', async ({ app, world }) => {
    const { page, client } = app;
    const folder = world.write('Documents', { 'a.txt': 'a'.repeat(4000), 'b/c.txt': 'c'.repeat(6000) });
    const file = join(world.write('Single', { 'note.txt': 'n'.repeat(2000) }), 'note.txt');
    await dropped(page, [at(folder), at(file)]);
    await expect(page.getByRole('heading', { name: 'Back up 1 folder and 1 file' })).toBeVisible();
    await expect(dialog(page)).toContainText('12 KB, 3 files');
    await expect(page.getByRole('button', { name: 'Back up', exact: true })).toBeFocused();
    await page.keyboard.press('Enter');
    await shownJobDone(app);
    expect((await client.list_snapshots({ repository_id: 'default' })).snapshots.map(({ paths }) => paths.toSorted())).toEqual([[folder, file].toSorted()]);
  });

  test('on a plan it becomes part of that, and undo takes it out again', async ({ app, world }) => {
    const { page, client } = app;
    const old = world.write('Documents', { 'a.txt': 'a' });
    const fresh = world.write('Letters', { 'b.txt': 'b' });
    await client.set_up_default_repository({});
    const { plan_id: id } = await client.add_plan({ name: 'Everything', repository_id: 'default', paths: [old] });
    await drag(page, [at(fresh)]);
    await expect(page.locator(`[data-choice="${id}"]`)).toHaveText('Everything');
    await dropped(page, [at(fresh)], `[data-choice="${id}"]`);
    await expect(page.getByRole('radio', { name: 'Add to a plan' })).toBeChecked();
    await page.getByRole('button', { name: 'Add and back up' }).click();
    await shownJobDone(app);
    expect((await client.get_plan({ plan_id: id })).paths).toEqual([old, fresh]);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(async () => (await client.get_plan({ plan_id: id })).paths).toEqual([old]);
  });

  test('on the third target it gets a plan of its own', async ({ app, world }) => {
    const { page, client } = app;
    const folder = world.write('Recipes', { 'a.txt': 'a' });
    await drag(page, [at(folder)]);
    await dropped(page, [at(folder)], '[data-way="new"]');
    await expect(page.getByLabel('Name of the plan')).toHaveValue('Recipes');
    await page.getByRole('combobox', { name: 'How often' }).selectOption('daily');
    await page.getByRole('button', { name: 'Make plan and back up' }).click();
    await shownJobDone(app);
    expect((await client.list_plans()).plans).toMatchObject([{ name: 'Recipes', paths: [folder], schedule: { kind: 'daily' } }]);
  });

  test('what is no file of this machine is a calm sentence with a way on', async ({ app }) => {
    const { page } = app;
    await dropped(page, [{ name: 'picture of a page', path: '' }]);
    await expect(page.getByText('What was dropped is no file of this computer')).toBeVisible();
    await page.getByRole('button', { name: 'Choose files…' }).click();
    await expect(page.getByRole('heading', { name: 'Back up files' })).toBeVisible();
  });

  test('a device and a vanished file are named and can be left out', async ({ app, world }) => {
    test.skip(process.platform === 'win32', 'devices are no files there');
    const { page } = app;
    const file = join(world.write('Documents', { 'a.txt': 'a' }), 'a.txt');
    await dropped(page, [at('/dev/null'), at(world.path('gone.txt')), at(file)]);
    await expect(dialog(page)).toContainText('A device or pipe has no content to save');
    await expect(dialog(page)).toContainText('It does not exist');
    const start = page.getByRole('button', { name: 'Back up', exact: true });
    await expect(start).toHaveAttribute('aria-disabled', 'true');
    await dialog(page).getByRole('button', { name: 'Leave them out' }).click();
    await expect(page.getByRole('heading', { name: 'Back up 1 file' })).toBeVisible();
    await start.click();
    await shownJobDone(app);
  });

  test('a file that vanishes while the dialog is open is refused in three parts, and nothing is begun', async ({ app, world }) => {
    const { page, client } = app;
    const folder = world.write('Documents', { 'a.txt': 'a', 'b.txt': 'b' });
    await dropped(page, [at(join(folder, 'a.txt')), at(join(folder, 'b.txt'))]);
    await expect(page.getByRole('heading', { name: 'Back up 2 files' })).toBeVisible();
    const { rmSync } = await import('node:fs');
    rmSync(join(folder, 'a.txt'));
    await page.getByRole('button', { name: 'Back up', exact: true }).click();
    const panel = page.getByRole('alert');
    await expect(panel).toContainText('does not exist');
    await expect(panel).toContainText('No job was made');
    await expect(panel).toContainText('Check the spelling of the path');
    expect((await client.list_jobs({})).jobs).toEqual([]);
    await page.getByRole('button', { name: 'Leave out a.txt' }).click();
    await page.getByRole('button', { name: 'Back up', exact: true }).click();
    await shownJobDone(app);
  });

  test('ten thousand files: none is left out silently, their folder is one step away', async ({ app, world }) => {
    const { page, client } = app;
    const folder = world.write('Pictures', { 'one.txt': '1' });
    await dropped(page, Array.from({ length: 10_000 }, (_, index) => at(join(folder, `picture-${index}.jpg`))));
    await expect(page.getByRole('heading', { name: 'Back up 10,000 items' })).toBeVisible();
    await expect(dialog(page)).toContainText('10,000 items are more than one backup takes by name (1,000)');
    await page.getByRole('button', { name: 'Take the folder Pictures' }).click();
    await expect(page.getByRole('heading', { name: 'Back up 1 folder' })).toBeVisible();
    await page.getByRole('button', { name: 'Back up', exact: true }).click();
    const id = await shownJobDone(app);
    expect((await client.get_job({ job_id: id })).paths).toEqual([folder]);
  });

  test('a folder inside its own destination is refused, one around it leaves the copies out', async ({ app, world }) => {
    const { page, client } = app;
    world.write('Documents', { 'a.txt': 'a' });
    await client.set_up_default_repository({});
    const { path } = (await client.get_machine()).default_repository;
    await dropped(page, [at(join(path, 'data'))]);
    await expect(dialog(page)).toContainText('It is part of the place for the copies');
    await expect(page.getByRole('button', { name: 'Back up', exact: true })).toHaveAttribute('aria-disabled', 'true');
    await dialog(page).getByRole('button', { name: 'Close' }).last().click();
    await dropped(page, [at(world.folder)]);
    await expect(dialog(page)).toContainText('Holds the place for the copies, which is left out');
    await page.getByRole('button', { name: 'Back up', exact: true }).click();
    await expect.poll(() => new URL(page.url()).pathname).toMatch(/^\/jobs\/./);
    const id = new URL(page.url()).pathname.slice('/jobs/'.length);
    // Files of the running program change while they are read.
    await jobInPhase(client, id, 'COMPLETED', 'PARTIAL');
    const tree = async (folder: string): Promise<string[]> => (await client.list_tree({ repository_id: 'default', snapshot: 'latest', path: folder })).entries.map(({ name }) => name);
    expect(await tree(world.folder)).toContain('Documents');
    expect(await tree(path.slice(0, path.lastIndexOf('/')))).not.toContain(path.slice(path.lastIndexOf('/') + 1));
  });
});
