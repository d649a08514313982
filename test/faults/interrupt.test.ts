/**
 * Ctrl-C in the middle of a backup over a slow line: it ends with 130, leaves no lock, and the next run sends only what
 * had not arrived. A second Ctrl-C ends at once.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTestRepository } from '../../src/cli/testing/test-repository.ts';
import { folderOnDisk } from '../support/temporary-folder.ts';
import { writeIncompressible } from '../../bench/datasets.ts';
import { cyberbackup, mustCyberbackup, testEnvironment, testPassword } from '../support/cli.ts';
import { resticPrograms } from '../support/restic.ts';
import { mustRun, type RunResult } from '../support/run-program.ts';
import { serveFolder } from '../support/our-server.ts';

const MiB = 1 << 20;
const size = 128 * MiB;

let place = '';
let source = '';

beforeAll(() => {
  place = folderOnDisk('interrupt');
  source = path.join(place, 'source');
  mkdirSync(source);
  for (let i = 0; i < 8; i++) writeIncompressible(path.join(source, `${i}.bin`), size / 8, `interrupt ${i}`);
});

afterAll(() => rmSync(place, { recursive: true, force: true }));

/** Stored packs, whole ones only. */
function packsIn(repository: string): number {
  const data = path.join(repository, 'data');
  if (!existsSync(data)) return 0;
  return readdirSync(data).flatMap((folder) => readdirSync(path.join(data, folder))).filter((name) => /^[0-9a-f]{64}$/.test(name)).length;
}

/** Sends SIGINT to a backup as soon as so many packs are stored. */
function interrupted(args: readonly string[], repository: string, packs: number, env: Record<string, string>, signals = 1): Promise<RunResult> {
  return cyberbackup(['backup', '--quiet', ...args], {
    env,
    onStart: (child) => {
      const timer = setInterval(() => {
        if (packsIn(repository) < packs) return;
        clearInterval(timer);
        for (let i = 0; i < signals; i++) setTimeout(() => child.kill('SIGINT'), i * 20);
      }, 5);
      child.once('close', () => clearInterval(timer));
    },
  });
}

describe('Ctrl-C', () => {
  it('keeps what was stored for the next run', async () => {
    const data = path.join(place, 'data');
    mkdirSync(data);
    const env = testEnvironment(place);
    const server = await serveFolder(data);
    try {
      const repository = path.join(data, 'mine');
      const args = ['--repo', `rest:http://127.0.0.1:${server.port}/mine/`, source];
      await makeTestRepository(args[1] ?? '', testPassword);
      const result = await interrupted([...args, '--limit-upload', '30000'], repository, 3, env);
      expect([result.code, result.stdout, result.stderr.split('\n').at(-2)]).toEqual([130, '', expect.stringContaining('Interrupted') as string]);
      expect(readdirSync(path.join(repository, 'locks'))).toEqual([]);
      expect(readdirSync(path.join(repository, 'snapshots'))).toEqual([]);
      for (const { program } of resticPrograms()) await mustRun(program, ['-r', repository, 'check', '--read-data'], { env });
      const { stdout } = await mustCyberbackup(['backup', '--json', ...args], { env });
      const summary = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { data_added: number };
      expect(summary.data_added).toBeLessThan(size - 3 * 12 * MiB);
      for (const { program } of resticPrograms()) await mustRun(program, ['-r', repository, 'check', '--read-data'], { env });
    } finally {
      await server.close();
    }
  });

  it('pressed twice ends at once, and the next run finishes', async () => {
    const env = testEnvironment(path.join(place, 'second'));
    const repository = path.join(place, 'second-repository');
    await makeTestRepository(repository, testPassword);
    const result = await interrupted(['--repo', repository, source, '--limit-upload', '30000'], repository, 1, env, 2);
    expect(result.code).toBe(130);
    await mustCyberbackup(['backup', '--repo', repository, '--quiet', source], { env });
    // A lock that stayed behind is stale.
    await mustCyberbackup(['unlock', '--repo', repository, '--quiet'], { env });
    for (const { program } of resticPrograms()) await mustRun(program, ['-r', repository, 'check'], { env });
  });
});
