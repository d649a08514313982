/** The repository that is used when none is named. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatePassword } from '../agent/repositories/default-repository.ts';
import { CliWorld, jsonLines } from './testing/cli-process.ts';

const world = new CliWorld();
const source = world.makeFolder('source');
const sheet = join(world.home, 'recovery-sheet.txt');
const passwordFile = join(world.home, 'repository-password');

beforeAll(() => writeFileSync(join(source, 'letter.txt'), 'Dear Anna'));
afterAll(() => world.dispose());

describe('the default repository', () => {
  it('is made by the first backup, which says where the recovery sheet is', async () => {
    const outcome = await world.run(['backup', source]);
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain(sheet);
    expect(outcome.stdout).toMatch(/^Saved 1 file, 9 B in .* snapshot [0-9a-f]{8}\n/);
    const password = readFileSync(passwordFile, 'utf8').trim();
    expect(password).toMatch(/^[0-9a-z]{5}(-[0-9a-z]{5}){5}$/);
    const text = readFileSync(sheet, 'utf8');
    for (const needed of [password, join(world.home, 'server', 'default'), 'restic', 'restore latest']) expect(text).toContain(needed);
    if (process.platform !== 'win32') {
      for (const path of [sheet, passwordFile]) expect(statSync(path).mode & 0o777).toBe(0o600);
      for (const path of [world.home, join(world.home, 'server', 'default')]) expect(statSync(path).mode & 0o777).toBe(0o700);
    }
  });

  it('opens by itself from then on, whatever password the environment holds', async () => {
    const outcome = await world.run(['backup', source, '--json'], { env: { RESTIC_PASSWORD: 'of another repository' } });
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(jsonLines(outcome.stdout).at(-1)).toMatchObject({ message_type: 'summary', files_unmodified: 1 });
  });

  it('gives everything back', async () => {
    const target = world.path('restored');
    expect((await world.run(['restore', `latest:${source}`, '--target', target, '--verify'])).code).toBe(0);
    expect(readFileSync(join(target, 'letter.txt'), 'utf8')).toBe('Dear Anna');
  });

  it('keeps opening by itself after its password was changed', async () => {
    const changed = await world.run(['key', 'passwd'], { env: { CYBERBACKUP_NEW_PASSWORD: 'a new one' } });
    expect(changed.code).toBe(0);
    expect(readFileSync(passwordFile, 'utf8')).toBe('a new one\n');
    expect(readFileSync(sheet, 'utf8')).toContain('a new one');
    expect((await world.run(['snapshots'])).code).toBe(0);
  });

  it('goes on where a first run was killed between the password and the repository', async () => {
    const home = world.path('half');
    expect((await world.run(['backup', source, '--home', home])).code).toBe(0);
    const password = readFileSync(join(home, 'repository-password'), 'utf8');
    rmSync(join(home, 'server', 'default'), { recursive: true });
    expect((await world.run(['backup', source, '--home', home])).code).toBe(0);
    expect(readFileSync(join(home, 'repository-password'), 'utf8')).toBe(password);
  });

  it('is made once by two first runs at the same moment', async () => {
    const home = world.path('twins');
    const outcomes = await Promise.all([world.run(['backup', source, '--home', home]), world.run(['backup', source, '--home', home])]);
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    expect(jsonLines((await world.run(['snapshots', '--json', '--home', home])).stdout)[0]).toHaveLength(2);
  });

  it('is not made by commands that only look', async () => {
    const home = world.path('untouched');
    expect((await world.run(['snapshots', '--home', home, '--no-cache'])).code).toBe(10);
    expect(() => statSync(home)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });
});

describe('a generated password', () => {
  it('is another one each time, and holds nothing that is taken for something else', () => {
    const passwords = Array.from({ length: 200 }, generatePassword);
    expect(new Set(passwords).size).toBe(200);
    expect(passwords.join('')).not.toMatch(/[ilouA-Z]/);
  });
});
