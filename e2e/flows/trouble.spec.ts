/** Workers and servers that die, hang or lie, full disks, restarts: a calm sentence, a way on, nothing lost. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { Client } from '../../src/shared/contract/client.ts';
import { expect, test } from '../fixtures.ts';
import { BackupServer } from '../support/backup-server.ts';
import { agentProcess, childrenOf, isAlive } from '../support/processes.ts';
import { eventually, jobInPhase, limitUpload } from '../support/world.ts';
import type { World } from '../support/world.ts';

test.skip(process.platform === 'win32', 'signals');

const password = 'violet harbour seventh';

const repositoryOn = async (client: Client, url: string): Promise<string> => (await client.add_repository({ name: 'Home server', url, password, create: true })).repository_id;

/** A slow backup to there, when bytes move. */
async function runningBackup(client: Client, world: World, repositoryId: string | undefined, megabytes = 48): Promise<string> {
  await limitUpload(client, 3000);
  const { job_id: id } = await client.start_backup({ paths: [world.writeLarge('Photos', megabytes)], ...(repositoryId === undefined ? {} : { repository_id: repositoryId }) });
  await eventually(async () => (await client.get_job({ job_id: id })).progress > 5);
  return id;
}

async function look(page: Page, jobId: string): Promise<void> {
  await page.keyboard.press('ControlOrMeta+2');
  await page.getByRole('grid', { name: 'Jobs' }).locator(`#job-${jobId}`).click();
}

const threeParts = async (page: Page, ...parts: readonly (string | RegExp)[]): Promise<void> => {
  const panel = page.getByRole('complementary').getByRole('alert');
  for (const label of ['What happened', 'What is safe', 'What to do']) await expect(panel.getByText(label, { exact: true })).toBeVisible();
  for (const part of parts) await expect(panel).toContainText(part);
};

/** Whatever was restored is the source, byte for byte. */
async function restoredEqually(client: Client, world: World, repositoryId: string, source: string): Promise<void> {
  const target = world.path('Restored');
  const { job_id: id } = await client.start_restore({ repository_id: repositoryId, snapshot: 'latest', subpath: source, target });
  await jobInPhase(client, id, 'COMPLETED');
  for (const name of readdirSync(source)) expect(readFileSync(join(target, name)).equals(readFileSync(join(source, name)))).toBe(true);
}

test('kill -9 of the worker costs an attempt: the window says so, and the job completes', async ({ app, world }) => {
  test.skip(process.platform !== 'linux', 'processes are found in /proc');
  const { page, client } = app;
  const id = await runningBackup(client, world, undefined);
  await look(page, id);
  const workers = childrenOf(agentProcess(world), 'worker');
  expect(workers).toHaveLength(1);
  for (const pid of workers) process.kill(pid, 'SIGKILL');
  const failed = await eventually(async () => (await client.get_job({ job_id: id })).attempts.find(({ error }) => error !== null));
  expect(failed.error?.code).toBe('WORKER_CRASHED');
  await expect(page.getByRole('complementary')).toContainText(/attempt 2|Retry in|Trying again|Backing up|Attempts/);
  await limitUpload(client, 0);
  await jobInPhase(client, id, 'COMPLETED');
  await expect(page.getByRole('complementary').getByText('Completed')).toBeVisible();
  await restoredEqually(client, world, 'default', world.path('Photos'));
});

test('kill -9 of the server in the middle: the job waits, says so, and goes on when it is back', async ({ app, world }) => {
  const server = await BackupServer.start({ folder: world.path('.server') });
  try {
    const { page, client } = app;
    const repositoryId = await repositoryOn(client, `rest:${server.address}`);
    const id = await runningBackup(client, world, repositoryId);
    await look(page, id);
    await server.kill();
    await jobInPhase(client, id, 'WAITING_RETRY');
    await expect(page.getByRole('complementary').getByText(/Retry in|Trying again/).first()).toBeVisible();
    await threeParts(page);
    await server.startAgain();
    await limitUpload(client, 0);
    await jobInPhase(client, id, 'COMPLETED');
    await expect(page.getByRole('complementary').getByText('Completed')).toBeVisible();
    await restoredEqually(client, world, repositoryId, world.path('Photos'));
  } finally {
    await server.close();
  }
});

test('a server that hangs does not hold the window: the job can be cancelled, and later run again', async ({ app, world }) => {
  const server = await BackupServer.start({ folder: world.path('.server') });
  try {
    const { page, client } = app;
    const repositoryId = await repositoryOn(client, `rest:${server.address}`);
    const id = await runningBackup(client, world, repositoryId);
    await look(page, id);
    server.hang();
    await page.getByRole('complementary').getByRole('button', { name: 'Cancel…' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel backup' }).click();
    await jobInPhase(client, id, 'CANCELLED');
    await expect(page.getByRole('complementary').getByText('Cancelled')).toBeVisible();
    server.wake();
    await limitUpload(client, 0);
    await page.getByRole('complementary').getByRole('button', { name: 'Try again' }).click();
    await jobInPhase(client, id, 'COMPLETED');
    await restoredEqually(client, world, repositoryId, world.path('Photos'));
  } finally {
    server.wake();
    await server.close();
  }
});

test('a server that lies: wrong data is noticed, told in three parts, and never written', async ({ app, world }) => {
  const server = await BackupServer.start({ folder: world.path('.server') });
  try {
    const { page, client } = app;
    const repositoryId = await repositoryOn(client, `rest:${server.address}`);
    const source = world.writeLarge('Photos', 8);
    await jobInPhase(client, (await client.start_backup({ paths: [source], repository_id: repositoryId })).job_id, 'COMPLETED');
    const data = world.path('.server', 'data');
    for (const name of readdirSync(data, { recursive: true, encoding: 'utf8' })) {
      const file = join(data, name);
      if (!statSync(file).isFile()) continue;
      const bytes = readFileSync(file);
      for (let at = 100; at < bytes.length; at += 65_536) bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at);
      rmSync(file);
      writeFileSync(file, bytes);
    }
    const { job_id: id } = await client.start_restore({ repository_id: repositoryId, snapshot: 'latest', subpath: source, target: world.path('Restored') });
    await jobInPhase(client, id, 'FAILED', 'PARTIAL');
    await look(page, id);
    await threeParts(page);
    for (const name of readdirSync(source)) expect(statSync(join(world.path('Restored'), name), { throwIfNoEntry: false })).toBeUndefined();
    const { job_id: check } = await client.start_check({ repository_id: repositoryId, read_data_percent: 100 });
    await jobInPhase(client, check, 'FAILED');
    await look(page, check);
    await threeParts(page);
  } finally {
    await server.close();
  }
});

test('a full disk: the window says what is safe, and the same job completes when there is room', async ({ app, world }) => {
  const disk = world.path('.small-disk');
  mkdirSync(disk);
  const mounted = (() => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', disk], { stdio: 'ignore' });
      return true;
    } catch {
      return false; // not allowed here
    }
  })();
  test.skip(!mounted, 'a small disk can be mounted by root only');
  try {
    const { page, client } = app;
    const repositoryId = await repositoryOn(client, join(disk, 'copies'));
    const source = world.writeLarge('Photos', 32);
    const { job_id: id } = await client.start_backup({ paths: [source], repository_id: repositoryId });
    const failed = await jobInPhase(client, id, 'FAILED');
    expect(failed.error?.code).toBe('STORAGE_FULL');
    await look(page, id);
    await threeParts(page, 'STORAGE_FULL');
    execFileSync('mount', ['-o', 'remount,size=128m', disk]);
    await page.getByRole('complementary').getByRole('button', { name: 'Try again' }).click();
    await jobInPhase(client, id, 'COMPLETED');
    await restoredEqually(client, world, repositoryId, source);
  } finally {
    // The agent may still hold a file of it.
    execFileSync('umount', ['-l', disk]);
  }
});

test('a job goes on after the application was ended in the middle and opened again', async ({ app, open, world }) => {
  const id = await runningBackup(app.client, world, undefined);
  await app.close();
  const again = await open();
  await limitUpload(again.client, 0);
  await jobInPhase(again.client, id, 'COMPLETED');
  await look(again.page, id);
  await expect(again.page.getByRole('complementary').getByText('Completed')).toBeVisible();
  await restoredEqually(again.client, world, 'default', world.path('Photos'));
});

test('kill -9 of the application in the middle leaves no worker and loses no job', async ({ app, open, world }) => {
  test.skip(process.platform !== 'linux', 'processes are found in /proc');
  const id = await runningBackup(app.client, world, undefined);
  const pid = agentProcess(world);
  const workers = childrenOf(pid, 'worker');
  process.kill(pid, 'SIGKILL');
  await eventually(() => [pid, ...workers].every((one) => !isAlive(one)));
  const again = await open();
  await limitUpload(again.client, 0);
  await jobInPhase(again.client, id, 'COMPLETED');
  await restoredEqually(again.client, world, 'default', world.path('Photos'));
});
