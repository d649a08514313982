/** The screens in each host: they open, axe finds nothing, keys lead everywhere. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { jobInPhase } from './support/world.ts';

async function findings(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(', ')}`);
}

for (const theme of ['light', 'dark'] as const) {
  test(`the first screen opens without a finding of axe, ${theme}`, async ({ app }) => {
    const { page } = app;
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await expect(page.getByRole('main')).toBeVisible();
    await expect(page.getByRole('heading').first()).toBeVisible();
    expect(await findings(page)).toEqual([]);
  });
}

test('a backup is seen while it runs, and after it', async ({ app, world }) => {
  const { page, client } = app;
  await client.update_settings({ ...(await client.get_settings()), upload_limit: 4000 });
  const { job_id: id } = await client.start_backup({ paths: [world.writeLarge('Holiday pictures', 24)] });
  await jobInPhase(client, id, 'TRANSFERRING');
  await page.keyboard.press('ControlOrMeta+2');
  await expect(page.getByText('Holiday pictures').first()).toBeVisible();
  await expect(page.getByRole('progressbar').first()).toBeVisible();
  await client.update_settings({ ...(await client.get_settings()), upload_limit: 0 });
  await jobInPhase(client, id, 'COMPLETED');
  await expect(page.getByText('Holiday pictures').first()).toBeVisible();
  expect(await findings(page)).toEqual([]);
});
