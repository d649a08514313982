/** How the program ends: exit codes of interfaces, section 1, each with one clear line. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acquireLock } from '../core/repository/lock.ts';
import { CliWorld, jsonLines, password, type Outcome } from './testing/cli-process.ts';
import { insideRepository, makeTestRepository } from './testing/test-repository.ts';

const world = new CliWorld();
const env = { CYBERBACKUP_PASSWORD: password };
const repository = world.path('repository');
const source = world.makeFolder('source');

/** One line of sentences, and no stack. */
function expectOneLine(stderr: string): void {
  expect(stderr).toMatch(/^cyberbackup: [^\n]+[.?]\n$/);
  expect(stderr).not.toMatch(/ at .*\.ts:\d+|undefined|\[object/);
}

/** Tries for seconds before it gives up, beside the other tests. */
let unreachable: Promise<Outcome>;

const initialise = (name: string): Promise<string> => makeTestRepository(world.path(name));

beforeAll(async () => {
  writeFileSync(join(source, 'notes.txt'), 'notes');
  writeFileSync(join(source, 'large.bin'), Buffer.alloc(3_000_000, 'not all the same '));
  unreachable = world.run(['snapshots', '-r', 'rest:http://user:secret@127.0.0.1:1/x/'], { env });
  await initialise('repository');
  expect((await world.run(['backup', '-r', repository, source], { env })).code).toBe(0);
});

afterAll(async () => {
  await unreachable;
  world.dispose();
});

describe('exit code 1', () => {
  it.each([
    [['bakcup'], 'There is no command "bakcup". Did you mean "cyberbackup backup"?'],
    [['backup', '--no-such-option', 'x'], "Unknown option '--no-such-option'"],
    [['backup'], 'There is nothing to back up'],
    [['restore', 'latest'], "Required option '-t, --target <dir>' not specified"],
    [['restore', 'latest', '--target', 'x', '--overwrite', 'maybe'], 'Allowed choices are always, if-changed, if-newer, never'],
    [['backup', 'x', '--exclude-larger-than', 'huge'], 'A size such as'],
    [['backup', 'x', '--limit-upload', 'fast'], 'A number of KiB a second'],
    [['ls', 'not-an-id'], 'is no snapshot'],
    [['ls', 'ffffffff'], 'ffffffff'],
    [['init', '--from-repo', 'x'], '--copy-chunker-params'],
    [['check', '--read-data', '--read-data-subset', '5%'], 'exclude each other'],
    [['help', 'photograph'], 'There is no command "photograph"'],
  ])('%j', async (args, text) => {
    const outcome = await world.run(args, { env: { ...env, CYBERBACKUP_REPOSITORY: repository } });
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(text);
    expectOneLine(outcome.stderr);
    expect(outcome.stdout).toBe('');
  });

  it('for a repository of a newer version', async () => {
    const path = await initialise('newer');
    await insideRepository(path, async ({ keys }) => {
      chmodSync(join(path, 'config'), 0o600);
      writeFileSync(join(path, 'config'), keys.seal(Buffer.from(JSON.stringify({ version: 3, id: 'a'.repeat(64), chunker_polynomial: '3da3358b4dc173' }))));
      return Promise.resolve();
    });
    const outcome = await world.run(['snapshots', '-r', path], { env });
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('version 3');
    expectOneLine(outcome.stderr);
  });

  it('for a repository that exists already, which stays as it is', async () => {
    const before = readFileSync(join(repository, 'config'));
    const outcome = await world.run(['init', '-r', repository], { env });
    expect(outcome.code).toBe(1);
    expectOneLine(outcome.stderr);
    expect(readFileSync(join(repository, 'config'))).toEqual(before);
  });

  it('shows a stack only with --verbose', async () => {
    const outcome = await world.run(['ls', 'ffffffff', '--verbose'], { env: { ...env, CYBERBACKUP_REPOSITORY: repository } });
    expect(outcome.stderr).toMatch(/SNAPSHOT_NOT_FOUND[^]*\.js:\d+/);
  });
});

describe('exit code 3', () => {
  it('when a file cannot be read: it is named, and the snapshot holds the rest', async () => {
    // Reading one's own memory at address 0 fails for every user, also for root.
    const unreadable = process.platform === 'linux' ? '/proc/self/mem' : world.path('locked');
    if (process.platform !== 'linux') writeFileSync(unreadable, 'x', { mode: 0 });
    const plain = await world.run(['backup', '-r', repository, join(source, 'notes.txt'), unreadable], { env });
    expect(plain.code).toBe(3);
    expect(plain.stderr).toMatch(new RegExp(`not saved ${unreadable}: .+\ncyberbackup: 1 item could not be read.*\n$`));
    const json = await world.run(['backup', '-r', repository, join(source, 'notes.txt'), unreadable, '--json'], { env });
    expect(json.code).toBe(3);
    const messages = jsonLines(json.stdout);
    expect(messages.find(({ message_type: type }) => type === 'error')).toMatchObject({ item: unreadable, during: 'archival', error: { message: expect.any(String) } });
    const id = messages.at(-1)?.['snapshot_id'];
    expect((await world.run(['ls', '-r', repository, '--recursive', String(id)], { env })).stdout).toContain('notes.txt');
  });
});

describe('exit code 10', () => {
  it.each(['snapshots', 'check', 'stats', 'unlock', 'backup'])('%s without a repository', async (command) => {
    const outcome = await world.run([command, '-r', world.path('nowhere'), ...(command === 'backup' ? [source] : [])], { env });
    expect(outcome.code).toBe(10);
    expectOneLine(outcome.stderr);
  });

  it('before anybody is asked for a password', async () => {
    expect((await world.run(['snapshots', '-r', world.path('nowhere')])).code).toBe(10);
  });

  it('when nothing was ever backed up into the default repository', async () => {
    const outcome = await world.run(['snapshots']);
    expect(outcome.code).toBe(10);
    expect(outcome.stderr).toContain('There is no backup on this computer yet');
  });
});

describe('exit code 11', () => {
  it('while another process holds an exclusive lock, until it is gone', async () => {
    await insideRepository(repository, async (opened) => {
      const lock = await acquireLock(opened, { exclusive: true });
      await lock.confirmed;
      try {
        for (const args of [['backup', source], ['check'], ['restore', 'latest', '--target', world.path('never')]]) {
          const outcome = await world.run([...args, '-r', repository], { env });
          expect(outcome.code).toBe(11);
          expect(outcome.stderr).toContain('locked');
          expectOneLine(outcome.stderr);
        }
        // Its owner lives, so only a person may decide to remove it.
        expect((await world.run(['unlock', '-r', repository], { env })).stdout).toContain('No lock to remove');
      } finally {
        await lock.release();
      }
    });
    expect((await world.run(['backup', source, '-r', repository], { env })).code).toBe(0);
    expect(readdirSync(join(repository, 'locks'))).toEqual([]);
  });
});

describe('exit code 12', () => {
  it('for a wrong password, which is not shown', async () => {
    const outcome = await world.run(['snapshots', '-r', repository], { env: { CYBERBACKUP_PASSWORD: 'tr0ub4dor' } });
    expect(outcome.code).toBe(12);
    expectOneLine(outcome.stderr);
    expect(outcome.stderr).not.toContain('tr0ub4dor');
  });
});

describe('exit code 130', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('after %s: no lock, no snapshot, a valid repository', async (signal) => {
    const path = await initialise(`interrupted-${signal}`);
    mkdirSync(world.path('big'), { recursive: true });
    writeFileSync(world.path('big', 'file'), Buffer.from(Array.from({ length: 400_000 }, (_, index) => `${index * 7919} `).join('')));
    let sent = false;
    const outcome = await world.run(['backup', '-r', path, world.path('big'), '--json', '--limit-upload', '50', '--compression', 'off'], {
      env,
      onOutput: (child) => {
        if (!sent) child.kill(signal);
        sent = true;
      },
    });
    expect(outcome.code).toBe(130);
    expect(outcome.stderr).toBe('cyberbackup: Interrupted. Nothing half-written is visible; run the same command to continue.\n');
    expect(readdirSync(join(path, 'locks'))).toEqual([]);
    expect(readdirSync(join(path, 'snapshots'))).toEqual([]);
    expect((await world.run(['check', '-r', path, '--read-data'], { env })).code).toBe(0);
    expect((await world.run(['backup', '-r', path, world.path('big')], { env })).code).toBe(0);
  });
});

describe('exit code 1, after a while', () => {
  it('for a server that is not there', async () => {
    const outcome = await unreachable;
    expect(outcome.code).toBe(1);
    const lines = outcome.stderr.trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(/^cyberbackup: .*127\.0\.0\.1:1.* cannot be reached/);
    expect(outcome.stderr).not.toContain('secret');
  });
});
