/** `forget` and `tag` against the newest restic on histories of many snapshots. */
import { execFileSync } from 'node:child_process';
import { Command } from 'commander';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { addForgetOptions, readForgetFlags } from '../../src/cli/forget/flags.ts';
import { groupJson, type GroupJson } from '../../src/cli/forget/group-json.ts';
import { CliWorld, password } from '../../src/cli/testing/cli-process.ts';
import { insideRepository, makeTestRepository } from '../../src/cli/testing/test-repository.ts';
import { planForget } from '../../src/core/retention/forget.ts';
import { Guard } from '../../src/core/retention/guard/guard.ts';
import { loadAllSnapshots, type AllSnapshots } from '../../src/core/retention/load-snapshots.ts';
import { describePolicy } from '../../src/core/retention/policy.ts';
import { simulate } from '../../src/core/retention/simulate.ts';
import { hasNewestRestic, newestRestic } from '../support/restic.ts';
import { forgetArguments, saveAll, snapshotHistory } from './random-snapshots.ts';

const world = new CliWorld();
afterAll(() => world.dispose());

const thorough = process.env['CYBERBACKUP_THOROUGH'] !== undefined;
const histories = thorough ? 20 : 2;
const policies = thorough ? 40 : 5;
let count = 0;

async function repositoryWith(snapshots: Parameters<typeof saveAll>[1]): Promise<string> {
  count += 1;
  const url = await makeTestRepository(world.path(`history-${count}`));
  await insideRepository(url, (repository) => saveAll(repository, snapshots));
  return url;
}

function restic(url: string, args: readonly string[], zone = 'UTC'): string {
  return execFileSync(newestRestic(), ['-r', url, '--no-cache', '--no-lock', ...args], { env: { PATH: process.env['PATH'], HOME: world.folder, TZ: zone, RESTIC_PASSWORD: password }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What a comparison needs: names of what stays and goes with the reasons, group by group. */
function comparable(groups: readonly GroupJson[]): unknown {
  const ids = (list: GroupJson['keep']): string[] => (list ?? []).map(({ id }) => id);
  return groups
    .map(({ tags, host, paths, keep, remove, reasons }) => ({ tags, host, paths, keep: ids(keep), remove: ids(remove), reasons: (reasons ?? []).map(({ snapshot, matches }) => [snapshot.id, ...matches]) }))
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Our answer to the options, made in this process. */
function ours({ snapshots }: AllSnapshots, args: readonly string[], now: number): { readonly groups: GroupJson[]; readonly sentence: string } {
  const command = addForgetOptions(new Command().argument('[snapshot...]')).parse(args, { from: 'user' });
  const request = readForgetFlags(command);
  const guard = new Guard({ repository: 'f'.repeat(64), memory: undefined, present: snapshots, arrivals: new Map(), now });
  return { groups: planForget(snapshots, { ...request, allowRemoveAll: true }, guard, now).map((group) => groupJson(group, false)), sentence: describePolicy(request.policy) };
}

describe.skipIf(!hasNewestRestic)('forget and the newest restic', () => {
  it('keep and remove the same, for the same reasons, in the same groups', async () => {
    const [seedHistories, seedPolicies] = [20_261_127, 42];
    for (const history of fc.sample(snapshotHistory({ minLength: 60, maxLength: 110 }), { numRuns: histories, seed: seedHistories })) {
      const url = await repositoryWith(history);
      const all = await insideRepository(url, (repository) => loadAllSnapshots(repository));
      expect(all.snapshots.length).toBeGreaterThanOrEqual(50);
      for (const args of fc.sample(forgetArguments, { numRuns: policies, seed: seedPolicies + count })) {
        const theirs = JSON.parse(restic(url, ['forget', '--dry-run', '--json', '--unsafe-allow-remove-all', ...args])) as GroupJson[];
        const { groups } = ours(all, args, Date.now());
        expect(comparable(groups), args.join(' ')).toEqual(comparable(theirs));
      }
    }
  });

  it('print the same text and JSON, in the zone of the machine too', async () => {
    const [history = []] = fc.sample(snapshotHistory({ minLength: 50, maxLength: 60 }), { numRuns: 1, seed: 5 });
    // One group, since restic prints several in any order. Times of New York's winter and summer, a month across the change.
    const oneGroup = [...history.map((snapshot) => ({ ...snapshot, hostname: 'alpha', paths: ['/home', '/srv'] })), { ...history[0], time: '2026-04-01T00:30:00-04:00', tree: 'a'.repeat(64), paths: ['/home', '/srv'], hostname: 'alpha' }];
    const past = oneGroup.filter(({ time }) => time < '2026-04-02').concat({ time: '2026-03-01T00:15:00-05:00', tree: 'a'.repeat(64), paths: ['/home', '/srv'], hostname: 'alpha' }, { time: '2026-02-28T23:45:00-05:00', tree: 'a'.repeat(64), paths: ['/home', '/srv'], hostname: 'alpha' });
    const url = await repositoryWith(past);
    const zone = 'America/New_York';
    for (const args of [['--keep-within', '1m', '--keep-last', '2', '--keep-yearly', 'unlimited', '--keep-tag', 'x,y'], ['--keep-weekly', '4', '--keep-within-monthly', '5y', '--compact']]) {
      const env = { CYBERBACKUP_PASSWORD: password, TZ: zone };
      const text = await world.run(['-r', url, 'forget', '--dry-run', ...args], { env });
      expect(text.stdout, args.join(' ')).toBe(restic(url, ['forget', '--dry-run', ...args], zone));
      expect(text.code).toBe(0);
      const json = await world.run(['-r', url, 'forget', '--dry-run', '--json', ...args], { env });
      expect(comparable(JSON.parse(json.stdout) as GroupJson[])).toEqual(comparable(JSON.parse(restic(url, ['forget', '--dry-run', '--json', ...args], zone)) as GroupJson[]));
    }
  });

  it('take the same options and say the same of the policy', async () => {
    const url = await repositoryWith([{ time: '2024-01-01T00:00:00Z', tree: 'a'.repeat(64), paths: ['/home'], hostname: 'alpha' }]);
    const all = await insideRepository(url, (repository) => loadAllSnapshots(repository));
    for (const args of fc.sample(forgetArguments, { numRuns: policies, seed: 9 })) {
      const [first] = restic(url, ['forget', '--dry-run', '--unsafe-allow-remove-all', ...args]).split('\n');
      expect(first).toBe(`Applying Policy: ${ours(all, args, Date.now()).sentence}`);
    }
  });
});

describe.skipIf(!hasNewestRestic)('the simulator and the newest restic', () => {
  it('agree on what a rule will have kept after some days of backups and forgets', async () => {
    const day = 86_400_000;
    const start = Date.parse('2025-02-20T09:00:00Z');
    const snapshotAt = (time: number) => ({ time: new Date(time).toISOString().replace('.000', ''), tree: 'a'.repeat(64), paths: ['/home'], hostname: 'alpha' });
    const url = await repositoryWith(Array.from({ length: 50 }, (_, at) => snapshotAt(start - at * day * 0.5)));
    const now = start + 3_600_000;
    const args = ['--keep-last', '3', '--keep-daily', '5', '--keep-weekly', '2', '--keep-monthly', '2'];
    const days = thorough ? 40 : 7;
    const before = await insideRepository(url, (repository) => loadAllSnapshots(repository));
    const policy = readForgetFlags(addForgetOptions(new Command()).parse(args, { from: 'user' })).policy;
    const { kept } = simulate({ snapshots: before.snapshots, policy, now, days, alone: new Map() });
    for (let past = 0; past <= days; past++) {
      if (past > 0) await insideRepository(url, (repository) => saveAll(repository, [snapshotAt(start + (past - 0.5) * day), snapshotAt(start + past * day)]));
      execFileSync(newestRestic(), ['-r', url, '--no-cache', 'forget', '-q', ...args], { env: { PATH: process.env['PATH'], HOME: world.folder, TZ: 'UTC', RESTIC_PASSWORD: password } });
    }
    const after = await insideRepository(url, (repository) => loadAllSnapshots(repository));
    // What is kept comes newest first, what is stored oldest first.
    expect(kept.map(({ time }) => Date.parse(time))).toEqual(after.snapshots.map(({ snapshot }) => Date.parse(snapshot.time)).toReversed());
  });
});
