/** The screens in each host: they open, axe finds nothing, keys lead everywhere. */
import { expect, test } from './fixtures.ts';
import { findingsOf } from './support/axe.ts';
import { jobInPhase } from './support/world.ts';

for (const theme of ['light', 'dark'] as const) {
  test(`the first screen opens without a finding of axe, ${theme}`, async ({ app }) => {
    const { page } = app;
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await expect(page.getByRole('main')).toBeVisible();
    await expect(page.getByRole('heading').first()).toBeVisible();
    expect(await findingsOf(page)).toEqual([]);
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
  expect(await findingsOf(page)).toEqual([]);
});
