/** A backup that could not save everything: each item with its reason, and ways on. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '../fixtures.ts';
import { jobInPhase } from '../support/world.ts';

test('names what was skipped and why, in three parts, and leaves it out of the plan from then on', async ({ app, world }) => {
  test.skip(process.platform === 'win32', 'rights are others there');
  const { page, client } = app;
  const folder = world.write('Documents', { 'letter.txt': 'Dear reader', 'vpn-private.key': 'secret' });
  const file = join(folder, 'vpn-private.key');
  const undo = makeUnreadable(file);
  test.skip(undo === undefined, 'nothing can be made unreadable here');
  try {
    await client.set_up_default_repository({});
    const { plan_id: plan } = await client.add_plan({ name: 'Documents', repository_id: 'default', paths: [folder] });
    const { job_id: id } = await client.run_plan({ plan_id: plan });
    await jobInPhase(client, id, 'PARTIAL');
    const notice = page.getByRole('region', { name: 'Notices' }).getByRole('listitem').filter({ hasText: 'could not be read' });
    await notice.getByRole('button', { name: 'Show' }).click();
    await expect(page.getByRole('heading', { name: 'Copied, except for 1 file' })).toBeVisible();
    for (const part of ['What happened', 'What is safe', 'What to do']) await expect(page.getByRole('term').filter({ hasText: part })).toBeVisible();
    const row = page.getByRole('row').filter({ hasText: 'vpn-private.key' });
    await expect(row).toContainText('No permission to read it');
    await row.getByRole('button', { name: 'Leave out' }).click();
    await expect(page.getByText('Documents leaves vpn-private.key out from now on')).toBeVisible();
    await jobInPhase(client, (await client.run_plan({ plan_id: plan })).job_id, 'COMPLETED');
    expect((await client.list_skipped({ job_id: id })).items.map(({ path }) => path)).toEqual([file]);
  } finally {
    undo?.();
  }
});

/** For root as well, who may read every file but one of the system that nobody reads. Returns what undoes it. */
function makeUnreadable(file: string): (() => void) | undefined {
  const run = (command: string, ...args: readonly string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
  if (process.getuid?.() !== 0) return run('chmod', '000', file) ? () => void run('chmod', '600', file) : undefined;
  return run('mount', '--bind', '/proc/sys/vm/compact_memory', file) ? () => void run('umount', '-l', file) : undefined;
}
