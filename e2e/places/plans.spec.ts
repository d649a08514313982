/** The plan editor: a plan is made, changed, run, paused, deleted and brought back. */
import { expect, test } from '../fixtures.ts';
import { go } from './go.ts';
import { jobInPhase } from '../support/world.ts';

test('a plan is made with folders, what it leaves out and its times, and runs', async ({ app, world }) => {
  const { page, client } = app;
  await client.set_up_default_repository({});
  const documents = world.write('Documents', { 'letter.txt': 'Dear reader', 'draft.tmp': 'x'.repeat(5000), 'cache/film.part': 'y'.repeat(9000) });
  await go(page, '/settings/plan-new');
  await expect(page.getByText('Give it a name')).toBeVisible();
  await page.getByRole('textbox', { name: 'Name' }).fill('My documents');
  await choose(app, documents);
  await expect(page.getByText(/A run now would read 14 KB in 3 files/)).toBeVisible();
  await page.getByRole('checkbox', { name: 'Downloads in progress' }).click();
  await page.getByLabel('Pattern to leave out').fill('*.tmp');
  await page.getByRole('button', { name: 'Pattern', exact: true }).click();
  await expect(page.getByText(/A run now would read 11 B in 1 file/)).toBeVisible();
  await expect(page.getByText('spares 14 KB in 2 files')).toBeVisible();

  await page.getByRole('radio', { name: 'When' }).click();
  await page.getByRole('radio', { name: 'Weekly' }).click();
  await page.getByRole('button', { name: 'Sunday' }).click();
  await page.getByLabel('At', { exact: true }).fill('06:15');
  await page.getByRole('switch', { name: 'Catch up on missed runs' }).click();
  await page.getByLabel('Tags of the snapshots').fill('home, important');
  await expect(page.getByText(/^Next runs: .*06:15/)).toBeVisible();
  // What is typed stays while the person looks elsewhere.
  await page.keyboard.press('ControlOrMeta+1');
  await page.keyboard.press('ControlOrMeta+,');
  await page.getByRole('link', { name: /New plan/ }).click();
  await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('My documents');
  await page.getByRole('button', { name: 'Make plan' }).click();
  await expect(page.getByRole('button', { name: 'Run now' })).toBeVisible();
  const [plan] = (await client.list_plans()).plans;
  expect(plan).toMatchObject({
    name: 'My documents',
    paths: [documents],
    excludes: { presets: ['caches', 'trash'], patterns: ['*.part', '*.crdownload', '*.download', '*.tmp'] },
    schedule: { kind: 'weekly', on: ['saturday', 'sunday'], at: '06:15' },
    catch_up: false,
    tags: ['home', 'important'],
  });
  await page.getByRole('button', { name: 'Run now' }).click();
  await expect(page.getByText('My documents is queued')).toBeVisible();
  const [job] = (await client.list_jobs({})).jobs;
  expect((await jobInPhase(client, job?.job_id ?? '', 'COMPLETED')).summary?.['total_files_processed']).toBe(1);
});

test('a plan is changed, discarded, paused, and a rule that is none is refused', async ({ app, world }) => {
  const { page, client } = app;
  await client.set_up_default_repository({});
  const { plan_id: id } = await client.add_plan({ name: 'Photos', repository_id: 'default', paths: [world.write('Photos', { a: 'a' })], schedule: { kind: 'daily', at: '20:00' } });
  await go(page, `/settings/plan-${id}?tab=when`);
  await page.getByRole('radio', { name: 'Hours', exact: true }).click();
  await page.getByRole('switch', { name: 'Only between' }).click();
  await page.getByRole('button', { name: 'Discard' }).click();
  await expect(page.getByRole('radio', { name: 'Every day' })).toHaveAttribute('aria-checked', 'true');
  await page.getByRole('radio', { name: 'Own rule' }).click();
  await page.getByLabel('Rule').fill('0 0 31 2 *');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  expect((await client.get_plan({ plan_id: id })).schedule).toEqual({ kind: 'daily', at: '20:00' });
  await page.getByLabel('Rule').fill('30 7 * * 1-5');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('button', { name: 'Run now' })).toBeVisible();
  expect((await client.get_plan({ plan_id: id })).schedule).toEqual({ kind: 'cron', expression: '30 7 * * 1-5' });
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Pause this plan' }).click();
  await expect(page.getByText('Paused until resumed')).toBeVisible();
});

test('a deleted plan comes back with its history', async ({ app, world }) => {
  const { page, client } = app;
  await client.set_up_default_repository({});
  const { plan_id: id } = await client.add_plan({ name: 'Letters <b>\u202Egpj', repository_id: 'default', paths: [world.write('Letters', { a: 'a' })] });
  await jobInPhase(client, (await client.run_plan({ plan_id: id })).job_id, 'COMPLETED');
  const before = await client.get_plan({ plan_id: id });
  await go(page, `/settings/plan-${id}`);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Delete this plan…' }).click();
  await expect(page.getByRole('alertdialog', { name: /^Delete the plan/ }).getByRole('button', { name: 'Keep plan' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('alertdialog')).toBeHidden();
  expect((await client.list_plans()).plans).toHaveLength(1);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Delete this plan…' }).click();
  await page.getByRole('button', { name: 'Delete plan' }).click();
  await expect(page.getByText('The plan Letters <b>⟨U+202E⟩gpj was deleted')).toBeVisible();
  expect((await client.list_plans()).plans).toEqual([]);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('The plan Letters <b>⟨U+202E⟩gpj is back')).toBeVisible();
  expect(await client.get_plan({ plan_id: id })).toEqual(before);
});

/** By the agent's own chooser in the browser, by the system's dialog in the desktop. */
async function choose({ page, desktop }: Parameters<Parameters<typeof test>[2]>[0]['app'], folder: string): Promise<void> {
  await page.getByRole('button', { name: 'folders…' }).click();
  if (desktop !== undefined) {
    await (await desktop.dialog()).answer({ canceled: false, filePaths: [folder] });
    return;
  }
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').first().fill(folder);
  await page.keyboard.press('Enter');
  await dialog.getByRole('button').last().click();
}
