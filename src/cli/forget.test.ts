/** `forget`, `tag`, `pin` and `unpin` as a person runs them. */
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { listSnapshots, saveSnapshot, type Snapshot } from '../core/repository/snapshots.ts';
import { addForgetOptions, readForgetFlags, type ForgetRequest } from './forget/flags.ts';
import { CliWorld, jsonLines, password, type Outcome } from './testing/cli-process.ts';
import { insideRepository, makeTestRepository } from './testing/test-repository.ts';

const world = new CliWorld();
afterAll(() => world.dispose());

const day = 86_400_000;
const start = Date.parse('2026-01-01T08:00:00Z');
let count = 0;
let url = '';
let home = '';

function at(days: number, more: Partial<Snapshot> = {}): Snapshot {
  return { time: new Date(start + days * day).toISOString(), tree: 'a'.repeat(64), paths: ['/home'], hostname: 'laptop', ...more };
}

async function save(...snapshots: readonly Snapshot[]): Promise<string[]> {
  return await insideRepository(url, async (repository) => {
    const ids: string[] = [];
    for (const snapshot of snapshots) ids.push(await saveSnapshot(repository, snapshot));
    return ids;
  });
}

async function present(): Promise<string[]> {
  return await insideRepository(url, async (repository) => (await listSnapshots(repository)).map(({ id }) => id));
}

async function run(...args: readonly string[]): Promise<Outcome> {
  return await world.run(['-r', url, '--home', home, ...args], { env: { CYBERBACKUP_PASSWORD: password } });
}

beforeEach(async () => {
  count += 1;
  url = await makeTestRepository(world.path(`repository-${count}`));
  home = world.path(`home-${count}`);
});

describe('forget', () => {
  it('removes what the rules do not keep, once it is not a dry run', async () => {
    const ids = await save(at(0), at(1), at(2), at(3));
    const dry = await run('forget', '--keep-last', '2', '--dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toContain(`Would have removed the following snapshots:\n{${ids.slice(0, 2).map((id) => id.slice(0, 8)).sort().join(' ')}}`);
    expect(await present()).toEqual(ids);
    expect(readdirSync(world.path(`repository-${count}`, 'locks'))).toEqual([]);
    const real = await run('forget', '--keep-last', '2');
    expect(real).toMatchObject({ code: 0, stderr: '' });
    expect(real.stdout).toContain('100.00%  2 / 2 files deleted');
    expect(await present()).toEqual(ids.slice(2));
  });

  it('removes snapshots by id, and goes on without ids that name none', async () => {
    const ids = await save(at(0), at(1));
    const outcome = await run('forget', ids[0]?.slice(0, 12) ?? '', 'ffffffffffff');
    expect(outcome).toMatchObject({ code: 0, stderr: 'Ignoring "ffffffffffff": no matching ID found for prefix "ffffffffffff"\n' });
    expect(await present()).toEqual(ids.slice(1));
  });

  it.each<[string, string[], RegExp]>([
    ['no rule', [], /No policy was specified/],
    ['nothing kept of a group', ['--keep-tag', 'nobody'], /Refusing to delete the last snapshot of the snapshot group "host laptop, path \[\/home\]"/],
    ['everything at once', ['--unsafe-allow-remove-all'], /not allowed unless a snapshot filter option is specified/],
    ['a duration that is none', ['--keep-within', '5x'], /"5x" is no duration/],
    ['a confirmation of nothing', ['--keep-last', '1', '--confirm', '12345678'], /12345678 confirms nothing/],
  ])('refuses %s', async (_, args, message) => {
    const ids = await save(at(0), at(1));
    const outcome = await run('forget', ...args);
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(message);
    expect(await present()).toEqual(ids);
  });

  it.each<[string[], RegExp]>([
    [['--keep-last', '-2'], /"unlimited"/],
    [['--keep-daily', '1.5'], /"unlimited"/],
    [['--keep-within-daily', '3'], /"3" is no duration/],
    [['--keep-within', '-3d'], /"-3d" is no duration/],
    [['--group-by', 'user'], /unknown grouping option: "user"/],
    [['--simulate', '2027-02-30'], /A date as/],
    [['--simulate', '-1'], /A date as/],
  ])('refuses %j', (args, message) => {
    const command = addForgetOptions(new Command().exitOverride().configureOutput({ writeErr: () => undefined }));
    expect(() => command.parse(args, { from: 'user' })).toThrow(message);
  });

  it('understands what restic does', () => {
    const read = (...args: string[]): ForgetRequest => readForgetFlags(addForgetOptions(new Command().argument('[id...]')).parse(args, { from: 'user' }));
    expect(read('-l', '3', '-H', 'unlimited', '-d', '0', '--keep-yearly', '-1', '--keep-within', '2h1y', '--keep-within-weekly', '1m', '--keep-tag', 'a,b', '--keep-tag', '').policy).toEqual({
      counts: { last: 3, hourly: -1, yearly: -1 },
      within: { years: 1, months: 0, days: 0, hours: 2 },
      withinEach: { weekly: { years: 0, months: 1, days: 0, hours: 0 } },
      tags: [['a', 'b'], []],
    });
    expect(read('-g', '', 'latest', '--host', '', '--tag', 'x')).toMatchObject({ groupBy: { host: false, paths: false, tags: false }, choice: { ids: ['latest'], filter: { hostnames: [], tags: ['x'] } } });
    expect(read('--keep-last', '1').groupBy).toEqual({ host: true, paths: true, tags: false });
    expect(read('--simulate', '2027-02-28').simulate).toEqual({ until: new Date(2027, 2, 1).getTime() });
  });

  it('removes all of a host where that is asked for', async () => {
    const [first = ''] = await save(at(0, { hostname: 'other' }), at(1), at(2));
    expect(await run('forget', '--unsafe-allow-remove-all', '--host', 'laptop')).toMatchObject({ code: 0 });
    expect(await present()).toEqual([first]);
  });

  it('refuses damaged snapshots by name, and removes nothing', async () => {
    const ids = await save(at(0), at(1), at(2));
    const path = join(url, 'snapshots', ids[1] ?? '');
    chmodSync(path, 0o600);
    writeFileSync(path, 'no snapshot');
    for (const args of [['--keep-last', '1'], [ids[0] ?? '']]) {
      const outcome = await run('forget', ...args);
      expect(outcome).toMatchObject({ code: 1, stdout: '' });
      expect(outcome.stderr).toContain(`A snapshot is damaged: ${ids[1]}. No snapshot was removed`);
    }
    expect(readdirSync(join(url, 'snapshots'))).toHaveLength(3);
  });

  it('freezes a group with odd snapshots until a person confirms these very ones', async () => {
    const good = await save(...[0, 1, 2, 3, 4].map((days) => at(days)));
    const others = await save(at(0, { hostname: 'other' }), at(1, { hostname: 'other' }));
    const forged = await save({ ...at(0), time: '2199-01-01T00:00:00Z' }, { ...at(0), time: '2199-01-02T00:00:00Z' });
    const frozen = await run('forget', '--keep-last', '1', '--json');
    expect(frozen.code).toBe(1);
    expect(frozen.stderr).toContain('has a time in the future');
    expect(frozen.stderr).toMatch(/A group of snapshots has odd snapshots.*No snapshot of that group was removed.*--confirm [0-9a-f]{8}/);
    // The other group is served.
    expect((await present()).toSorted()).toEqual([...good, ...others.slice(1), ...forged].toSorted());
    const groups = JSON.parse(frozen.stdout) as { readonly host: string; readonly remove: unknown; readonly frozen?: { readonly confirmation: string; readonly oddities: unknown } }[];
    const confirmation = groups.find(({ host }) => host === 'laptop')?.frozen?.confirmation ?? '';
    expect(groups).toMatchObject([{ host: 'laptop', remove: null, frozen: { oddities: [{ code: 'time-in-future', snapshots: forged }] } }, { host: 'other', remove: [{ id: others[0] }] }]);
    // Another one comes: what was confirmed is not what is there.
    const [later = ''] = await save({ ...at(0), time: '2199-01-03T00:00:00Z' });
    const stale = await run('forget', '--keep-last', '1', '--confirm', confirmation);
    expect(stale).toMatchObject({ code: 1, stdout: '' });
    expect(stale.stderr).toContain(`${confirmation} confirms nothing that is odd now`);
    // It is not his: forgetting by id is no matter of rules. Then the confirmation holds.
    expect(await run('forget', later)).toMatchObject({ code: 0 });
    expect(await run('forget', '--keep-last', '3', '--confirm', confirmation, '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await present()).toSorted()).toEqual([...good.slice(4), ...others.slice(1), ...forged].toSorted());
    const [memory = ''] = readdirSync(join(home, 'retention'));
    const file = join(home, 'retention', memory);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ confirmed: [{ codes: ['time-in-future'], snapshots: forged }] });
    expect(await run('forget', '--keep-last', '2', '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' });
    // A damaged memory is never believed, nor replaced.
    writeFileSync(file, '{');
    const damaged = await run('forget', '--keep-last', '1');
    expect(damaged).toMatchObject({ code: 1, stdout: '' });
    expect(damaged.stderr).toMatch(/is damaged\. No snapshot was removed/);
    expect(readFileSync(file, 'utf8')).toBe('{');
  });

  it('prunes afterwards, and never while snapshots are odd', async () => {
    const source = world.makeFolder(`source-${count}`);
    for (const text of ['one', 'two']) {
      writeFileSync(join(source, 'file'), text);
      expect((await run('backup', source, '--quiet')).code).toBe(0);
    }
    const packs = (): number => readdirSync(join(url, 'data'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
    const before = packs();
    const [first, second] = await present();
    expect((await run('forget', first ?? '', '--quiet')).code).toBe(0);
    // Somebody makes one from the future of the same tree.
    const forged = await insideRepository(url, async (repository) => {
      const [stored] = await listSnapshots(repository);
      if (stored === undefined) throw new Error('the second is there');
      return await saveSnapshot(repository, { ...stored.snapshot, time: '2199-01-01T00:00:00Z' });
    });
    const frozen = await run('prune');
    expect(frozen).toMatchObject({ code: 1, stdout: '' });
    expect(frozen.stderr).toMatch(/has a time in the future\n.*Nothing was pruned.*--confirm [0-9a-f]{8}/);
    expect(packs()).toBe(before);
    const done = await run('forget', forged, '--prune', '--max-unused', '0', '--json');
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(jsonLines(done.stdout).at(-1)).toMatchObject({ message_type: 'summary', unused_after: 0 });
    expect(packs()).toBeLessThan(before);
    expect(await present()).toEqual([second]);
    expect((await run('check', '--read-data', '--quiet')).code).toBe(0);
  });

  it('simulates the future without changing anything', async () => {
    const ids = await save(...Array.from({ length: 10 }, (_, days) => at(days)));
    const text = await run('forget', '--keep-daily', '3', '--simulate', '10');
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toContain('with a backup every 1 d 0 h, the rules (keep 3 daily snapshots) will have kept 3 snapshots:');
    const [group, summary] = jsonLines((await run('forget', '--keep-daily', '3', '--simulate', '10', '--json')).stdout);
    expect(group).toMatchObject({ message_type: 'group', host: 'laptop', seconds_between_backups: 86_400, kept: [{ matches: ['daily snapshot'] }, {}, {}] });
    expect(summary).toMatchObject({ message_type: 'summary', bytes_stored: 0 });
    expect(await present()).toEqual(ids);
  });
});

describe('pins', () => {
  it('keep snapshots whatever the rules or ids say, until they are taken away', async () => {
    const ids = await save(at(0), at(1), at(2), at(3));
    const pinned = await run('pin', ids[0] ?? '', '--json');
    const newId = String(jsonLines(pinned.stdout)[0]?.['new_snapshot_id']);
    expect(jsonLines(pinned.stdout)).toEqual([{ message_type: 'changed', old_snapshot_id: ids[0], new_snapshot_id: newId, pinned: true }]);
    expect((await run('pin', newId)).stdout).toBe(`Snapshot ${newId.slice(0, 8)} is pinned already\n`);
    expect(await run('forget', '--keep-last', '1', '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await present()).toEqual([newId, ids[3]]);
    const byId = await run('forget', newId, ids[3] ?? '');
    expect(byId).toMatchObject({ code: 1, stdout: '' });
    expect(byId.stderr).toContain(`Snapshot ${newId.slice(0, 8)} is pinned. No snapshot was removed. If it may go, run \`cyberbackup unpin ${newId.slice(0, 8)}\` first`);
    expect(await present()).toEqual([newId, ids[3]]);
    expect((await run('unpin', newId.slice(0, 8))).code).toBe(0);
    expect(await run('forget', '--keep-last', '1', '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await present()).toEqual([ids[3]]);
    const missing = await run('pin', 'ffff');
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toContain('"ffff" names no snapshot');
  });
});

describe('tag', () => {
  it('adds, removes and sets tags in copies that name their original', async () => {
    const ids = await save(at(0, { tags: ['x'] }), at(1, { tags: ['x', 'pinned'] }));
    expect(await run('tag', '--add', 'y,z', '--remove', 'x', 'latest')).toMatchObject({ code: 0, stdout: 'modified 1 snapshots\n', stderr: '' });
    const read = async (): Promise<Snapshot[]> => await insideRepository(url, async (repository) => (await listSnapshots(repository)).map(({ snapshot }) => snapshot));
    expect(await read()).toMatchObject([{ tags: ['x'] }, { tags: ['pinned', 'y', 'z'], original: ids[1] }]);
    expect(await run('tag', '--add', 'x', '--tag', 'x')).toMatchObject({ code: 0, stdout: 'no snapshots were modified\n' });
    const set = await run('tag', '--set', 'a', '--json');
    expect(jsonLines(set.stdout)).toMatchObject([{ message_type: 'changed' }, { message_type: 'changed' }, { message_type: 'summary', changed_snapshots: 2 }]);
    expect(set.stderr).toMatch(/is not pinned any more/);
    expect(await read()).toMatchObject([{ tags: ['a'], original: ids[0] }, { tags: ['a'], original: ids[1] }]);
    for (const args of [[], ['--set', 'a', '--add', 'b']]) expect(await run('tag', ...args)).toMatchObject({ code: 1, stdout: '' });
  });
});
