/**
 * Somebody who has never seen the program and reads nothing: on every screen one button stands out, and pressing it is enough to
 * protect the own folders and to get a lost file back.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { jobInPhase } from '../support/world.ts';

/** The buttons in the accent's colour that can be seen, in the dialog where one is open. */
function outstanding(page: Page): Locator {
  return page.locator('button[class*="_primary_"]:visible');
}

async function pressWhatStandsOut(page: Page, within: Locator = page.locator('body')): Promise<void> {
  const button = within.locator(outstanding(page));
  await expect(button).toHaveCount(1);
  await expect(button).toBeEnabled();
  await button.click();
}

test('presses the one button that stands out, and everything is safe; a lost file comes back', async ({ world, open }) => {
  const letter = world.path('Documents', 'letter.txt');
  world.write('Documents', { 'letter.txt': 'Dear reader', 'deep/er/note.txt': 'x'.repeat(100_000) });
  const { page, client } = await open();

  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await pressWhatStandsOut(page);
  for (const step of ['What should be safe?', 'Where should the copies live?']) {
    await expect(page.getByRole('heading', { name: step })).toBeVisible();
    await expect(outstanding(page)).toBeEnabled();
    await pressWhatStandsOut(page);
  }
  // Here the button waits for the only thing that nobody else can do.
  await expect(outstanding(page)).toHaveCount(1);
  await expect(outstanding(page)).toBeDisabled();
  const unchecked = page.getByRole('checkbox', { checked: false });
  await expect(unchecked).toHaveCount(1);
  await unchecked.check();
  await pressWhatStandsOut(page);
  await expect(page.getByRole('heading', { name: 'Everything is backed up' })).toBeVisible();

  rmSync(letter);
  await page.getByRole('navigation').getByRole('link').filter({ hasText: 'Restore' }).click();
  await page.getByText('Documents', { exact: true }).last().dblclick();
  await page.getByText('letter.txt').dblclick();
  await expect(page.getByRole('dialog')).toBeVisible();
  await pressWhatStandsOut(page, page.getByRole('dialog'));
  await expect.poll(async () => (await client.list_jobs({})).jobs.filter(({ kind }) => kind === 'restore').length).toBe(1);
  const [restore] = (await client.list_jobs({})).jobs.filter(({ kind }) => kind === 'restore');
  const { paths } = await jobInPhase(client, restore?.job_id ?? '', 'COMPLETED');
  expect(readFileSync(join(paths[0] ?? '', 'letter.txt'), 'utf8')).toBe('Dear reader');
});
