/** Real processes that end in every way; what they run is a line of JavaScript. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { systemClock } from '../../core/platform/clock.ts';
import type { WorkerEnd } from '../../shared/worker-protocol.ts';
import type { ForkOptions } from './fork-worker.ts';
import { forkWorker } from './fork-worker.ts';
import { memoryKills } from './memory-kills.ts';
import { superviseWorkers } from './supervise-worker.ts';
import { sampleTask } from './testing/sample-task.ts';
import { workerEnvironment } from './worker-environment.ts';

let folder: string;

beforeAll(() => {
  folder = temporaryFolder('fork');
});

afterAll(() => rmSync(folder, { recursive: true }));

function program(code: string): string {
  const file = path.join(folder, 'program.mjs');
  writeFileSync(file, code);
  return file;
}

function endOf(code: string, options: Omit<ForkOptions, 'entry'> = {}): Promise<WorkerEnd> {
  return superviseWorkers({ launch: forkWorker({ entry: program(code), ...options }), clock: systemClock, memoryKills: () => undefined })(sampleTask, () => undefined).ended;
}

describe('a process that ends', () => {
  it('with an error tells its last words', async () => {
    expect(await endOf("throw new TypeError('it broke')")).toMatchObject({ outcome: 'failed', error: { code: 'WORKER_CRASHED', message: expect.stringContaining('TypeError: it broke') as string } });
  });

  it('without a word is a crash', async () => {
    expect(await endOf('process.exit(0)')).toMatchObject({ error: { code: 'WORKER_CRASHED', message: expect.stringContaining('without saying') as string } });
  });

  it('out of memory says so', async () => {
    const end = await endOf('const all = []; for (;;) all.push(new Array(1e5).fill(all.length));', { execArgv: ['--max-old-space-size=24'] });
    expect(end).toMatchObject({ error: { code: 'WORKER_OUT_OF_MEMORY', retryable: true } });
  });

  it.skipIf(process.platform === 'win32')('by a signal names it', async () => {
    expect(await endOf("process.kill(process.pid, 'SIGKILL')")).toMatchObject({ error: { code: 'WORKER_CRASHED', message: expect.stringContaining('SIGKILL') as string } });
  });

  it('before it begins is a failed start', async () => {
    const { execPath } = process;
    try {
      process.execPath = path.join(folder, 'no-node');
      expect(await endOf('')).toMatchObject({ error: { code: 'WORKER_CRASHED', message: expect.stringMatching(/could not be started.*ENOENT/) as string } });
    } finally {
      process.execPath = execPath;
    }
  });

  it('keeps no more than the end of what it wrote', async () => {
    const exit = await new Promise<{ stderr: string }>((resolve) => forkWorker({ entry: program("process.stderr.write('x'.repeat(1e6) + 'last', () => process.exit(3))") })('worker').onExit(resolve));
    expect(exit.stderr).toHaveLength(8192);
    expect(exit.stderr.endsWith('last')).toBe(true);
  });
});

describe('the environment of a worker', () => {
  it('holds what the system needs and nothing that may be a secret', () => {
    const env = {
      PATH: '/bin', HOME: '/home/anna', LC_ALL: 'C', SystemRoot: 'C:\\Windows',
      CYBERBACKUP_PASSWORD: 'planted', CYBERBACKUP_PASSWORD_COMMAND: 'planted', CYBERBACKUP_REPOSITORY: 'rest:http://u:planted@h/', RESTIC_PASSWORD: 'planted', RESTIC_REST_PASSWORD: 'planted',
      AWS_SECRET_ACCESS_KEY: 'planted', AWS_SESSION_TOKEN: 'planted', OTEL_EXPORTER_OTLP_HEADERS: 'planted', NODE_OPTIONS: '--inspect', ANYTHING: 'planted',
    };
    expect(workerEnvironment(env)).toMatchObject({ PATH: '/bin', HOME: '/home/anna', LC_ALL: 'C', SystemRoot: 'C:\\Windows' });
    expect(JSON.stringify(workerEnvironment(env))).not.toMatch(/planted|inspect/);
  });
});

it.runIf(process.platform === 'linux')('counts processes that the system ended for lack of memory', () => {
  expect(memoryKills()).toSatisfy((count: unknown) => count === undefined || (typeof count === 'number' && count >= 0));
});
