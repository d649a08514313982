/** Commands that talk to the agent: the real program against an agent in this process, whose parts do no work. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../shared/contract/schemas/job.ts';
import { startTestAgent } from '../agent/testing/test-agent.ts';
import type { TestAgent } from '../agent/testing/test-agent.ts';
import { CliWorld } from './testing/cli-process.ts';

const world = new CliWorld();
const source = world.makeFolder('Documents');
let agent: TestAgent;

beforeAll(async () => {
  mkdirSync(world.home, { recursive: true, mode: 0o700 });
  agent = await startTestAgent({ folder: world.home });
});

afterEach(() => {
  agent.parts.runner.all.splice(0);
});

afterAll(async () => {
  await agent.stop();
  world.dispose();
});

const makeJob = async (change: Partial<Job> = {}): Promise<string> => {
  const { job_id: id } = await agent.client.start_backup({ paths: [source] });
  agent.parts.runner.advance(id, change);
  return id;
};

describe('without an agent', () => {
  it.each([['jobs', '--watch'], ['cancel', 'x'], ['health']])('%s %s says how to start one', async (...args) => {
    const outcome = await world.run(args, { env: { CYBERBACKUP_HOME: world.path('empty') } });
    expect(outcome).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^cyberbackup: No agent runs on [^\n]*cyberbackup agent"\.\n$/) as string });
  });

  it('whose file a killed agent left behind, no token is sent to whoever has its port now', async () => {
    const home = world.makeFolder('killed');
    writeFileSync(join(home, 'agent.json'), JSON.stringify({ url: agent.agent.url, pid: 2 ** 22 + 1, version: '1' }));
    writeFileSync(join(home, 'api-token'), `${'x'.repeat(43)}\n`, { mode: 0o600 });
    expect(await world.run(['jobs'], { env: { CYBERBACKUP_HOME: home } })).toMatchObject({ code: 1, stderr: expect.stringMatching(/No agent runs/) as string });
  });
});

describe('jobs', () => {
  it('shows a calm table, newest first', async () => {
    await makeJob({ state: 'done', phase: 'COMPLETED', bytes_total: 14_900_000, finished_at: '2026-11-27T08:00:00Z' });
    await makeJob({ state: 'done', phase: 'FAILED', error: { code: 'STORAGE_UNREACHABLE', message: 'The server does not answer' }, finished_at: '2026-11-27T08:01:00Z' });
    await makeJob({ state: 'running', phase: 'TRANSFERRING', progress: 31.9, bytes_total: 54_100_000_000, speed_bytes_per_second: 62_400_000, eta_range_seconds: { low: 600, high: 780 } });
    const outcome = await world.run(['jobs']);
    expect(outcome.stderr).toBe('');
    expect(outcome.stdout.split('\n')).toEqual([
      'Job    Kind    Phase         Done     Size      Speed  When                 What',
      `job-3  backup  transferring  31 %  54.1 GB  62.4 MB/s  10–13 min left       ${source}`,
      'job-2  backup  failed                                  2026-11-27 08:01:00  The server does not answer',
      `job-1  backup  completed           14.9 MB             2026-11-27 08:00:00  ${source}`,
      '',
    ]);
  });

  it('narrows by state and limit, and says when there is none', async () => {
    await makeJob();
    await makeJob();
    expect((await world.run(['jobs', '--limit', '1'])).stdout).toMatch(/job-2/);
    expect((await world.run(['jobs', '--limit', '1'])).stdout).not.toMatch(/job-1/);
    expect((await world.run(['jobs', '--state', 'running'])).stdout).toBe('No job is running.\n');
    expect(await world.run(['jobs', '--state', 'gone'])).toMatchObject({ code: 1, stderr: expect.stringMatching(/queued, running/) as string });
    expect(await world.run(['jobs', '--limit', '0'])).toMatchObject({ code: 1 });
  });

  it('--json prints them as the API has them', async () => {
    await makeJob();
    expect(JSON.parse((await world.run(['jobs', '--json'])).stdout)).toEqual([agent.parts.runner.get('job-1')]);
  });

  it('names from outside cannot touch the terminal', async () => {
    await makeJob({ paths: ['/a\u001b[2J\nb'] });
    expect((await world.run(['jobs'])).stdout).toContain(String.raw`/a\x1b[2J\nb`);
  });

  it('--watch prints a line when something happens to a job, until interrupted', async () => {
    const id = await makeJob();
    let cancelled = false;
    const outcome = await world.run(['jobs', '--watch'], {
      onOutput: (child, output) => {
        if (output.includes('cancelled')) child.kill('SIGINT');
        else if (!cancelled) {
          cancelled = true;
          void agent.client.cancel_job({ job_id: id, reason: 'enough' });
        }
      },
    });
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout.trim().split('\n').map((line) => line.split(/ {2,}/)[2])).toEqual(['queued', 'cancelled']);
  });

  it.skipIf(process.platform !== 'linux')('--watch redraws in place on a terminal', async () => {
    await makeJob();
    let pressed = false;
    const outcome = await world.onTerminal(['jobs', '--watch'], {
      onOutput: (child, output) => {
        if (pressed || !output.includes('\u001b[1A')) return;
        pressed = true;
        child.stdin?.write('\u0003');
      },
    });
    // The shell around it dies of the key itself, so its exit code says nothing.
    expect(outcome.stdout).toContain('job-1');
    expect(outcome.stdout).not.toContain('cyberbackup:');
  });
});

describe('cancel', () => {
  it('stops one job, with a reason', async () => {
    const id = await makeJob();
    expect(await world.run(['cancel', id, '--reason', 'wrong folder'])).toEqual({ code: 0, stdout: `Cancelled job ${id}.\n`, stderr: '' });
    expect(agent.parts.runner.get(id)).toMatchObject({ phase: 'CANCELLED', cancel_reason: 'wrong folder' });
    expect(await world.run(['cancel', id])).toEqual({ code: 1, stdout: '', stderr: `cyberbackup: The job ${id} is over already (CANCELLED). Nothing was changed.\n` });
  });

  it.each(['../../etc/passwd', ''])('the id %j is refused before anything is sent', async (id) => {
    expect(await world.run(['cancel', id])).toMatchObject({ code: 1, stderr: expect.stringMatching(/^cyberbackup: job_id: an id has letters[^\n]*\n$/) as string });
  });
});

describe('a job by the beginning of its id', () => {
  it('is found where no other begins so', async () => {
    const ids: string[] = [];
    // job-1 is the beginning of job-10, and whole at the same time.
    for (let count = 0; count < 10; count++) ids.push(await makeJob());
    expect(ids.slice(0, 2)).toEqual(['job-1', 'job-2']);
    expect(await world.run(['cancel', 'job-1'])).toMatchObject({ code: 0, stdout: 'Cancelled job job-1.\n' });
    agent.parts.runner.all.splice(0, 9);
    expect(await world.run(['pause', 'jo'])).toMatchObject({ code: 0, stdout: 'Job job-10 rests until resumed.\n' });
    expect(await world.run(['resume', 'job-1'])).toMatchObject({ code: 0, stdout: 'Job job-10 goes on.\n' });
    expect(await world.run(['cancel', 'job'])).toMatchObject({ code: 0, stdout: 'Cancelled job job-10.\n' });
  });

  it.each(['cancel', 'pause', 'resume'])('%s says when it is not clear which, or when there is none', async (command) => {
    for (let count = 0; count < 4; count++) await makeJob();
    expect(await world.run([command, 'job'])).toEqual({ code: 1, stdout: '', stderr: 'cyberbackup: Several jobs begin with job: job-4, job-3, job-2 and others. Nothing was changed. Give more of the id.\n' });
    expect(await world.run([command, 'nobody'])).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^cyberbackup: No job is or begins with nobody\. Nothing was changed\. See "cyberbackup jobs"[^\n]*\n$/) as string });
    expect(agent.parts.runner.all.every(({ phase }) => phase === 'QUEUED')).toBe(true);
  });
});

describe('cancel-all', () => {
  it('stops everything and says how much', async () => {
    const [first, second] = [await makeJob(), await makeJob()];
    expect(await world.run(['cancel-all', '--reason', 'moving'])).toEqual({ code: 0, stdout: 'Cancelled 2 jobs.\n', stderr: '' });
    for (const id of [first, second]) expect(agent.parts.runner.get(id).cancel_reason).toBe('moving');
    expect((await world.run(['cancel-all'])).stdout).toBe('There is no job to cancel.\n');
  });

  it('names what could not be cancelled', async () => {
    const { runner } = agent.parts;
    const cancelAll = runner.cancelAll.bind(runner);
    runner.cancelAll = async () => ({ 'job-1': true, 'job-2': false });
    try {
      expect(await world.run(['cancel-all'])).toMatchObject({ code: 1, stdout: 'Cancelled 1 job.\n', stderr: expect.stringMatching(/job-2/) as string });
    } finally {
      runner.cancelAll = cancelAll;
    }
  });
});

describe('pause and resume', () => {
  it('one job', async () => {
    const id = await makeJob();
    expect(await world.run(['pause', id])).toMatchObject({ code: 0, stdout: `Job ${id} rests until resumed.\n` });
    expect(agent.parts.runner.get(id).phase).toBe('PAUSED');
    expect(await world.run(['resume', id])).toMatchObject({ code: 0, stdout: `Job ${id} goes on.\n` });
    expect(agent.parts.runner.get(id).phase).toBe('QUEUED');
    expect(await world.run(['pause', id, '--until', '2h'])).toMatchObject({ code: 1, stderr: expect.stringMatching(/for everything only/) as string });
  });

  it('everything, until a time', async () => {
    const id = await makeJob();
    expect(await world.run(['pause', '--until', '2126-01-01T08:00'])).toMatchObject({ code: 0, stdout: 'All jobs and plans rest until 2126-01-01 08:00:00.\n' });
    expect(agent.parts.runner.get(id).phase).toBe('PAUSED');
    expect(await world.run(['resume'])).toMatchObject({ code: 0, stdout: 'All jobs and plans go on.\n' });
    expect(await world.run(['pause', '--until', 'later'])).toMatchObject({ code: 1, stderr: expect.stringMatching(/A time such as/) as string });
  });
});

describe('health', () => {
  it('shows every check; the exit code tells whether something is unhealthy', async () => {
    expect(await world.run(['health'])).toEqual({ code: 0, stdout: 'The agent is healthy.\n\nCheck  Status   Finding\ndisk   healthy  412 GB are free\n', stderr: '' });
    const { health } = agent.parts;
    const current = health.current();
    health.current = () => ({ ...current, status: 'unhealthy' });
    try {
      const outcome = await world.run(['health', '--json']);
      expect(outcome.code).toBe(1);
      expect(JSON.parse(outcome.stdout)).toEqual({ ...current, status: 'unhealthy' });
    } finally {
      health.current = () => current;
    }
  });
});

describe('agent', () => {
  it.each(['0.0.0.0:9090', '192.168.0.7:9090', 'example.org:80'])('--listen %s is refused', async (address) => {
    expect(await world.run(['agent', '--listen', address, '--home', world.path('other')])).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^cyberbackup: [^\n]*this machine only[^\n]*\n$/) as string });
  });

  it('a second one says so and exits 1', async () => {
    expect(await world.run(['agent', '--listen', '127.0.0.1:0'])).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^cyberbackup: Another agent \(process \d+\)[^\n]*\n$/) as string });
  });

  it.skipIf(process.platform !== 'linux')('--open opens the running one in a browser; neither process list nor page of another user has the token', async () => {
    const bin = world.makeFolder('bin');
    writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\nprintf '%s\\n' "$@" > '${world.path('opened')}.new' && mv '${world.path('opened')}.new' '${world.path('opened')}'\n`, { mode: 0o755 });
    const outcome = await world.run(['agent', '--open'], { env: { DISPLAY: ':0', PATH: [bin, process.env['PATH']].join(delimiter) } });
    expect(outcome).toEqual({ code: 0, stdout: '', stderr: `The interface opens in your browser: ${agent.agent.url}/\n` });
    const page = join(world.home, 'open.html');
    let opened = '';
    while (opened === '') opened = readIfThere(world.path('opened'));
    expect(opened).toBe(`file://${page}\n`);
    expect(statSync(page).mode & 0o777).toBe(0o600);
    const html = readFileSync(page, 'utf8');
    expect(html).not.toContain(agent.token);
    const code = /#login=([\w-]{43})"/.exec(html)?.[1] ?? '';
    expect(await agent.send({ method: 'POST', target: '/api/session', token: code })).toMatchObject({ status: 200 });
  });

  it('--open without a display says where to go, and prints no code where that could be a log', async () => {
    const outcome = await world.run(['agent', '--open'], { env: { DISPLAY: undefined, WAYLAND_DISPLAY: undefined } });
    if (process.platform === 'linux') expect(outcome).toEqual({ code: 0, stdout: '', stderr: `No browser can be opened here: ${agent.agent.url}/\n` });
  });

  it('without a command and without a display the interface opens in the browser, and a line says why', async () => {
    const outcome = await world.run([], { env: { DISPLAY: undefined, WAYLAND_DISPLAY: undefined } });
    if (process.platform !== 'linux') return;
    expect(outcome).toMatchObject({ code: 0, stdout: '' });
    expect(outcome.stderr).toMatch(/^(Electron's program is missing here|There is no display here)[^\n]* The same interface opens in the browser\.\nNo browser can be opened here: [^\n]*\n$/);
  });
});

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
