/** What bad input gets: one clear line, the right exit code, and nothing stored is lost or hidden. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readServerOptions } from '../server/options.ts';
import { startServer } from '../server/server.ts';
import { CliWorld, password } from './testing/cli-process.ts';
import { makeTestRepository } from './testing/test-repository.ts';

const world = new CliWorld();
const env = { CYBERBACKUP_PASSWORD: password };
const source = world.makeFolder('source');
const run = (...args: string[]): ReturnType<CliWorld['run']> => world.run(args, { env });

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  chmodSync(path, 0o600);
  writeFileSync(path, bytes);
}

const sortedNames = (path: string): string[] => readdirSync(path, { encoding: 'buffer' }).map((name) => name.toString('latin1')).toSorted();

async function makeBackups(name: string): Promise<string> {
  const repository = await makeTestRepository(world.path(name));
  for (const text of ['first', 'second']) {
    writeFileSync(join(source, 'letter.txt'), text.repeat(100));
    expect((await run('backup', '-r', repository, source)).code).toBe(0);
  }
  return repository;
}

beforeAll(() => mkdirSync(join(source, 'sub')));
afterAll(() => world.dispose());

describe('damage', () => {
  it('of an index file: named, and what other files list can still be had', async () => {
    const repository = await makeBackups('bad-index');
    const [first = ''] = readdirSync(join(repository, 'index'));
    flipByte(join(repository, 'index', first));
    const check = await run('check', '-r', repository);
    expect(check.code).toBe(1);
    expect(check.stdout).toContain(first.slice(0, 8));
    expect(check.stderr).toMatch(/^cyberbackup: The repository has \d+ errors?, listed above\. .+\n$/);
    const again = await run('backup', '-r', repository, '--force', source);
    expect(again.code).toBe(0);
    expect((await run('restore', `latest:${source}`, '-r', repository, '--target', world.path('from-bad-index'))).code).toBe(0);
    expect(readFileSync(world.path('from-bad-index', 'letter.txt'), 'utf8')).toBe('second'.repeat(100));
  });

  it('of a snapshot: named, and the others are listed and restored', async () => {
    const repository = await makeBackups('bad-snapshot');
    const ids = (JSON.parse((await run('snapshots', '-r', repository, '--json')).stdout) as { id: string }[]).map(({ id }) => id);
    flipByte(join(repository, 'snapshots', ids[0] ?? ''));
    const listed = await run('snapshots', '-r', repository);
    expect(listed.code).toBe(1);
    expect(listed.stdout).toContain(ids[1]?.slice(0, 8));
    expect(listed.stderr).toContain(ids[0]?.slice(0, 8));
    // The damaged one might be the latest, so that word is refused; the id of a whole one is not.
    expect((await run('restore', `latest:${source}`, '-r', repository, '--target', world.path('from-bad-snapshot'))).code).toBe(1);
    expect((await run('restore', `${ids[1]}:${source}`, '-r', repository, '--target', world.path('from-bad-snapshot'))).code).toBe(0);
  });

  it('of a pack: what it concerns is named by check and by restore', async () => {
    const repository = await makeBackups('bad-pack');
    for (const folder of readdirSync(join(repository, 'data'))) for (const pack of readdirSync(join(repository, 'data', folder))) flipByte(join(repository, 'data', folder, pack));
    const check = await run('check', '-r', repository, '--read-data');
    expect(check.code).toBe(1);
    expect(check.stdout).toContain('Packs');
    const restored = await run('restore', 'latest', '-r', repository, '--target', world.path('from-bad-pack'));
    expect(restored.code).toBe(1);
    expect(restored.stderr.trimEnd().split('\n').at(-1)).toMatch(/^cyberbackup: /);
  });

  it('of the config', async () => {
    const repository = await makeBackups('bad-config');
    flipByte(join(repository, 'config'));
    const outcome = await run('snapshots', '-r', repository);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/^cyberbackup: [^\n]*damaged[^\n]*\n$/);
  });
});

describe('a server', () => {
  it('that is full: said, nothing stored is lost, and there is room for what fits', async () => {
    const data = world.makeFolder('full-server');
    const server = await startServer(readServerOptions({ listen: '127.0.0.1:0', data, auth: false, quota: '300K' }, { defaultDataFolder: data }));
    try {
      const url = `rest:${server.url}/full/`;
      await makeTestRepository(url);
      const small = await run('backup', '-r', url, source);
      expect(small.code).toBe(0);
      const large = world.path('large');
      writeFileSync(large, Buffer.from(Array.from({ length: 900_000 }, (_, index) => (index * 2_654_435_761) >>> 24)));
      const full = await run('backup', '-r', url, '--compression', 'off', large);
      expect(full.code).toBe(1);
      const last = full.stderr.trimEnd().split('\n').at(-1);
      expect(last).toMatch(/^cyberbackup: .*(no room|full|quota)/);
      expect((await run('check', '-r', url)).code).toBe(0);
      expect((JSON.parse((await run('snapshots', '-r', url, '--json')).stdout) as unknown[]).length).toBe(1);
    } finally {
      await server.close();
    }
  });

  it('that wants users: refused without one', async () => {
    const data = world.makeFolder('closed-server');
    writeFileSync(join(data, '.htpasswd'), 'anna:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n', { mode: 0o600 });
    const server = await startServer(readServerOptions({ listen: '127.0.0.1:0', data }, { defaultDataFolder: data }));
    try {
      const outcome = await run('snapshots', '-r', `rest:${server.url}/anna/`);
      expect(outcome.code).toBe(1);
      expect(outcome.stderr).toMatch(/^cyberbackup: .*refused[^\n]*\n$/);
      const named = `rest:${server.url.replace('//', '//anna:password@')}/anna/`;
      expect((await run('init', '-r', named)).stdout).not.toContain('password@');
      expect((await run('snapshots', '-r', named)).code).toBe(0);
    } finally {
      await server.close();
    }
  });

  it('whose port is taken, or that would be open to all', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    try {
      const address = taken.address();
      const port = typeof address === 'object' ? address?.port : 0;
      const outcome = await run('--server', '--no-auth', '--listen', `127.0.0.1:${port}`, '--data', world.makeFolder('taken'), '--quiet');
      expect(outcome.code).toBe(1);
      expect(outcome.stderr).toMatch(/^cyberbackup: [^\n]*in use[^\n]*\n$/);
    } finally {
      await new Promise((resolve) => taken.close(resolve));
    }
    const open = await run('server', '--no-auth', '--listen', '0.0.0.0:0', '--data', world.makeFolder('open'));
    expect(open.code).toBe(1);
    expect(open.stderr).toContain('--i-know-this-is-open');
  });
});

describe('names from hell', () => {
  const evil = 'evil\u001b[31m\u001b]0;owned\u0007\nnew\u202eline';
  const folder = world.makeFolder('hell');

  beforeAll(async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe, 0x20])]), 'not utf-8');
    writeFileSync(join(folder, evil), 'evil');
    writeFileSync(join(folder, 'x'.repeat(255)), 'long');
    await makeTestRepository(world.path('hell-repository'));
    expect((await run('backup', '-r', world.path('hell-repository'), folder)).code).toBe(0);
  });

  it.runIf(process.platform === 'linux')('are made visible on a terminal, and go through a pipe as they are', async () => {
    const args = ['ls', '-r', world.path('hell-repository'), `latest:${folder}`, '--long'];
    const shown = await world.onTerminal(args, { env });
    expect(shown.stdout).toContain(String.raw`evil\x1b[31m\x1b]0;owned\x07\nnew\u202eline`);
    expect(shown.stdout).toContain(String.raw`\xff\xfe `);
    expect(shown.stdout).not.toContain('\u001b]0;');
    expect(shown.stdout).not.toContain('\u202e');
    expect((await world.run(args, { env })).stdout).toContain(evil);
  });

  it('are restored and dumped as they were', async () => {
    const target = world.path('hell-out');
    expect((await run('restore', `latest:${folder}`, '-r', world.path('hell-repository'), '--target', target, '--verify')).code).toBe(0);
    expect(sortedNames(target)).toEqual(sortedNames(folder));
    expect((await run('dump', '-r', world.path('hell-repository'), 'latest', join(folder, evil))).stdout).toBe('evil');
  });

  it.runIf(process.platform === 'linux')('that are not UTF-8 can be given as arguments', () => {
    rmSync(world.path('hell-one'), { recursive: true, force: true });
    const script = `exec ${world.commandLine(['backup', '-r', world.path('hell-repository')]).map((word) => `'${word}'`).join(' ')} "$(printf '${folder}/\\377\\376 ')"`;
    const child = spawnSync('sh', ['-c', script], { env: world.environment(env), encoding: 'utf8' });
    expect(child.stderr).toBe('');
    expect(child.status).toBe(0);
    expect(child.stdout).toContain('Saved 1 file, 9 B');
  });
});

describe('a reader that goes away', () => {
  it.runIf(process.platform !== 'win32')('ends the output quietly', () => {
    const script = `${world.commandLine(['ls', '--recursive', 'latest', '-r', world.path('hell-repository')]).map((word) => `'${word}'`).join(' ')} | true; ${world.commandLine(['help']).map((word) => `'${word}'`).join(' ')} | true`;
    const child = spawnSync('sh', ['-c', script], { env: world.environment(env), encoding: 'utf8' });
    expect(child.stderr).toBe('');
  });
});
