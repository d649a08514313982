/** Commands of menus that come before the interface listens. */
import { startDouble } from '../support/hosts.ts';
import { expect, test } from '../fixtures.ts';

test('the first command of a menu opens the window and is not lost', async ({ world, context, host }) => {
  test.skip(host === 'browser', 'a browser has no menus of ours');
  const desktop = startDouble(world, context, { args: ['--hidden'] });
  await expect.poll(() => desktop.tray()).toBeTruthy();
  expect(desktop.hasWindow).toBe(false);
  await desktop.clickMenu('File', 'Back up files…');
  const page = await desktop.window();
  await expect(page.getByRole('dialog', { name: 'Back up files' })).toBeVisible();
  await desktop.close();
});
