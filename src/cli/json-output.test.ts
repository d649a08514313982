/** JSON output: the names that wrappers of restic already parse (interfaces, section 1). */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliWorld, jsonLines, password } from './testing/cli-process.ts';
import { makeTestRepository } from './testing/test-repository.ts';

const world = new CliWorld();
const env = { CYBERBACKUP_PASSWORD: password, CYBERBACKUP_REPOSITORY: world.path('repository') };
const source = world.makeFolder('source');
const run = (...args: string[]): ReturnType<CliWorld['run']> => world.run(args, { env });
let summary: Record<string, unknown> = {};

beforeAll(async () => {
  mkdirSync(join(source, 'sub'));
  writeFileSync(join(source, 'sub', 'a.txt'), 'a'.repeat(1000), { mode: 0o640 });
  writeFileSync(join(source, 'empty'), '');
  symlinkSync('sub/a.txt', join(source, 'link'));
  await makeTestRepository(env.CYBERBACKUP_REPOSITORY);
});

afterAll(() => world.dispose());

describe('backup --json', () => {
  it('writes status lines and a summary with the fields of the interface', async () => {
    const outcome = await run('backup', '--json', '--tag', 'x,y', '--host', 'laptop', source);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    const messages = jsonLines(outcome.stdout);
    const status = messages.find(({ message_type: type }) => type === 'status');
    for (const name of ['percent_done', 'total_files', 'files_done', 'total_bytes', 'bytes_done', 'error_count', 'seconds_elapsed']) expect(status?.[name]).toEqual(expect.any(Number));
    expect(status?.['current_files']).toEqual(expect.any(Array));
    expect(['scan', 'read', 'chunk', 'compress', 'encrypt', 'upload']).toContain(status?.['bottleneck']);
    summary = messages.at(-1) ?? {};
    expect(summary).toEqual({
      message_type: 'summary',
      files_new: 2,
      files_changed: 0,
      files_unmodified: 0,
      dirs_new: expect.any(Number),
      dirs_changed: 0,
      dirs_unmodified: 0,
      data_blobs: 1,
      tree_blobs: expect.any(Number),
      data_added: expect.any(Number),
      data_added_packed: expect.any(Number),
      total_files_processed: 2,
      total_bytes_processed: 1000,
      total_duration: expect.any(Number),
      snapshot_id: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('of a dry run says so and makes no snapshot', async () => {
    const messages = jsonLines((await run('backup', '--json', '--dry-run', '--force', source)).stdout);
    expect(messages.at(-1)).toMatchObject({ message_type: 'summary', dry_run: true });
    expect(messages.at(-1)).not.toHaveProperty('snapshot_id');
  });
});

describe('snapshots --json', () => {
  it('is one array of snapshots as stored, with id and short_id', async () => {
    const id = String(summary['snapshot_id']);
    const listed = JSON.parse((await run('snapshots', '--json')).stdout) as Record<string, unknown>[];
    expect(listed).toHaveLength(1);
    expect(listed[0]).toMatchObject({ id, short_id: id.slice(0, 8), hostname: 'laptop', tags: ['x', 'y'], paths: [source], tree: expect.stringMatching(/^[0-9a-f]{64}$/), time: expect.any(String) });
    expect(listed[0]?.['program_version']).toMatch(/^cyberbackup \d/);
    expect(listed[0]?.['summary']).toMatchObject({ files_new: 2, total_bytes_processed: 1000 });
  });

  it('filters, and keeps the newest of each host and set of paths', async () => {
    for (const host of ['laptop', 'desktop', 'desktop']) expect((await run('backup', '--quiet', '--host', host, source)).code).toBe(0);
    const count = async (...args: string[]): Promise<number> => (JSON.parse((await run('snapshots', '--json', ...args)).stdout) as unknown[]).length;
    expect(await count()).toBe(4);
    expect(await count('--latest', '1')).toBe(2);
    expect(await count('--host', 'desktop')).toBe(2);
    expect(await count('--tag', 'x')).toBe(1);
    expect(await count('--tag', 'x,z')).toBe(0);
    expect(await count('--path', source)).toBe(4);
    expect(await count('--path', '/elsewhere')).toBe(0);
  });
});

describe('ls --json', () => {
  it('is a snapshot line, then a node a line', async () => {
    const [snapshot, ...nodes] = jsonLines((await run('ls', '--json', `${String(summary['snapshot_id']).slice(0, 10)}:${source}`)).stdout);
    expect(snapshot).toMatchObject({ message_type: 'snapshot', struct_type: 'snapshot', id: summary['snapshot_id'], hostname: 'laptop' });
    const byName = new Map(nodes.map((node) => [node['name'], node]));
    expect(byName.get('a.txt')).toMatchObject({ message_type: 'node', struct_type: 'node', type: 'file', path: '/sub/a.txt', size: 1000, mode: 0o640, permissions: '-rw-r-----' });
    expect(byName.get('link')).toMatchObject({ type: 'symlink', linktarget: 'sub/a.txt' });
    expect(byName.get('sub')).toMatchObject({ type: 'dir', permissions: expect.stringMatching(/^drwx/) });
    expect(byName.get('a.txt')?.['mtime']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });
});

describe('other commands with --json', () => {
  it('restore ends with a summary', async () => {
    const outcome = await run('restore', `latest:${source}`, '--json', '--target', world.path('out'));
    expect(jsonLines(outcome.stdout).at(-1)).toMatchObject({ message_type: 'summary', files_restored: 2, others_restored: 1, total_files: 2, bytes_restored: 1000, error_count: 0 });
  });

  it('check and stats', async () => {
    expect(jsonLines((await run('check', '--json', '--read-data')).stdout).at(-1)).toMatchObject({ message_type: 'summary', num_errors: 0, broken_packs: null, snapshots: 4 });
    expect(jsonLines((await run('stats', '--json', '--overview')).stdout)[0]).toMatchObject({ snapshots_count: 4, total_file_count: 8 });
  });

  it('init and version', async () => {
    const [made] = jsonLines((await run('init', '-r', world.path('other'), '--json', '--repository-version', '1')).stdout);
    expect(made).toMatchObject({ message_type: 'initialized', id: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(jsonLines((await run('version', '--json')).stdout)[0]).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+\.\d+/), node: process.versions.node, repository_versions: [1, 2] });
  });

  it('with --quiet nothing is written but what was asked for', async () => {
    expect(await run('backup', '--quiet', source)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await run('backup', '--quiet', '--json', source)).stdout).toMatch(/^\{"message_type":"summary"[^\n]*\n$/);
  });
});
