/** Every way to give a password. */
import { readdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliWorld, password, type CliOptions } from './testing/cli-process.ts';
import { makeTestRepository } from './testing/test-repository.ts';

const world = new CliWorld();
const repository = world.path('repository');
const file = world.path('a password file');

function snapshots(env: CliOptions['env'], ...options: string[]): ReturnType<CliWorld['run']> {
  return world.run(['snapshots', '--json', ...options], { env: { CYBERBACKUP_REPOSITORY: repository, ...env } });
}

beforeAll(async () => {
  writeFileSync(file, `${password} \r\n`, { mode: 0o600 });
  await makeTestRepository(repository);
});

afterAll(() => world.dispose());

describe('a password', () => {
  it.each([
    ['as a value', { CYBERBACKUP_PASSWORD: password }],
    ['as a value under the name that restic uses', { RESTIC_PASSWORD: password, CYBERBACKUP_PASSWORD: '' }],
    ['in a file', { CYBERBACKUP_PASSWORD_FILE: file }],
    ['in a file under the name that restic uses', { RESTIC_PASSWORD_FILE: file }],
    ['from a command, without a shell', { CYBERBACKUP_PASSWORD_COMMAND: `cat "${file}"` }],
    ['from ours before that of restic', { CYBERBACKUP_PASSWORD: password, RESTIC_PASSWORD_COMMAND: 'echo wrong' }],
  ])('is taken %s', async (_how, env) => {
    expect(await snapshots(env)).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' });
  });

  it('is taken from --password-file before anything else', async () => {
    expect((await snapshots({ CYBERBACKUP_PASSWORD: 'wrong' }, '--password-file', file)).code).toBe(0);
    expect((await snapshots({ CYBERBACKUP_PASSWORD: 'wrong' })).code).toBe(12);
  });

  it('may hold bytes that are no text', async () => {
    const odd = world.path('odd');
    writeFileSync(odd, Buffer.from([0xff, 0x00, 0xfe, 0x0a]));
    const place = world.path('odd-repository');
    expect((await world.run(['init', '-r', place, '-p', odd])).code).toBe(0);
    expect((await world.run(['snapshots', '-r', place, '-p', odd])).code).toBe(0);
  });

  it.each([
    ['nothing and nobody to ask', {}, 'no terminal to ask on'],
    ['a file that is not there', { CYBERBACKUP_PASSWORD_FILE: '/no/such/file' }, 'does not exist'],
    ['a command that is not there', { CYBERBACKUP_PASSWORD_COMMAND: 'no-such-program' }, 'cannot be started (ENOENT)'],
    ['a command that fails', { CYBERBACKUP_PASSWORD_COMMAND: 'false' }, 'ended with exit code 1'],
    ['a command with an open quote', { CYBERBACKUP_PASSWORD_COMMAND: 'echo "x' }, 'a quote that is not closed'],
  ])('is missing with %s', async (_what, env, text) => {
    // A session of its own has no terminal, so nobody can be asked.
    const outcome = await snapshots(env);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(text);
    expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('must not be empty for a new repository', async () => {
    const empty = world.path('empty');
    writeFileSync(empty, '\n');
    const outcome = await world.run(['init', '-r', world.path('never'), '-p', empty]);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('The password is empty');
    expect(() => readdirSync(world.path('never', 'keys'))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });
});

describe('key', () => {
  const env = { CYBERBACKUP_REPOSITORY: repository, CYBERBACKUP_PASSWORD_FILE: file };

  it('adds, lists, changes and removes passwords', async () => {
    const added = await world.run(['key', 'add', '--user', 'anna', '--host', 'laptop', '--json'], { env: { ...env, CYBERBACKUP_NEW_PASSWORD: 'second' } });
    expect(added.code).toBe(0);
    const { id } = JSON.parse(added.stdout) as { id: string };
    const listed = JSON.parse((await world.run(['key', 'list', '--json'], { env })).stdout) as unknown[];
    expect(listed).toHaveLength(2);
    expect(listed).toContainEqual({ current: false, id, userName: 'anna', hostName: 'laptop', created: expect.any(String) });

    const second = { ...env, CYBERBACKUP_PASSWORD_FILE: undefined, CYBERBACKUP_PASSWORD: 'second' };
    expect((await world.run(['key', 'remove', id], { env: second })).stderr).toContain('the key of the password in use');
    expect((await world.run(['key', 'passwd'], { env: { ...second, CYBERBACKUP_NEW_PASSWORD: 'third' } })).code).toBe(0);
    expect((await snapshots({ CYBERBACKUP_PASSWORD: 'second' })).code).toBe(12);
    const keys = JSON.parse((await world.run(['key', 'list', '--json'], { env })).stdout) as { id: string; current: boolean }[];
    const other = keys.find(({ current }) => !current)?.id ?? '';
    expect((await world.run(['key', 'remove', other.slice(0, 12)], { env })).code).toBe(0);
    expect((await snapshots({ CYBERBACKUP_PASSWORD: 'third' })).code).toBe(12);
    expect((await snapshots({ CYBERBACKUP_PASSWORD_FILE: file })).code).toBe(0);
  });
});

describe.runIf(process.platform === 'linux')('on a terminal', () => {
  it('a password is asked for without showing it, twice for a new repository', async () => {
    const place = world.path('asked');
    const typed = 'not sho\u007fwn\r';
    const made = await world.onTerminal(['init', '-r', place], { answers: [{ to: 'New password for', type: typed }, { to: 'The same again:', type: typed }] });
    expect(made.stdout).toContain('Created');
    expect(made.stdout).not.toContain('shwn');
    expect(made.stdout).not.toContain('not sho');
    expect(made.code).toBe(0);
    expect((await world.run(['snapshots', '-r', place], { env: { CYBERBACKUP_PASSWORD: 'not shwn' } })).code).toBe(0);
  });

  it('both may be pasted at once, and two that differ change nothing', async () => {
    const outcome = await world.onTerminal(['init', '-r', world.path('differ')], { answers: [{ to: 'New password for', type: 'one\rtwo\r' }] });
    expect(outcome.stdout).toContain('The two passwords differ');
    expect(outcome.code).toBe(1);
  });

  it('Ctrl-C at the question ends with 130', async () => {
    const outcome = await world.onTerminal(['snapshots', '-r', repository], { answers: [{ to: 'Password of', type: '\u0003' }] });
    expect(outcome.code).toBe(130);
    expect(outcome.stdout).toContain('cyberbackup: Interrupted.');
  });
});
