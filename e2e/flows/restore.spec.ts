/** One file brought back through the window. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../fixtures.ts';
import { jobInPhase } from '../support/world.ts';

test('a file comes back beside the original, byte for byte, and the original stays', async ({ app, world }) => {
  const { page, client } = app;
  const folder = world.write('Letters', { 'to Mara.txt': 'Dear Mara', 'to Elin.txt': 'Dear Elin' });
  await jobInPhase(client, (await client.start_backup({ paths: [folder] })).job_id, 'COMPLETED');
  world.write('Letters', { 'to Mara.txt': 'overwritten by mistake' });
  await page.keyboard.press('ControlOrMeta+3');
  await page.getByRole('main').getByRole('button', { name: 'Letters', exact: true }).click();
  await page.getByRole('checkbox', { name: 'Select to Mara.txt' }).check();
  await page.getByRole('button', { name: 'Restore…' }).click();
  const dialog = page.getByRole('dialog', { name: /^Restore 1 item from/ });
  await expect(dialog.getByRole('radio', { name: 'A new folder beside the original' })).toBeChecked();
  await dialog.getByRole('button', { name: 'Restore', exact: true }).click();
  const job = (await client.list_jobs({})).jobs.find(({ kind }) => kind === 'restore');
  await jobInPhase(client, job?.job_id ?? '', 'COMPLETED');
  const beside = readdirSync(world.folder).find((name) => name.startsWith('Letters (restored'));
  expect(readdirSync(world.path(beside ?? ''))).toEqual(['to Mara.txt']);
  expect(readFileSync(join(world.path(beside ?? ''), 'to Mara.txt'), 'utf8')).toBe('Dear Mara');
  expect(readFileSync(join(folder, 'to Mara.txt'), 'utf8')).toBe('overwritten by mistake');
});
