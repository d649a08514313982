/** A place for copies that is away, and an agent that does not answer: said calmly, with a reason, and mended by itself. */
import { expect, test } from '../fixtures.ts';
import { BackupServer } from '../support/backup-server.ts';
import { agentProcess } from '../support/processes.ts';
import { jobInPhase } from '../support/world.ts';

test.skip(process.platform === 'win32', 'signals');

test('a server that is away: what happened, what is safe, what to do, what was found, when it is tried again', async ({ app, world }) => {
  const server = await BackupServer.start({ folder: world.path('.server') });
  try {
    const { page, client } = app;
    const { repository_id: repositoryId } = await client.add_repository({ name: 'Home server', url: `rest:${server.address}`, password: 'violet harbour seventh', create: true });
    const source = world.write('Documents', { 'a.txt': 'a' });
    const { plan_id: plan } = await client.add_plan({ name: 'Documents', repository_id: repositoryId, paths: [source], schedule: { kind: 'hours', every: 1 } });
    await jobInPhase(client, (await client.run_plan({ plan_id: plan })).job_id, 'COMPLETED');
    await page.keyboard.press('ControlOrMeta+1');
    await expect(page.getByRole('heading', { name: 'Everything is backed up' })).toBeVisible();
    await server.kill();
    const { job_id: id } = await client.run_plan({ plan_id: plan });
    await expect(page.getByRole('heading', { name: 'Home server cannot be reached' })).toBeVisible();
    const panel = page.getByRole('region', { name: 'Home server' });
    for (const part of ['What happened', 'What is safe', 'What to do']) await expect(panel.getByText(part)).toBeVisible();
    await expect(panel).toContainText('Every copy up to');
    await expect(panel).toContainText(`Port ${server.port} does not answer`);
    await expect(panel).toContainText('ECONNREFUSED');
    await expect(panel.getByRole('img')).toHaveAccessibleName(/\d+ tr(y|ies) since/);
    await expect(page.getByRole('region', { name: 'Live status' })).toContainText('no answer');
    await expect(page.getByRole('button', { name: 'Connection…' })).toBeVisible();
    await server.startAgain();
    await page.getByRole('button', { name: 'Try now' }).click();
    await jobInPhase(client, id, 'COMPLETED');
    await expect(page.getByRole('heading', { name: 'Everything is backed up' })).toBeVisible();
    await expect(panel).toHaveCount(0);
    await expect(page.getByRole('region', { name: 'Live status' })).not.toContainText('no answer');
  } finally {
    await server.close();
  }
});

test('a server that comes back is used again without a hand', async ({ app, world }) => {
  const server = await BackupServer.start({ folder: world.path('.server') });
  try {
    const { page, client } = app;
    const { repository_id: repositoryId } = await client.add_repository({ name: 'Home server', url: `rest:${server.address}`, password: 'violet harbour seventh', create: true });
    await server.kill();
    const { job_id: id } = await client.start_backup({ paths: [world.write('Documents', { 'a.txt': 'a' })], repository_id: repositoryId });
    await expect(page.getByRole('heading', { name: 'Home server cannot be reached' })).toBeVisible();
    await server.startAgain();
    await jobInPhase(client, id, 'COMPLETED');
    await expect(page.getByRole('heading', { name: 'Home server cannot be reached' })).toHaveCount(0);
  } finally {
    await server.close();
  }
});

test('an agent that stops answering is said with its time, and comes back by itself', async ({ world, open }) => {
  const app = await open();
  test.skip(app.desktop !== undefined, 'in the desktop the agent lives in the process that made the window');
  const { page, client } = app;
  await jobInPhase(client, (await client.start_backup({ paths: [world.write('Documents', { 'a.txt': 'a' })] })).job_id, 'COMPLETED');
  await page.keyboard.press('ControlOrMeta+2');
  await expect(page.getByRole('grid', { name: 'Jobs' })).toContainText('Documents');
  const pid = agentProcess(world);
  process.kill(pid, 'SIGSTOP');
  try {
    await expect(page.getByText(/^The agent does not answer. What you see is as of/)).toBeVisible({ timeout: 40_000 });
    await expect(page.getByRole('grid', { name: 'Jobs' })).toContainText('Documents');
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await expect(page.getByText(/^The agent does not answer/)).toHaveCount(0);
  const { job_id: id } = await client.start_backup({ paths: [world.write('Letters', { 'b.txt': 'b' })] });
  await jobInPhase(client, id, 'COMPLETED');
  await expect(page.getByRole('grid', { name: 'Jobs' })).toContainText('Letters');
});

test('a page that is loaded again is signed out, and says how to come back', async ({ world, open }) => {
  const app = await open();
  test.skip(app.desktop !== undefined, 'the desktop needs no session');
  const { page, client } = app;
  const { job_id: id } = await client.start_backup({ paths: [world.write('Documents', { 'a.txt': 'a' })] });
  await page.reload();
  await expect(page.getByRole('heading', { name: 'This page is signed out' })).toBeVisible();
  await expect(page.getByText('Plans and jobs go on as before.')).toBeVisible();
  await expect(page.getByText('cyberbackup agent --open')).toBeVisible();
  await jobInPhase(client, id, 'COMPLETED');
});
