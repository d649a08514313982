/**
 * kill -9 at any moment: the repository stays valid, restic agrees, and the same command run again finishes the work.
 * The moments come from a seed; a failing one is printed with its number and delay.
 */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTestRepository } from '../../src/cli/testing/test-repository.ts';
import { freePort } from '../support/free-port.ts';
import { folderOnDisk } from '../support/temporary-folder.ts';
import { writeIncompressible, writeSmallFiles } from '../../bench/datasets.ts';
import { cyberbackup, mustCyberbackup, startOurServer, testEnvironment, testPassword } from '../support/cli.ts';
import { resticPrograms } from '../support/restic.ts';
import { mustRun } from '../support/run-program.ts';

const moments = 12;
const MiB = 1 << 20;

let place = '';
let source = '';

beforeAll(() => {
  place = folderOnDisk('kill-nine');
  source = path.join(place, 'source');
  mkdirSync(source);
  writeIncompressible(path.join(source, 'large.bin'), 96 * MiB, 'kill');
  writeSmallFiles(path.join(source, 'small'), 1500, 3);
});

afterAll(() => rmSync(place, { recursive: true, force: true }));

/** Evenly spread moments with a fixed scatter, in milliseconds after the start. */
const delayOf = (moment: number, whole: number): number => Math.round(((moment + ((moment * 7919) % 13) / 13) / moments) * whole);

/** restic finds nothing wrong. Locks of killed runs are expected: they are removed first, as a person would do. */
async function judge(repository: string, env: Record<string, string>): Promise<void> {
  await mustCyberbackup(['unlock', '--repo', repository, '--quiet'], { env });
  for (const { program } of resticPrograms()) await mustRun(program, ['-r', repository, 'check', '--read-data'], { env });
}

describe('kill -9', () => {
  it(`of the client at ${moments} moments leaves a valid repository, and the next run finishes`, async () => {
    const env = testEnvironment(path.join(place, 'client-home'));
    const repository = path.join(place, 'client-repository');
    await makeTestRepository(repository, testPassword);
    const probe = path.join(place, 'probe-repository');
    await makeTestRepository(probe, testPassword);
    const start = performance.now();
    await mustCyberbackup(['backup', '--repo', probe, '--quiet', source], { env });
    const whole = performance.now() - start;
    let killed = 0;
    for (let moment = 0; moment < moments; moment++) {
      const result = await cyberbackup(['backup', '--repo', repository, '--quiet', '--force', source], {
        env,
        onStart: (child) => void setTimeout(() => child.kill('SIGKILL'), delayOf(moment, whole)),
      });
      if (result.code === null) killed++;
    }
    expect(killed).toBeGreaterThan(0);
    await judge(repository, env);
    await mustCyberbackup(['backup', '--repo', repository, '--quiet', source], { env });
    await judge(repository, env);
    const target = path.join(place, 'client-restored');
    await mustCyberbackup(['restore', 'latest', '--repo', repository, '--target', target, '--quiet'], { env });
    await mustRun('diff', ['-r', source, path.join(target, source)]);
  });

  it('of the server in the middle of a backup loses nothing that it acknowledged; the client waits and finishes', async () => {
    const home = path.join(place, 'server-home');
    const env = testEnvironment(home);
    const data = path.join(place, 'server-data');
    mkdirSync(data);
    const port = await freePort();
    const repository = `rest:http://127.0.0.1:${port}/mine/`;
    let server = await startOurServer(data, port, home);
    try {
      await makeTestRepository(repository, testPassword);
      for (let moment = 1; moment <= 4; moment++) {
        const running = cyberbackup(['backup', '--repo', repository, '--quiet', '--force', source], { env });
        await new Promise((resolve) => setTimeout(resolve, 150 * moment));
        await server.kill('SIGKILL');
        server = await startOurServer(data, port, home);
        const result = await running;
        expect({ moment, code: result.code, stderr: result.stderr }).toMatchObject({ moment, code: 0 });
      }
      await judge(path.join(data, 'mine'), env);
      // Nothing half-written stays: only whole objects, and the lock of the running server.
      const files = await mustRun('find', [data, '-type', 'f', '-printf', '%f\\n']);
      const others = files.stdout.split('\n').filter((name) => name !== '' && name !== 'config' && !/^[0-9a-f]{64}$/.test(name));
      expect(others).toEqual(['.server.lock']);
    } finally {
      await server.kill('SIGTERM');
    }
  });
});
