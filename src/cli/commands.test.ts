/** What the commands do, seen from outside; the engine beneath has tests of its own. */
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandTable } from './command-table.ts';
import { CliWorld, jsonLines, password } from './testing/cli-process.ts';
import { insideRepository, makeTestRepository } from './testing/test-repository.ts';

const world = new CliWorld();
const repository = world.path('repository');
const env = { CYBERBACKUP_PASSWORD: password, CYBERBACKUP_REPOSITORY: repository };
const source = world.makeFolder('source');
const run = (...args: string[]): ReturnType<CliWorld['run']> => world.run(args, { env });

async function savedPaths(selector: string): Promise<string[]> {
  return (await run('ls', '--quiet', `${selector}:${source}`)).stdout
    .trimEnd()
    .split('\n')
    .map((path) => path.slice(1))
    .filter((path) => path !== '')
    .toSorted();
}

beforeAll(async () => {
  await makeTestRepository(repository);
  for (const folder of ['deep/er', 'cache', 'logs']) mkdirSync(join(source, folder), { recursive: true });
  writeFileSync(join(source, 'cache', 'CACHEDIR.TAG'), 'Signature: 8a477f597d28d172789f06886806bc55\n');
  for (const path of ['keep.txt', 'deep/er/Big.BIN', 'cache/x', 'logs/a.log', 'logs/b.tmp']) writeFileSync(join(source, path), path);
  writeFileSync(join(source, 'large'), Buffer.alloc(20_000));
});

afterAll(() => world.dispose());

describe('help', () => {
  it('lists every command', async () => {
    const outcome = await run('help');
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    for (const { name, summary } of commandTable) expect(outcome.stdout).toMatch(new RegExp(`${name} +${summary}`));
    expect((await run('--help')).stdout).toBe(outcome.stdout);
  });

  it.each(commandTable.map(({ name }) => name))('explains %s with examples', async (name) => {
    const outcome = await run('help', name);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toMatch(new RegExp(`^Usage: cyberbackup ${name}`));
    expect(outcome.stdout).toContain('Examples:');
    expect((await run(name, '--help')).stdout).toBe(outcome.stdout);
  });
});

describe('backup', () => {
  it('leaves out what its options say', async () => {
    writeFileSync(world.path('patterns'), '# logs\n*.log\n');
    const options = ['--exclude', '*.tmp', '--iexclude', '*.bin', '--exclude-file', world.path('patterns'), '--exclude-caches', '--exclude-larger-than', '10K'];
    expect((await run('backup', source, ...options)).code).toBe(0);
    expect(await savedPaths('latest')).toEqual(['cache', 'cache/CACHEDIR.TAG', 'deep', 'deep/er', 'keep.txt', 'logs']);
  });

  it('saves standard input under a name', async () => {
    const outcome = await world.run(['backup', '--stdin', '--stdin-filename', 'shop.sql', '--host', 'db', '--json'], { env, input: 'select 1;\n' });
    expect(outcome.code).toBe(0);
    const id = String(jsonLines(outcome.stdout).at(-1)?.['snapshot_id']);
    expect(await run('dump', id, '/shop.sql')).toEqual({ code: 0, stdout: 'select 1;\n', stderr: '' });
  });

  it('compares with the parent that is named', async () => {
    const base = String(jsonLines((await run('backup', source, '--json')).stdout).at(-1)?.['snapshot_id']);
    await run('backup', source, '--exclude', '*', '--quiet');
    const again = jsonLines((await run('backup', source, '--json', '--parent', base.slice(0, 10))).stdout).at(-1);
    expect(again).toMatchObject({ files_new: 0, files_changed: 0, data_added: expect.any(Number) });
    expect(jsonLines((await run('backup', source, '--json', '--force')).stdout).at(-1)).toMatchObject({ data_blobs: 0 });
  });
});

describe('restore', () => {
  it('obeys patterns and what happens to files that are there', async () => {
    const target = world.makeFolder('restored');
    writeFileSync(join(target, 'keep.txt'), 'mine');
    const from = `latest:${source}`;
    expect((await run('restore', from, '--target', target, '--overwrite', 'never', '--include', '*.txt', '--include', '*.log')).code).toBe(0);
    expect(readFileSync(join(target, 'keep.txt'), 'utf8')).toBe('mine');
    expect(readFileSync(join(target, 'logs', 'a.log'), 'utf8')).toBe('logs/a.log');
    expect(readdirSync(target)).not.toContain('cache');
    const dry = await run('restore', from, '--target', target, '--dry-run', '--delete');
    expect(dry.stdout).toContain('Would restore');
    expect(readFileSync(join(target, 'keep.txt'), 'utf8')).toBe('mine');
    writeFileSync(join(target, 'foreign'), 'x');
    expect((await run('restore', from, '--target', target, '--delete', '--verify')).code).toBe(0);
    expect(readdirSync(target)).not.toContain('foreign');
    expect(readFileSync(join(target, 'keep.txt'), 'utf8')).toBe('keep.txt');
  });

  it('counts files as the backup did; links are mentioned where nothing else is there', async () => {
    const folder = world.makeFolder('with links');
    const own = await makeTestRepository(world.path('own'));
    for (const name of ['one', 'two']) writeFileSync(join(folder, name), name);
    mkdirSync(join(folder, 'links'));
    symlinkSync('../one', join(folder, 'links', 'link'));
    expect((await run('backup', '-r', own, folder)).stdout).toContain('Saved 2 files, 6 B');
    const whole = await run('restore', '-r', own, `latest:${folder}`, '--target', world.path('whole'));
    expect(whole.stdout).toContain('Restored 2 files, 6 B');
    expect(whole.stdout).not.toContain('link or special');
    const links = await run('restore', '-r', own, `latest:${folder}/links`, '--target', world.path('links'));
    expect(links.stdout).toMatch(/Restored 0 files, .*\n {2}1 link or special file\n/);
  });
});

describe('init', () => {
  it('copies the chunker parameters of another repository', async () => {
    const copy = world.path('copy');
    const outcome = await world.run(['init', '-r', copy, '--copy-chunker-params', '--from-repo', repository], { env: { ...env, CYBERBACKUP_FROM_PASSWORD: password } });
    expect(outcome.code).toBe(0);
    const polynomials = [repository, copy].map((path) => insideRepository(path, (opened) => Promise.resolve(opened.config.polynomial)));
    const [first, second] = await Promise.all(polynomials);
    expect(second).toBe(first);
  });

  it('makes a repository of version 1 that holds backups', async () => {
    const old = world.path('version-1');
    expect((await run('init', '-r', old, '--repository-version', '1')).stdout).toContain('format version 1');
    expect((await run('backup', '-r', old, source)).code).toBe(0);
    expect((await run('check', '-r', old, '--read-data')).stdout).toContain('No errors');
  });
});

describe('ls and dump', () => {
  it('show what is asked for, and refuse what is not there', async () => {
    const [heading = '', ...paths] = (await run('ls', 'latest', `${source}/logs`)).stdout.trimEnd().split('\n');
    expect(heading).toMatch(/^snapshot [0-9a-f]{8} of \[.*\] at .* filtered by \[.*logs\]:$/);
    expect(paths).toEqual([`${source}/logs`, `${source}/logs/a.log`, `${source}/logs/b.tmp`]);
    const missing = await run('ls', 'latest:/no/such');
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/^cyberbackup: [^\n]*\/no\/such[^\n]*\n$/);
    expect(await run('ls', 'latest', 'logs')).toMatchObject({ code: 1, stderr: expect.stringContaining('slash') });
    const archive = world.path('logs.zip');
    expect(await run('dump', `latest:${source}`, '/logs', '--archive', 'zip', '--target', archive)).toMatchObject({ code: 0, stdout: '' });
    expect(readFileSync(archive).subarray(0, 4)).toEqual(Buffer.from('PK\u0003\u0004'));
    expect((await run('dump', 'latest', source, '--target', world.path('no', 'such', 'file'))).stderr).toMatch(/^cyberbackup: [^\n]*ENOENT[^\n]*\n$/);
    expect((await run('ls', 'latest', '--host', 'nobody')).code).toBe(1);
  });
});
