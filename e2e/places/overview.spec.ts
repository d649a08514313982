/** The overview: its sentence with plans that are overdue, and the way to a plan. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sealDocument, unsealDocument } from '../../src/agent/settings/envelope.ts';
import { expect, test } from '../fixtures.ts';
import { jobInPhase } from '../support/world.ts';

test('an overdue plan is in the sentence until a run makes a copy', async ({ open, world }) => {
  const first = await open();
  await first.client.set_up_default_repository({});
  await first.client.add_plan({ name: 'Letters', repository_id: 'default', paths: [world.write('Letters', { a: 'a' })], schedule: { kind: 'daily', at: '20:00' }, catch_up: false, conditions: { drive_present: world.path('drive that is away') } });
  await first.close();
  // As if it had been made a week ago and never run since.
  const past = new Date(Date.now() - 7 * 86_400_000).toISOString();
  for (const name of ['settings.json', 'settings.copy.json']) {
    const file = join(world.home, name);
    const read = unsealDocument(readFileSync(file, 'utf8'));
    if (read.state !== 'whole') throw new Error('the settings are damaged');
    const document = read.content as { plans: { updated_at: string; created_at: string }[] };
    for (const plan of document.plans) Object.assign(plan, { updated_at: past, created_at: past });
    writeFileSync(file, sealDocument(read.version, document), { mode: 0o600 });
  }
  const { page, client } = await open();
  await expect(page.getByRole('heading', { level: 1, name: '1 plan needs you' })).toBeVisible();
  await expect(page.getByText('Letters has no recent copy.')).toBeVisible();
  await page.getByRole('button', { name: 'Back up now' }).click();
  await expect.poll(async () => (await client.list_jobs({})).jobs.length).toBe(1);
  const [job] = (await client.list_jobs({})).jobs;
  await jobInPhase(client, job?.job_id ?? '', 'COMPLETED');
  await expect(page.getByRole('heading', { level: 1, name: 'Everything is backed up' })).toBeVisible();
  await page.getByRole('row', { name: /^Letters/ }).getByRole('link', { name: 'Letters' }).click();
  await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('Letters');
  await page.keyboard.press('ControlOrMeta+1');
  await page.getByRole('button', { name: 'New plan' }).click();
  await expect(page.getByRole('button', { name: 'Make plan' })).toBeVisible();
});

test('the window may become narrow and wide again', async ({ app }) => {
  const { page } = app;
  const heading = page.getByRole('heading', { level: 1 });
  for (const width of [1200, 880, 1600]) {
    await page.setViewportSize({ width, height: 700 });
    await expect(heading).toBeVisible();
    await expect(page.getByRole('navigation').first()).toBeVisible();
  }
});
