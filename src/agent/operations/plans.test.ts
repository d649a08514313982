import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CheckedInput } from '../../shared/contract/operations.ts';
import { startTestAgent, type TestAgent } from '../testing/test-agent.ts';
import { repositoryId } from '../testing/fake-repositories.ts';

let agent: TestAgent;

beforeEach(async () => {
  agent = await startTestAgent();
});

afterEach(() => agent.stop());

const letters = { name: 'Letters', repository_id: repositoryId, paths: ['/home/ann'], tags: ['letters'], retention: { keep_daily: 7, enabled: true } };
const refused = (path: string): unknown => expect.objectContaining({ code: 'INVALID_INPUT', path });

describe('the mark of a pin', () => {
  it('is no tag of a plan', async () => {
    await expect(agent.client.add_plan({ ...letters, tags: ['letters', 'pinned'] })).rejects.toEqual(refused('tags.1'));
    const { plan_id } = await agent.client.add_plan(letters);
    await expect(agent.client.update_plan({ ...letters, plan_id, tags: ['pinned'] })).rejects.toEqual(refused('tags.0'));
  });

  it('is no tag of a backup', async () => {
    const backup: CheckedInput<'start_backup'> = { paths: [agent.folder], tags: ['pinned'] };
    await expect(agent.client.start_backup(backup)).rejects.toEqual(refused('tags.0'));
    await expect(agent.client.start_backup({ ...backup, tags: ['pin'] })).resolves.toMatchObject({ success: true });
  });
});

it('a plan that was removed does not come back beside one whose snapshots look the same', async () => {
  const { plan_id } = await agent.client.add_plan(letters);
  await agent.client.remove_plan({ plan_id });
  const other = await agent.client.add_plan({ ...letters, name: 'Mail', paths: ['/home/ann/'] });
  await expect(agent.client.restore_plan({ plan_id })).rejects.toEqual(refused('plan_id'));
  expect((await agent.client.list_plans({})).plans).toHaveLength(1);
  await agent.client.remove_plan({ plan_id: other.plan_id });
  expect(await agent.client.restore_plan({ plan_id })).toMatchObject({ plan_id, retention: letters.retention });
});
