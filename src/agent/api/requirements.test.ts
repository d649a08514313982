/** Rows of the requirements that are promises of the local API, each under its name, over HTTP and Socket.IO. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { knownPartial } from '../testing/fake-parts.ts';
import { refused } from '../testing/faults.ts';
import { startTestAgent } from '../testing/test-agent.ts';
import type { Answer, TestAgent } from '../testing/test-agent.ts';

const folder = temporaryFolder('requirements');
const source = join(folder, 'source');
const sockets: Socket[] = [];
let agent: TestAgent;

beforeAll(async () => {
  mkdirSync(source);
  agent = await startTestAgent();
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.disconnect();
  await agent.client.cancel_all();
});

afterAll(async () => {
  await agent.stop();
  rmSync(folder, { recursive: true, force: true });
});

const makeJob = async (): Promise<string> => (await agent.client.start_backup({ paths: [source] })).job_id;
const post = (target: string, body?: unknown): Promise<Answer> => agent.send({ method: 'POST', target, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });

/** A connected client, and every event that it got. */
async function listen(): Promise<{ readonly events: [string, unknown][]; readonly until: (name: string) => Promise<unknown> }> {
  const socket = io(agent.agent.url, { auth: { token: agent.token }, reconnection: false, transports: ['websocket'] });
  sockets.push(socket);
  const events: [string, unknown][] = [];
  const waiting = new Map<string, (payload: unknown) => void>();
  socket.onAny((name: string, payload: unknown) => {
    events.push([name, payload]);
    waiting.get(name)?.(payload);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  const until = (name: string): Promise<unknown> =>
    new Promise((resolve) => {
      const found = events.find(([known]) => known === name);
      if (found === undefined) waiting.set(name, resolve);
      else resolve(found[1]);
    });
  return { events, until };
}

describe('R2: GET /api/server/connection_health', () => {
  it('is the map of the companion server', async () => {
    const answer = await agent.send({ target: '/api/server/connection_health' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ '21': { connection_id: 'c1', fd: 21, keep_alive: true, partial_clears: 0, state: 'idle' } });
  });

  it('comes live, too', async () => {
    const { until } = await listen();
    agent.parts.runner.get(await makeJob());
    await until('job_created');
    const health = await agent.client.get_connection_health();
    const arrived = until('connection_health');
    agent.emit('connection_health', health);
    expect(await arrived).toEqual(health);
  });
});

describe('R4: cancelling a running job', () => {
  it('answers with CANCELLED and the reason, and the job keeps both', async () => {
    const id = await makeJob();
    agent.parts.runner.advance(id, { state: 'running', phase: 'TRANSFERRING', progress: 40, attempt: 1 });
    expect(await post(`/api/cancel/${id}`, { reason: 'wrong folder' })).toMatchObject({ status: 200, body: { success: true, phase: 'CANCELLED', job_id: id, reason: 'wrong folder' } });
    expect((await agent.send({ target: `/api/jobs/${id}` })).body).toMatchObject({ state: 'done', phase: 'CANCELLED', cancel_reason: 'wrong folder' });
  });

  it('needs no body and no reason', async () => {
    const id = await makeJob();
    expect(await post(`/api/cancel/${id}`)).toMatchObject({ status: 200, body: { success: true, phase: 'CANCELLED', job_id: id, reason: null } });
  });

  it.each(['COMPLETED', 'PARTIAL', 'FAILED', 'CANCELLED'] as const)('that is %s already answers 409 with that phase, and keeps everything', async (phase) => {
    const id = await makeJob();
    const before = agent.parts.runner.advance(id, { state: 'done', phase });
    expect(await post(`/api/cancel/${id}`, { reason: 'again' })).toMatchObject({ status: 409, body: { success: false, phase, error: { code: 'JOB_OVER' } } });
    expect(agent.parts.runner.get(id)).toEqual(before);
  });

  it('that ends by itself just then answers 409 with how it ended', async () => {
    const id = await makeJob();
    const { runner } = agent.parts;
    const cancel = runner.cancel.bind(runner);
    runner.cancel = async () => runner.advance(id, { state: 'done', phase: 'COMPLETED' });
    try {
      expect(await post(`/api/cancel/${id}`)).toMatchObject({ status: 409, body: { success: false, phase: 'COMPLETED' } });
    } finally {
      runner.cancel = cancel;
    }
  });

  it('that nobody knows answers 404', async () => {
    expect(await post('/api/cancel/nobody')).toMatchObject({ status: 404, body: { success: false, error: { code: 'JOB_NOT_FOUND' } } });
  });
});

describe('R5: events of cancellation', () => {
  it('job_cancelled has id, phase and reason', async () => {
    const { until } = await listen();
    const id = await makeJob();
    await post(`/api/cancel/${id}`, { reason: 'enough' });
    expect(await until('job_cancelled')).toEqual({ job_id: id, phase: 'CANCELLED', reason: 'enough' });
  });

  it('jobs_cancelled has every result and the reasons, and comes last', async () => {
    const { events, until } = await listen();
    const [first, second] = [await makeJob(), await makeJob()];
    await post('/api/cancel_all', { reason: 'all', reasons: { [second]: 'mine' } });
    expect(await until('jobs_cancelled')).toEqual({ results: { [first]: true, [second]: true }, reason: 'all', reasons: { [second]: 'mine' } });
    expect(events.map(([name]) => name)).toEqual(['job_created', 'job_created', 'job_updated', 'job_cancelled', 'job_updated', 'job_cancelled', 'jobs_cancelled']);
  });
});

describe('R6: cancelling everything', () => {
  it('says of each job whether it worked, with a reason of its own where one is given', async () => {
    const [first, second] = [await makeJob(), await makeJob()];
    expect(await post('/api/cancel_all', { reason: 'all', reasons: { [second]: 'mine' } })).toMatchObject({ status: 200, body: { success: true, results: { [first]: true, [second]: true } } });
    expect(agent.parts.runner.get(first).cancel_reason).toBe('all');
    expect(agent.parts.runner.get(second).cancel_reason).toBe('mine');
  });

  it('with nothing to cancel succeeds with no results', async () => {
    expect((await post('/api/cancel_all')).body).toEqual({ success: true, results: {} });
  });
});

describe('R7: the jobs that can be cancelled now', () => {
  it('are those that are not over, with phase, file, progress and message', async () => {
    const [running, gone, queued] = [await makeJob(), await makeJob(), await makeJob()];
    agent.parts.runner.advance(running, { state: 'running', phase: 'TRANSFERRING', file: '/a/b', progress: 12.5, message: 'uploading' });
    await post(`/api/cancel/${gone}`);
    const answer = await agent.send({ target: '/api/cancelable_jobs' });
    expect(answer.body).toEqual([
      { job_id: running, phase: 'TRANSFERRING', file: '/a/b', progress: 12.5, message: 'uploading' },
      { job_id: queued, phase: 'QUEUED', file: null, progress: 0, message: '' },
    ]);
  });
});

describe('R9: aborting one partial upload', () => {
  it('succeeds once, and then there is none', async () => {
    expect((await agent.send({ target: '/api/server/partials' })).body).toMatchObject([{ id: knownPartial }]);
    expect(await agent.send({ method: 'DELETE', target: `/api/server/partials/${knownPartial}` })).toMatchObject({ status: 200, body: { success: true } });
    expect(await agent.send({ method: 'DELETE', target: `/api/server/partials/${knownPartial}` })).toMatchObject({ status: 404, body: { success: false, error: { code: 'PARTIAL_NOT_FOUND' } } });
    expect((await agent.send({ target: '/api/server/partials' })).body).toEqual([]);
  });

  it('without a server says so', async () => {
    agent.faults.companion = refused('SERVER_NOT_RUNNING');
    try {
      expect(await agent.send({ method: 'DELETE', target: '/api/server/partials/x' })).toMatchObject({ status: 409, body: { error: { code: 'SERVER_NOT_RUNNING' } } });
    } finally {
      delete agent.faults.companion;
    }
  });
});
