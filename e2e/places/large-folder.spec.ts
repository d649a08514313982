/** A folder of 100,000 files in Restore: at once there, at its end at once, never many rows. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../fixtures.ts';
import { jobInPhase } from '../support/world.ts';
import { go } from './go.ts';

const count = 100_000;

test('a folder of 100,000 files is walked without a stall', async ({ app, world }) => {
  test.setTimeout(180_000);
  const { page, client } = app;
  const folder = world.path('Many');
  mkdirSync(folder);
  for (let at = 0; at < count; at += 1) writeFileSync(join(folder, `file ${at}.txt`), '');
  await jobInPhase(client, (await client.start_backup({ paths: [folder] })).job_id, 'COMPLETED');
  await go(page, `/restore?path=${encodeURIComponent(folder)}`);
  const grid = page.getByRole('grid', { name: 'Files of the snapshot' });
  await expect(grid).toHaveAttribute('aria-rowcount', String(count));
  await expect(grid.getByText('file 0.txt')).toBeVisible();
  // Frames of the page from here on: none may be held up for long.
  await page.evaluate(() => {
    const seen = { longest: 0, last: performance.now() };
    Object.assign(window, { seenFrames: seen });
    const look = (now: number): void => {
      seen.longest = Math.max(seen.longest, now - seen.last);
      seen.last = now;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await grid.focus();
  await page.keyboard.press('End');
  await expect(grid.getByText(`file ${count - 1}.txt`)).toBeVisible();
  await page.keyboard.press('Space');
  await expect(page.getByText('1 selected')).toBeVisible();
  await page.keyboard.press('Home');
  await expect(grid.getByText('file 0.txt')).toBeVisible();
  await page.keyboard.press('ControlOrMeta+a');
  await expect(page.getByText('100,000 selected')).toBeVisible();
  expect(await grid.getByRole('row').count()).toBeLessThan(80);
  const longest = await page.evaluate(() => (window as unknown as { seenFrames: { longest: number } }).seenFrames.longest);
  expect(longest).toBeLessThan(1000);
});
