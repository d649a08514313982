/** Health while something really moves: connections of the embedded server, and what becomes of them. */
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { expect, test } from '../fixtures.ts';
import { jobInPhase } from '../support/world.ts';
import { go } from './go.ts';

test('connections are seen with their bytes, rates and job while a backup runs, and afterwards as closed or idle', async ({ app, world }) => {
  const { page, client } = app;
  const photos = world.writeLarge('Photos', 40);
  await client.set_up_default_repository({});
  const { plan_id: plan } = await client.add_plan({ name: 'Holiday pictures', repository_id: 'default', paths: [photos] });
  await client.update_settings({ ...(await client.get_settings()), upload_limit: 1500 });
  const { job_id: id } = await client.run_plan({ plan_id: plan });
  await jobInPhase(client, id, 'TRANSFERRING');
  await go(page, '/health/connections');
  const table = page.getByRole('table', { name: 'Connections' });
  const row = table.getByRole('row').filter({ hasText: 'Holiday pictures' }).filter({ hasText: 'active' }).first();
  await expect(row).toBeVisible();
  await expect(row).toContainText(/CyberBackup/i);
  await expect(row).toContainText(/127\.0\.0\.1/);
  await expect(row).toContainText(/[\d.]+ MB\s*[\d.]+ (KB|MB)\/s/);
  const received = page.locator('dl > div').filter({ hasText: 'Receives' });
  await expect(received).toContainText(/[\d.]+ (KB|MB)\/s/);
  await row.getByRole('button').press('Enter');
  const details = page.getByRole('region', { name: 'Connection of Holiday pictures' });
  await expect(details).toContainText('Keep-alive');
  await details.getByRole('link', { name: 'Show the job' }).click();
  await expect(page.getByRole('complementary', { name: 'Holiday pictures' })).toBeVisible();
  await go(page, '/health');
  await expect(page.getByRole('region', { name: 'Connections' })).toContainText('Holiday pictures');
  await expect(page.getByRole('region', { name: 'Checks' })).toContainText('Companion server');
  await client.update_settings({ ...(await client.get_settings()), upload_limit: 0 });
  await jobInPhase(client, id, 'COMPLETED');
  await go(page, '/health/connections');
  await expect(page.getByRole('region', { name: 'Closed lately' })).toContainText('ended well');
});

test('a server that is off is said calmly, and an alert of another program on its address in both languages', async ({ app, world }) => {
  const { page, client } = app;
  const { embedded_server: server } = await client.get_settings();
  const sockets = new Set<Socket>();
  const stranger = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).end('HTTP/1.1 404 Not Found\r\n\r\n');
  });
  await new Promise<void>((resolve) => void stranger.listen(Number(server.listen.split(':').at(-1)), '127.0.0.1', resolve));
  try {
    await jobInPhase(client, (await client.start_backup({ paths: [world.write('Documents', { a: 'a' })] })).job_id, 'COMPLETED');
    await expect.poll(async () => (await client.list_alerts()).alerts.map(({ code }) => code), { timeout: 40_000 }).toEqual(['server_port_taken']);
    await go(page, '/health');
    await expect(page.getByRole('list', { name: 'Alerts' })).toContainText('is used by another program. Jobs to other places go on.');
    await go(page, '/settings/appearance');
    await page.getByLabel('Language').selectOption({ label: 'Deutsch' });
    await go(page, '/health');
    await expect(page.getByRole('list', { name: 'Warnungen' })).toContainText('benutzt ein anderes Programm. Aufträge an andere Orte gehen weiter.');
    await go(page, '/health/connections');
    await expect(page.getByText('Der Server dieses Computers läuft nicht')).toBeVisible();
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => void stranger.close(resolve));
  }
});
