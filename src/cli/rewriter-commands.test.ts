/** `rewrite`, `repair snapshots`, `recover`, `copy` and passwords that are empty, as a person runs them. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noise } from '../../test/support/noise.ts';
import { CliWorld, jsonLines, type Outcome } from './testing/cli-process.ts';

const world = new CliWorld();
const source = world.makeFolder('source');
const place = world.path('repository');
const env = { CYBERBACKUP_REPOSITORY: place, CYBERBACKUP_PASSWORD: 'secret', CYBERBACKUP_FROM_PASSWORD: 'secret' };

function cli(...args: string[]): Promise<Outcome> {
  return world.run(args, { env });
}

async function json(...args: string[]): Promise<Record<string, unknown>[]> {
  const outcome = await cli(...args, '--json');
  expect([outcome.code, outcome.stderr]).toEqual([0, '']);
  // How often progress is told depends on the machine.
  return (jsonLines(outcome.stdout).flat() as Record<string, unknown>[]).filter((line) => line['message_type'] !== 'status');
}

beforeAll(async () => {
  writeFileSync(join(source, 'letter.txt'), 'Dear Anna');
  writeFileSync(join(source, 'secret.txt'), noise(5000, 1));
  await cli('init');
  await cli('backup', source, '--tag', 'pinned');
});
afterAll(() => world.dispose());

describe('rewrite', () => {
  it('says what it would do, then does it; the tags stay', async () => {
    const dry = await cli('rewrite', '--exclude', 'secret.txt', '--forget', '--dry-run');
    expect(dry.code).toBe(0);
    expect(dry.stdout).toMatch(/^Snapshot [0-9a-f]{8} of .*\n {2}would be saved anew, the old one would be removed\n1 snapshot of 1 would be rewritten\.\n$/);
    const [before] = await json('snapshots');
    const [told, summary] = await json('rewrite', '--exclude', 'secret.txt', '--forget');
    expect(told).toMatchObject({ message_type: 'snapshot', snapshot_id: before?.['id'], outcome: 'replaced', removed: true });
    expect(summary).toEqual({ message_type: 'summary', snapshots: 1, snapshots_modified: 1 });
    const after = await json('snapshots');
    expect(after).toMatchObject([{ id: told?.['new_snapshot_id'], original: before?.['id'], tags: ['pinned'], time: before?.['time'], summary: { total_files_processed: 1 } }]);
  });

  it('refuses what says nothing or too much', async () => {
    const outcomes = await Promise.all([cli('rewrite'), cli('rewrite', '--include', 'a', '--exclude', 'b'), cli('rewrite', '--new-time', 'yesterday')]);
    expect(outcomes.map(({ code }) => code)).toEqual([1, 1, 1]);
    expect(outcomes[0]?.stderr).toContain('Nothing is to be rewritten. Nothing was changed. Name what to exclude or include');
    expect(outcomes[1]?.stderr).toContain('exclude each other');
    expect(outcomes[2]?.stderr).toContain('A time such as');
  });
});

describe('copy and an empty password', () => {
  it('copies once, into a repository without a password', async () => {
    const target = world.path('target');
    const none = ['-r', target, '--insecure-no-password'];
    const bare = { CYBERBACKUP_FROM_REPOSITORY: place, CYBERBACKUP_FROM_PASSWORD: 'secret' };
    expect((await world.run(['init', ...none], { env: bare })).code).toBe(0);
    const first = await world.run(['copy', ...none], { env: bare });
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/: copied to [0-9a-f]{8}\n1 snapshot copied · added /);
    const again = await world.run(['copy', ...none, '--json'], { env: bare });
    expect(jsonLines(again.stdout).at(-1)).toMatchObject({ message_type: 'summary', snapshots_copied: 0, snapshots_present: 1, blobs: 0 });
    const both = await world.run(['snapshots', ...none], { env: { CYBERBACKUP_PASSWORD: 'secret' } });
    expect([both.code, both.stderr]).toEqual([1, expect.stringContaining('A password is given, and also that there is none')]);
    expect((await cli('copy', '--from-password-file', '/nowhere')).stderr).toContain('No repository is named to copy from');
  });
});

describe('recover and repair snapshots', () => {
  it('recovers what the rewritten snapshot left behind, and names what is lost', async () => {
    const [recovered] = await json('recover');
    expect(recovered).toMatchObject({ message_type: 'summary', packs_listed: 0, damaged: 0, snapshot_id: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await json('snapshots', '--tag', 'recovered')).toMatchObject([{ id: recovered?.['snapshot_id'], paths: ['/recover'] }]);
    // Without any index nothing can be found.
    for (const index of readdirSync(join(place, 'index'))) rmSync(join(place, 'index', index));
    const outcome = await cli('repair', 'snapshots', '--dry-run', 'latest');
    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toMatch(/ {2}its first folder is lost \(Tree blob [0-9a-f]{64} is missing: no index lists it\)\n {2}would be removed: nothing of it is left\n1 snapshot of 1 would be repaired\.\n$/);
  });
});
