/** Settings: limits by the clock, the server, places and their keys, alerts, appearance, about. */
import { existsSync } from 'node:fs';
import { freePort } from '../../test/support/free-port.ts';
import { newestRestic } from '../../test/support/restic.ts';
import { run } from '../../test/support/run-program.ts';
import { expect, test } from '../fixtures.ts';
import { go } from './go.ts';
import { eventually, jobInPhase } from '../support/world.ts';

test('hours of the week are painted by mouse, by keys and in a list, and kept by the agent', async ({ app }) => {
  const { page, client } = app;
  await go(page, '/settings/network');
  const grid = page.getByRole('grid', { name: 'Limits by the clock' });
  const cell = (name: string) => grid.getByRole('gridcell', { name: new RegExp(`^${name}`) });
  await page.getByRole('radio', { name: '60.0 MB/s' }).click();
  await cell('Monday 08:00 AM').hover();
  await page.mouse.down();
  await cell('Friday 05:00 PM').hover();
  await page.mouse.up();
  const hours = async (): Promise<string> => (await client.get_settings()).week_limits.hours;
  const workday = `${'0'.repeat(8)}${'1'.repeat(10)}${'0'.repeat(6)}`;
  await expect.poll(hours).toBe(workday.repeat(5) + '0'.repeat(48));
  await expect(cell('Wednesday 12:00 PM')).toHaveAccessibleName(/60\.0 MB\/s$/);

  await cell('Sunday 12:00 AM').focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('4');
  await expect.poll(hours).toBe(workday.repeat(5) + '0'.repeat(24) + '0'.repeat(21) + '333');

  await page.getByRole('button', { name: 'Edit as a list' }).click();
  await page.getByRole('button', { name: /^Remove Monday, 08:00/ }).click();
  await expect.poll(hours).toBe('0'.repeat(24) + workday.repeat(4) + '0'.repeat(24) + '0'.repeat(21) + '333');
  await page.getByRole('button', { name: 'Edit as a grid' }).click();
  await expect(cell('Monday 09:00 AM')).toHaveAccessibleName(/No limit$/);
});

test('a limit that is set while a backup runs slows it and lets it go', async ({ app, world }) => {
  const { page, client } = app;
  await client.update_settings({ ...(await client.get_settings()), upload_limit: 300 });
  const { job_id: id } = await client.start_backup({ paths: [world.writeLarge('Photos', 24)] });
  await jobInPhase(client, id, 'TRANSFERRING');
  await go(page, '/settings/network');
  const uploads = page.getByRole('spinbutton', { name: 'Uploads at any time' });
  await expect(uploads).toHaveValue('0.307');
  await uploads.fill('0');
  await uploads.press('Enter');
  // At 300 KB a second it would take more than a minute.
  await expect.poll(async () => (await client.get_job({ job_id: id })).phase, { timeout: 40_000 }).toBe('COMPLETED');
  expect((await client.get_settings()).upload_limit).toBe(0);
});

test('jobs at once and the server are set, and a wrong address is refused with a sentence', async ({ app, world }) => {
  const { page, client } = app;
  await jobInPhase(client, (await client.start_backup({ paths: [world.write('Documents', { 'a.txt': 'a' })] })).job_id, 'COMPLETED');
  await go(page, '/settings');
  const nav = page.getByRole('navigation', { name: 'Settings' });
  await nav.getByRole('link', { name: 'Network' }).click();
  await page.getByRole('button', { name: 'Jobs at the same time: more' }).click();
  await expect.poll(async () => (await client.get_settings()).concurrency).toBe(3);
  await nav.getByRole('link', { name: 'Server' }).click();
  await expect(page.getByRole('status').filter({ hasText: /^Running since / })).toBeVisible();
  const address = page.getByRole('textbox', { name: 'Address and port' });
  const before = (await client.get_settings()).embedded_server.listen;
  await address.fill('0.0.0.0:1256');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'loopback' })).toBeVisible();
  expect((await client.get_settings()).embedded_server.listen).toBe(before);
  await page.getByRole('switch', { name: 'Use the server' }).click();
  await expect.poll(async () => (await client.get_server()).reach).toBe('unused');
  await expect(page.getByText('The server of this computer is off')).toBeVisible();
});

test('another computer backs up with restic: a user is added, TLS and sign-in, a quota that is enforced, and the user is removed', async ({ app, world }) => {
  const { page, client } = app;
  const settings = await client.get_settings();
  // Of this machine alone, so that the test opens nothing to others.
  const address = `127.0.0.1:${await freePort()}`;
  await client.update_settings({ ...settings, embedded_server: { ...settings.embedded_server, network_listen: address } });
  await go(page, '/settings/server');
  const network = page.getByRole('switch', { name: /^Reachable from the network/ });
  await network.click();
  await expect(page.getByText('Add a user first')).toBeVisible();
  await expect(network).not.toBeChecked();

  await page.getByRole('button', { name: 'User…' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Mara');
  await page.getByLabel('Quota in GB').fill('0.0004');
  await page.getByRole('button', { name: 'Add user' }).click();
  const shown = page.getByRole('dialog', { name: 'Password of mara' });
  const password = await shown.getByText(/^([a-z2-9]{4}-){4}[a-z2-9]{4}$/).textContent();
  await shown.getByRole('button', { name: 'Done' }).click();
  const row = page.getByRole('row', { name: /^mara/ });
  await expect(row).toContainText('not seen yet');
  await expect(row.getByRole('switch', { name: 'mara is append-only' })).toBeChecked();
  expect(JSON.stringify([await client.list_server_users(), await client.get_settings()])).not.toContain(password);

  await network.click();
  await expect(page.getByText(`https://${address}`, { exact: true })).toBeVisible({ timeout: 30_000 });
  const { network: open } = await client.get_server_use();
  await page.getByRole('button', { name: 'Show the whole fingerprint' }).click();
  await expect(page.getByText(open?.fingerprint ?? 'none', { exact: true })).toBeVisible();

  const env = { PATH: process.env['PATH'], HOME: world.folder, RESTIC_REPOSITORY: `rest:https://mara:${password ?? ''}@${address}/mara/`, RESTIC_PASSWORD: 'secret' };
  const restic = async (...args: string[]) => await run(newestRestic(), ['--no-cache', '--cacert', open?.certificate_file ?? '', ...args], { env });
  test.skip((await run('restic', ['version']).catch(() => undefined)) === undefined && newestRestic() === 'restic', 'restic is not on this machine');
  expect(await restic('init')).toMatchObject({ code: 0 });
  expect(await restic('backup', world.write('Small', { 'letter.txt': 'dear' }))).toMatchObject({ code: 0 });
  await expect(row).toContainText('1 computer, seen', { timeout: 15_000 });
  const refused = await restic('backup', world.writeLarge('Large', 8));
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('507');
  // This computer's own copies go on meanwhile.
  await jobInPhase(client, (await client.start_backup({ paths: [world.path('Small')] })).job_id, 'COMPLETED');

  await row.getByRole('button', { name: 'Actions for mara' }).click();
  await page.getByRole('menuitem', { name: 'Change quota…' }).click();
  await page.getByLabel('Quota in GB').fill('');
  await page.getByRole('button', { name: 'Set quota' }).click();
  await expect(row).toContainText('no quota');
  await eventually(async () => (await restic('backup', world.path('Large'))).code === 0);

  await row.getByRole('button', { name: 'Actions for mara' }).click();
  await page.getByRole('menuitem', { name: 'Remove…' }).click();
  await expect(page.getByRole('alertdialog')).toContainText('The copies stay in');
  await page.getByRole('button', { name: 'Remove user' }).click();
  await expect(row).toBeHidden();
  await eventually(async () => (await restic('snapshots')).code !== 0);
  expect(existsSync(`${(await client.get_server()).data_folder}/mara/config`)).toBe(true);
  await network.click();
  await expect(page.getByText('This computer only')).toBeVisible({ timeout: 30_000 });
});

test('a place is checked, renamed, added with its password and forgotten; its password is tried', async ({ app, world }) => {
  const { page, client } = app;
  await client.set_up_default_repository({ password: 'five words of mine alone' });
  const drive = world.path('drive');
  const { repository_id: other } = await client.add_repository({ url: drive, password: 'correct horse', name: 'Drive' });
  await client.remove_repository({ repository_id: other });
  await go(page, '/settings');
  await page.getByRole('button', { name: 'Rename…' }).click();
  await page.getByLabel('Name', { exact: true }).fill('My computer');
  await page.getByRole('button', { name: 'Rename', exact: true }).click();
  await expect(page.getByRole('button', { name: /^My computer/ })).toBeVisible();

  await page.getByRole('button', { name: 'Test…' }).click();
  await page.getByLabel('Password', { exact: true }).fill('something else');
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(page.getByText('This is not the password of these copies.')).toBeVisible();
  await page.getByLabel('Password', { exact: true }).fill('five words of mine alone');
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(page.getByText('This is the password of these copies.')).toBeVisible();
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Add…' }).click();
  await page.getByLabel('Folder or address').fill(drive);
  await page.getByLabel('Password', { exact: true }).fill('wrong');
  await page.getByRole('button', { name: 'Add place' }).click();
  await expect(page.getByRole('alert')).toContainText('WRONG_PASSWORD');
  await page.getByLabel('Password', { exact: true }).fill('correct horse');
  await page.getByRole('button', { name: 'Add place' }).click();
  await expect(page.getByRole('dialog')).toBeHidden();

  await page.getByRole('button', { name: 'Check…' }).click();
  await page.getByRole('radio', { name: /^Everything/ }).click();
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  const [job] = await eventually(async () => {
    const { jobs } = await client.list_jobs({});
    return jobs.length > 0 ? jobs : undefined;
  });
  expect(job?.kind).toBe('check');
  await jobInPhase(client, job?.job_id ?? '', 'COMPLETED');
  await expect(page.getByText(/, all well$/)).toBeVisible();

  await page.getByRole('button', { name: 'Forget this address…' }).click();
  await page.getByRole('button', { name: 'Forget address' }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
  expect((await client.list_repositories()).repositories.map(({ name }) => name)).toEqual(['My computer']);
});

test('theme, language, numbers and motion change at once and stay', async ({ open }) => {
  const app = await open();
  const { page, desktop } = app;
  await go(page, '/settings/appearance');
  await page.getByRole('radio', { name: 'Dark' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.getByLabel('Motion').selectOption({ label: 'Reduced' });
  await page.getByLabel('Contrast').selectOption({ label: 'More' });
  await page.getByLabel('Dates and numbers').selectOption({ label: 'German, Switzerland' });
  await expect(page.getByText(/1[’']267[’']096/)).toBeVisible();
  await page.getByLabel('Language').selectOption({ label: 'Deutsch' });
  await expect(page.getByRole('heading', { name: 'Darstellung und Sprache' })).toBeVisible();
  // A browser's page is signed out when it is loaded anew; a window of the desktop opens again as it was.
  let shown = page;
  if (desktop !== undefined) {
    await app.close();
    shown = (await open()).page;
  }
  const root = shown.locator('html');
  for (const [name, value] of [['data-theme', 'dark'], ['data-motion', 'reduced'], ['data-contrast', 'more'], ['lang', 'de']] as const) await expect(root).toHaveAttribute(name, value);
});

test('notifications have switches and quiet hours; about names folders and licences; a setting is found by its name', async ({ app, world }) => {
  const { page, client } = app;
  await go(page, '/settings/alerts');
  await page.getByRole('switch', { name: 'A job is done' }).click();
  await page.getByRole('switch', { name: 'Quiet hours' }).click();
  await page.getByLabel('Quiet from').fill('21:15');
  await expect.poll(async () => (await client.get_settings()).notifications).toEqual({ completed: false, failed: true, alerts: true, quiet: { from: '21:15', to: '07:00' } });
  const finder = page.getByRole('combobox', { name: 'Find a setting' });
  await finder.fill('log');
  await page.getByRole('option', { name: /^Log About/ }).click();
  await expect(page.getByTitle(world.home, { exact: false }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Show licences' }).click();
  await expect(page.getByRole('row', { name: 'react MIT', exact: true })).toBeVisible();
});
