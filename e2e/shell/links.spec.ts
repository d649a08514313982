/** Deep links, and commands of menus, as the interface gets them. */
import { expect, test } from '../fixtures.ts';

test('a link of the system leads to the job in the window that is there', async ({ app, desktop, world }) => {
  const { client, page } = app;
  const { job_id: id } = await client.start_backup({ paths: [world.write('Letters', { 'a.txt': 'a' })] });
  await desktop.openUrl(`cyberbackup://job/${id}`);
  await expect.poll(() => new URL(page.url()).pathname).toBe(`/jobs/${id}`);
  await desktop.openUrl('cyberbackup://job/../../etc/passwd?x');
  await expect.poll(() => new URL(page.url()).pathname).toBe('/');
});

test('the menu has no key that the page handles too, and shows settings in the window', async ({ app, desktop }) => {
  const { page } = app;
  await desktop.clickMenu('File', 'Settings…');
  await expect.poll(() => new URL(page.url()).pathname).toBe('/settings');
});
