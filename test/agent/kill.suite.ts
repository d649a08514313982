/**
 * kill -9 of agent, worker and server, fifty times each, at moments that a seed spreads over a backup: after each one the job
 * finishes by itself; no job runs twice at once, none is stuck; restic finds every byte right at the end.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeIncompressible, writeSmallFiles } from '../../bench/datasets.ts';
import { AgentProcess } from '../support/agent-process.ts';
import { startOurServer, testEnvironment, testPassword } from '../support/cli.ts';
import type { LiveServer } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';
import { resticPrograms } from '../support/restic.ts';
import { mustRun } from '../support/run-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const kills = 50;
const MiB = 1 << 20;

let place = '';
let source = '';

beforeAll(() => {
  place = temporaryFolder('agent-kills');
  source = path.join(place, 'source');
  mkdirSync(source);
  writeIncompressible(path.join(source, 'large.bin'), 48 * MiB, 'agent kill');
  writeSmallFiles(path.join(source, 'small'), 400, 5);
});

afterAll(() => rmSync(place, { recursive: true, force: true }));

/** Everything that a series of kills works on. */
class Scene {
  readonly home: string;
  readonly data: string;
  readonly serverPort: number;
  agent: AgentProcess;
  server: LiveServer;
  repositoryId = '';

  private constructor(home: string, data: string, serverPort: number, agent: AgentProcess, server: LiveServer) {
    this.home = home;
    this.data = data;
    this.serverPort = serverPort;
    this.agent = agent;
    this.server = server;
  }

  static async create(name: string): Promise<Scene> {
    const home = path.join(place, `${name}-home`);
    const data = path.join(place, `${name}-data`);
    mkdirSync(data);
    const port = await freePort();
    const server = await startOurServer(data, port, path.join(place, `${name}-server`));
    const scene = new Scene(home, data, port, await AgentProcess.start(home), server);
    const added = await scene.agent.must<{ repository_id: string }>('POST', '/api/repositories', { name, url: `rest:http://127.0.0.1:${port}/mine/`, password: testPassword });
    scene.repositoryId = added.repository_id;
    return scene;
  }

  /** A backup of new content each time, so that there is something to send. */
  async startBackup(round: number): Promise<string> {
    writeIncompressible(path.join(source, 'round.bin'), 16 * MiB, `round ${round}`);
    return this.agent.startBackup([source], { repository_id: this.repositoryId });
  }

  async restartAgent(): Promise<void> {
    this.agent = await AgentProcess.start(this.home);
  }

  async restartServer(): Promise<void> {
    this.server = await startOurServer(this.data, this.serverPort, path.join(place, 'server-home'));
  }

  /** Workers of this scene's agent: processes whose parent it is and that are no server. */
  workers(): number[] {
    return childrenOf(this.agent.pid);
  }

  async close(): Promise<void> {
    await this.agent.kill('SIGTERM');
    await this.server.kill('SIGTERM');
  }

  async judge(): Promise<void> {
    const env = testEnvironment(path.join(place, 'judge'));
    const repository = path.join(this.data, 'mine');
    for (const { program } of resticPrograms()) {
      await mustRun(program, ['-r', repository, 'unlock', '--remove-all'], { env });
      await mustRun(program, ['-r', repository, 'check', '--read-data'], { env });
    }
  }
}

function childrenOf(pid: number): number[] {
  const children: number[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const [state, parent] = readFileSync(`/proc/${name}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
      // A zombie has ended, whether or not its parent has asked how.
      if (Number(parent) === pid && state !== 'Z') children.push(Number(name));
    } catch (error) {
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error; // it has just ended
    }
  }
  return children;
}

/** Milliseconds into the backup for kill number `round`: spread evenly, with a fixed scatter. */
const momentOf = (round: number, whole: number): number => Math.round((((round * 7919) % kills) / kills) * whole);

/** How long one backup takes here, to spread the kills over it. */
async function lengthOfBackup(scene: Scene): Promise<number> {
  const start = performance.now();
  await scene.agent.over(await scene.startBackup(-1));
  return performance.now() - start;
}

async function finishes(scene: Scene, round: number, id: string): Promise<void> {
  const job = await scene.agent.over(id);
  expect({ round, phase: job.phase, error: job.error }).toEqual({ round, phase: 'COMPLETED', error: null });
}

describe.skipIf(process.platform !== 'linux')('kill -9, fifty times each, at random moments of a backup', () => {
  it('of the agent: after a restart the job finishes by itself, and its old worker is gone first', async () => {
    const scene = await Scene.create('agent');
    try {
      const whole = await lengthOfBackup(scene);
      for (let round = 0; round < kills; round++) {
        const id = await scene.startBackup(round);
        await sleep(momentOf(round, whole));
        const workers = scene.workers();
        await scene.agent.kill('SIGKILL');
        await scene.restartAgent();
        await finishes(scene, round, id);
        const left = workers.filter((pid) => childrenOf(1).includes(pid));
        expect({ round, left }).toEqual({ round, left: [] });
      }
      await noJobRanTwice(scene);
      await scene.judge();
    } finally {
      await scene.close();
    }
  });

  it('of the worker: the attempt fails with its cause, and the next one finishes', async () => {
    const scene = await Scene.create('worker');
    try {
      const whole = await lengthOfBackup(scene);
      let hit = 0;
      for (let round = 0; round < kills; round++) {
        const id = await scene.startBackup(round);
        await sleep(momentOf(round, whole));
        for (const pid of scene.workers()) {
          process.kill(pid, 'SIGKILL');
          hit++;
        }
        await finishes(scene, round, id);
      }
      expect(hit).toBeGreaterThan(kills / 4);
      await noJobRanTwice(scene);
      await scene.judge();
    } finally {
      await scene.close();
    }
  });

  it('of the server: the job waits for it and finishes', async () => {
    const scene = await Scene.create('server');
    try {
      const whole = await lengthOfBackup(scene);
      for (let round = 0; round < kills; round++) {
        const id = await scene.startBackup(round);
        await sleep(momentOf(round, whole));
        await scene.server.kill('SIGKILL');
        await scene.restartServer();
        await finishes(scene, round, id);
      }
      await noJobRanTwice(scene);
      await scene.judge();
    } finally {
      await scene.close();
    }
  });
});

/** From the history: attempts of one job never overlap; with one job per repository, neither do those of different jobs. */
async function noJobRanTwice(scene: Scene): Promise<void> {
  const { jobs } = await scene.agent.must<{ jobs: { job_id: string; state: string; attempts: { started_at: string; finished_at: string | null }[] }[] }>('GET', '/api/jobs?limit=1000');
  expect(jobs.filter(({ state }) => state !== 'done')).toEqual([]);
  const attempts = jobs
    .flatMap(({ job_id: id, attempts: each }) => each.map(({ started_at: start, finished_at: end }) => ({ id, start: Date.parse(start), end: Date.parse(end ?? '') })))
    .toSorted((a, b) => a.start - b.start);
  expect(attempts.length).toBeGreaterThanOrEqual(jobs.length);
  for (const [at, { start, end }] of attempts.entries()) {
    expect(end).toBeGreaterThanOrEqual(start);
    const next = attempts[at + 1];
    if (next !== undefined) expect(next.start).toBeGreaterThanOrEqual(end);
  }
}
