/** restic itself as the client of our server. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKeyCheap } from '../../src/cli/testing/test-repository.ts';
import { resticPrograms } from '../support/restic.ts';
import { run } from '../support/run-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTestServer, temporaryFiles } from '../../src/server/testing/test-server.ts';
import type { TestServer } from '../../src/server/testing/test-server.ts';

const user = `anna:{SHA}${createHash('sha1').update('right').digest('base64')}\n`;

let folder: string;
let source: string;

beforeAll(async () => {
  folder = temporaryFolder('restic');
  source = join(folder, 'source');
  await mkdir(join(source, 'sub'), { recursive: true });
  await writeFile(join(source, 'large'), randomBytes(6_000_000));
  await writeFile(join(source, 'text'), 'line\n'.repeat(50_000));
  for (let number = 0; number < 50; number++) await writeFile(join(source, 'sub', `file ${number}`), `content ${number}`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const password = 'geheim';

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

async function restic(program: string, repository: string, args: readonly string[]): Promise<Outcome> {
  const env = { ...process.env, RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: password, RESTIC_CACHE_DIR: join(folder, 'cache') };
  const { code, stdout, stderr } = await run(program, args, { env });
  return { code, output: stdout + stderr };
}

const done = (outcome: Outcome): void => expect(outcome, outcome.output).toMatchObject({ code: 0 });

async function expectRestored(target: string): Promise<void> {
  for (const name of ['large', 'text', 'sub/file 7']) expect((await readFile(join(target, source, name))).equals(await readFile(join(source, name)))).toBe(true);
}

describe.each(resticPrograms())('the $name', ({ program }) => {
  const label = program === 'restic' ? 'distribution' : 'newest';
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ htpasswd: user, privateRepositories: true });
  });
  afterAll(() => server.stop());

  it('initialises, backs up, checks, forgets, prunes and restores; the folder is a local repository too', async () => {
    const repository = `rest:${server.url.replace('://', '://anna:right@')}/anna/${label}/`;
    const call = (...args: string[]): Promise<Outcome> => restic(program, repository, args);
    done(await call('init'));
    await makeKeyCheap(repository, password);
    done(await call('backup', source));
    await writeFile(join(source, 'text'), randomBytes(100_000));
    done(await call('backup', source));
    done(await call('check', '--read-data'));
    done(await call('forget', '--keep-last', '1', '--prune', '--max-unused', '0'));
    done(await call('check', '--read-data'));
    const target = join(folder, `restored-${label}`);
    done(await call('restore', 'latest', '--target', target));
    await expectRestored(target);
    done(await restic(program, join(server.data, 'anna', label), ['check', '--read-data', '--no-cache']));
    expect(await temporaryFiles(server.data)).toEqual([]);
    expect((await call('snapshots')).output).toContain('1 snapshots');
  });

  it('is refused without the right password, or in the folder of another', async () => {
    const wrong = await restic(program, `rest:${server.url.replace('://', '://anna:wrong@')}/anna/${label}/`, ['snapshots']);
    expect(wrong.code).not.toBe(0);
    const elsewhere = await restic(program, `rest:${server.url.replace('://', '://anna:right@')}/bert/`, ['init']);
    expect(elsewhere.code).not.toBe(0);
  });

  it('adds to an append-only server over TLS, and cannot take away', async () => {
    const tls = { certificateFile: join(folder, `${label}.pem`), keyFile: join(folder, `${label}-key.pem`) };
    const secured = await startTestServer({ appendOnly: true, tls });
    try {
      const call = (...args: string[]): Promise<Outcome> => restic(program, `rest:${secured.url}/`, ['--cacert', tls.certificateFile, ...args]);
      done(await call('init'));
      await makeKeyCheap(secured.data, password);
      done(await call('backup', source));
      done(await call('backup', source));
      done(await call('check', '--read-data'));
      const before = (await call('snapshots')).output;
      if (label !== 'distribution') expect((await call('forget', '--keep-last', '1')).code).not.toBe(0);
      expect((await call('snapshots')).output).toBe(before);
      const target = join(folder, `restored-append-only-${label}`);
      done(await call('restore', 'latest', '--target', target));
      await expectRestored(target);
    } finally {
      await secured.stop();
    }
  });
});
