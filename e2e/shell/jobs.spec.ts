/** Jobs through tray, quitting and kills, with the shell's own workers and server. */
import { childrenOf, isAlive } from '../support/processes.ts';
import { eventually, jobInPhase } from '../support/world.ts';
import { expect, test } from '../fixtures.ts';

function killed(pids: readonly number[]): void {
  expect(pids).toHaveLength(1);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}

test('a backup runs in a utility process, ends, and is told by a notification that leads to it', async ({ app, desktop, world }) => {
  const { client } = app;
  const source = world.write('Documents', { 'letter.txt': 'Dear reader', 'deep/er/note.txt': 'x'.repeat(10_000) });
  await desktop.closeWindow();
  const { job_id: id } = await client.start_backup({ paths: [source] });
  await jobInPhase(client, id, 'COMPLETED');
  await expect.poll(() => desktop.notes.some(({ name, values }) => name === 'notification' && values[0] === 'Documents: completed')).toBe(true);
  await expect.poll(async () => (await desktop.tray())?.menu.find(({ label }) => label === 'Recent jobs')?.submenu[0]?.label).toBe('Documents: completed');
  await desktop.clickNotification('Documents: completed');
  expect((await desktop.windowState()).visible).toBe(true);
});

test('the tray shows progress, and cancels everything after it asked', async ({ app, desktop, world }) => {
  const { client } = app;
  await client.update_settings({ ...(await client.get_settings()), upload_limit: 2000 });
  const source = world.writeLarge('Photos', 64);
  const ids = [(await client.start_backup({ paths: [source] })).job_id, (await client.start_backup({ paths: [source] })).job_id];
  await expect.poll(async () => (await desktop.tray())?.menu[0]?.label).toMatch(/^1 job running/);
  expect((await desktop.tray())?.picture).toMatch(/running-light\.png$/);
  await expect.poll(async () => Number((await desktop.windowState()).progress[0])).toBeGreaterThan(0);
  await desktop.clickTray('Cancel all…');
  const first = await desktop.dialog();
  expect(first.options).toMatchObject({ message: 'Cancel all 2 jobs?', buttons: ['Cancel all', 'Keep running'] });
  await first.answer({ response: 1 });
  expect((await client.get_job({ job_id: ids[0] ?? '' })).state).not.toBe('done');
  await desktop.clickTray('Cancel all…');
  await (await desktop.dialog()).answer({ response: 0 });
  for (const id of ids) expect((await jobInPhase(client, id, 'CANCELLED')).cancel_reason).toBe('Cancelled from the tray');
  await expect.poll(async () => (await desktop.tray())?.menu[0]?.label).toBe('Nothing runs');
});

test('pausing from the tray stops the jobs until they are resumed there', async ({ app, desktop, world }) => {
  const { client } = app;
  await client.update_settings({ ...(await client.get_settings()), upload_limit: 2000 });
  const { job_id: id } = await client.start_backup({ paths: [world.writeLarge('Photos', 64)] });
  await jobInPhase(client, id, 'TRANSFERRING');
  await desktop.clickTray('Pause', 'Until resumed');
  await jobInPhase(client, id, 'PAUSED');
  await expect.poll(async () => (await desktop.tray())?.menu[0]?.label).toBe('Paused until resumed');
  expect((await desktop.tray())?.picture).toMatch(/paused-light\.png$/);
  await desktop.clickTray('Resume all');
  await jobInPhase(client, id, 'TRANSFERRING', 'COMPLETED');
});

test('quitting while a job runs asks; the job goes on with the next start', async ({ app, desktop, open, world }) => {
  const { client } = app;
  await client.update_settings({ ...(await client.get_settings()), upload_limit: 4000 });
  const { job_id: id } = await client.start_backup({ paths: [world.writeLarge('Photos', 48)] });
  await jobInPhase(client, id, 'TRANSFERRING');
  await desktop.quit();
  const question = await desktop.dialog();
  expect(question.options).toMatchObject({ message: 'Quit while a job runs?', buttons: ['Quit', 'Keep running'] });
  // A second wish meanwhile asks nothing more.
  await desktop.quit();
  expect(desktop.openDialogs).toBe(0);
  await question.answer({ response: 1 });
  await desktop.clickTray('Quit…');
  await (await desktop.dialog()).answer({ response: 0 });
  expect(await desktop.exited).toBe(0);
  const again = await open();
  await again.client.update_settings({ ...(await again.client.get_settings()), upload_limit: 0 });
  await jobInPhase(again.client, id, 'COMPLETED');
  expect((await again.client.get_job({ job_id: id })).attempts.map(({ error }) => error?.code)).toEqual(['INTERRUPTED', undefined]);
});

test('without running jobs it quits at once', async ({ desktop }) => {
  await desktop.quit();
  expect(await desktop.exited).toBe(0);
  expect(desktop.openDialogs).toBe(0);
});

test.describe('a kill', () => {
  test.skip(process.platform !== 'linux', 'processes are found in /proc');

  test('of the worker costs an attempt, and of the server nothing: the job completes', async ({ app, desktop, world }) => {
    const { client } = app;
    await client.update_settings({ ...(await client.get_settings()), upload_limit: 4000 });
    const { job_id: id } = await client.start_backup({ paths: [world.writeLarge('Photos', 48)] });
    await jobInPhase(client, id, 'TRANSFERRING');
    killed(childrenOf(desktop.process.pid ?? 0, '/dist/cli.js'));
    killed(childrenOf(desktop.process.pid ?? 0, 'cyberbackup worker'));
    const failed = await eventually(async () => (await client.get_job({ job_id: id })).attempts.find(({ error }) => error !== null));
    expect(failed.error).toMatchObject({ code: 'WORKER_CRASHED' });
    await client.update_settings({ ...(await client.get_settings()), upload_limit: 0 });
    await jobInPhase(client, id, 'COMPLETED');
  });

  test('of the whole program leaves no worker behind and loses no job', async ({ app, desktop, open, world }) => {
    const { client } = app;
    await client.update_settings({ ...(await client.get_settings()), upload_limit: 4000 });
    const { job_id: id } = await client.start_backup({ paths: [world.writeLarge('Photos', 48)] });
    await jobInPhase(client, id, 'TRANSFERRING');
    const workers = childrenOf(desktop.process.pid ?? 0, 'cyberbackup worker');
    expect(workers).toHaveLength(1);
    desktop.process.kill('SIGKILL');
    await desktop.exited;
    await eventually(() => workers.every((pid) => !isAlive(pid)));
    const again = await open();
    await again.client.update_settings({ ...(await again.client.get_settings()), upload_limit: 0 });
    await jobInPhase(again.client, id, 'COMPLETED');
  });
});
