/**
 * The whole way through real processes: agent, worker, companion server, engine; and back. The requirement that a test shows
 * stands in its name (docs/requirements.md).
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeIncompressible } from '../../bench/datasets.ts';
import type { Span } from '../../src/shared/contract/schemas/observability.ts';
import type { ConnectionHealth } from '../../src/shared/contract/schemas/connection-health.ts';
import { keepTrace } from '../report/run-result.ts';
import { AgentProcess } from '../support/agent-process.ts';
import { startOurServer, testPassword } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';
import { noise } from '../support/noise.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MiB = 1 << 20;

let place = '';
let home = '';
let agent: AgentProcess;

beforeAll(async () => {
  place = temporaryFolder('agent-flow');
  home = path.join(place, 'home');
  agent = await AgentProcess.start(home);
  const settings = await agent.must('GET', '/api/settings');
  await agent.must('PUT', '/api/settings', { ...settings, concurrency: 4, concurrency_per_repository: 4, embedded_server: { enabled: true, listen: `127.0.0.1:${await freePort()}` } });
});

afterAll(async () => {
  await agent.kill('SIGTERM');
  rmSync(place, { recursive: true, force: true });
});

function folderWith(name: string, files: Readonly<Record<string, Buffer>>): string {
  const folder = path.join(place, name);
  mkdirSync(folder);
  for (const [file, content] of Object.entries(files)) writeFileSync(path.join(folder, file), content);
  return folder;
}

const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

function hashesBelow(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(files.map((entry) => [path.relative(folder, path.join(entry.parentPath, entry.name)), hashOf(path.join(entry.parentPath, entry.name))]));
}

async function backUpAndRestore(folder: string, name: string): Promise<void> {
  const saved = await agent.over(await agent.startBackup([folder]));
  expect({ name, phase: saved.phase, error: saved.error, progress: saved.progress }).toEqual({ name, phase: 'COMPLETED', error: null, progress: 100 });
  const target = path.join(place, `${name}-back`);
  const restore = await agent.must<{ job_id: string }>('POST', '/api/start_restore', { repository_id: saved.repository_id, snapshot: saved.snapshot_id, target, verify: true });
  const restored = await agent.over(restore.job_id);
  expect({ name, phase: restored.phase, error: restored.error }).toEqual({ name, phase: 'COMPLETED', error: null });
  expect(hashesBelow(path.join(target, folder))).toEqual(hashesBelow(folder));
}

/** A backup that is still sending: its source is larger than what the upload limit lets through in a test's time. */
async function backupInTransfer(name: string, seed: string): Promise<string> {
  const folder = path.join(place, name);
  mkdirSync(folder);
  writeIncompressible(path.join(folder, 'large.bin'), 64 * MiB, seed);
  const id = await agent.startBackup([folder]);
  await agent.until(id, ({ phase, bytes_done: done }) => phase === 'TRANSFERRING' && done > 0);
  return id;
}

async function limitUploads(kibPerSecond: number): Promise<void> {
  const settings = await agent.must('GET', '/api/settings');
  await agent.must('PUT', '/api/settings', { ...settings, upload_limit: kibPerSecond });
}

describe('R17: the whole flow, SHA-256 compared', () => {
  it.each([['1 KiB', 1024], ['64 KiB', 65_536], ['1 MiB', MiB], ['100 MiB', 100 * MiB]] as const)('a file of %s', async (label, size) => {
    await backUpAndRestore(folderWith(`size-${size}`, { 'file.bin': noise(size, label) }), `flow-${size}`);
  });

  it('R19: empty files, special characters, extremely long names', async () => {
    await backUpAndRestore(folderWith('odd', { empty: Buffer.alloc(0), ['n'.repeat(255)]: noise(100, 'long'), 'ü ñ 漢字 🎉 "quotes" \'apostrophes\' ; $(rm) \\ %2e%2e': noise(100, 'odd'), '\u202egpj.exe': noise(10, 'bidi'), 'line\nbreak': noise(10, 'line') }), 'flow-odd');
  });

  it('several at once', async () => {
    const folders = Array.from({ length: 6 }, (_, index) => folderWith(`several-${index}`, { 'a.bin': noise(2 * MiB, `several ${index}`), 'b.txt': Buffer.from(`text ${index}`) }));
    await Promise.all(folders.map((folder, index) => backUpAndRestore(folder, `several-${index}`)));
  });
});

describe('R15, R21: one trace through interface, agent, worker and server', () => {
  it('holds spans of every part, each below another, and is kept for the report', async () => {
    const traceId = 'c0ffee'.padEnd(32, '1');
    const { body } = await agent.call<{ job_id: string }>('POST', '/api/start_backup', { paths: [folderWith('traced', { 'file.bin': noise(3 * MiB, 'traced') })] }, { traceparent: `00-${traceId}-00000000000000aa-01` });
    const job = await agent.over(body.job_id);
    expect(job.trace_id).toBe(traceId);
    const { spans } = await agent.must<{ spans: Span[] }>('GET', `/api/observability/traces/${traceId}`);
    const components = new Set(spans.map(({ component }) => component));
    expect([...components].sort()).toEqual(expect.arrayContaining(['agent', 'server', 'worker']));
    const known = new Set(spans.map(({ span_id: id }) => id));
    const orphans = spans.filter(({ parent_span_id: parent }) => parent !== null && parent !== '00000000000000aa' && !known.has(parent));
    expect(orphans).toEqual([]);
    keepTrace({ name: 'a backup of 3 MiB', traceId, spans });
  });
});

describe('connections, cancelling and pausing', () => {
  it('R1, R2: the health of every connection of the companion server, while a backup sends', async () => {
    await limitUploads(2048);
    const id = await backupInTransfer('connections', 'connections');
    try {
      const map = await agent.must<Record<string, ConnectionHealth>>('GET', '/api/server/connection_health');
      const busy = Object.values(map).filter(({ bytes_in: bytes }) => bytes > 0);
      expect(busy.length).toBeGreaterThan(0);
      for (const connection of busy) {
        expect(connection.keep_alive).toBe(true);
        expect(Date.parse(connection.connected_at)).toBeGreaterThan(0);
        expect(['active', 'idle', 'stalled']).toContain(connection.state);
      }
    } finally {
      await agent.must('POST', `/api/cancel/${id}`, { reason: 'seen enough' });
      await limitUploads(0);
    }
  });

  it('R4, R5, R8: a running job is cancelled with its reason, told to everyone, and the server clears and counts the partial upload', async () => {
    await limitUploads(2048);
    const { socket, events } = await agent.listen();
    try {
      const id = await backupInTransfer('cancelled', 'cancelled');
      while ((await agent.must<unknown[]>('GET', '/api/server/partials')).length === 0) await sleep(20);
      const answer = await agent.call('POST', `/api/cancel/${id}`, { reason: 'changed my mind' });
      expect(answer).toMatchObject({ status: 200, body: { success: true, phase: 'CANCELLED', job_id: id, reason: 'changed my mind' } });
      expect(await agent.job(id)).toMatchObject({ state: 'done', phase: 'CANCELLED', cancel_reason: 'changed my mind' });
      while (!events.some(({ name }) => name === 'job_cancelled')) await sleep(10);
      expect(events.find(({ name }) => name === 'job_cancelled')?.payload).toEqual({ job_id: id, phase: 'CANCELLED', reason: 'changed my mind' });
      while ((await agent.must<unknown[]>('GET', '/api/server/partials')).length > 0) await sleep(20);
      const closed = async (): Promise<ConnectionHealth[]> => (await agent.must<{ connections: ConnectionHealth[] }>('GET', '/api/server/closed_connections')).connections;
      while ((await closed()).every(({ partial_clears: clears }) => clears === 0)) await sleep(20);
      expect(await agent.call('POST', `/api/cancel/${id}`, {})).toMatchObject({ status: 409, body: { success: false, phase: 'CANCELLED' } });
    } finally {
      socket.disconnect();
      await limitUploads(0);
    }
  });

  it('R6, R7: cancel all, with a reason for each; the list of what can be cancelled', async () => {
    await limitUploads(2048);
    const { socket, events } = await agent.listen();
    try {
      const ids = [await backupInTransfer('all-1', 'all 1'), await backupInTransfer('all-2', 'all 2')];
      const cancelable = await agent.must<{ job_id: string }[]>('GET', '/api/cancelable_jobs');
      expect(cancelable.map(({ job_id: id }) => id).sort()).toEqual([...ids].sort());
      const [first = '', second = ''] = ids;
      const answer = await agent.must<{ results: Record<string, boolean> }>('POST', '/api/cancel_all', { reason: 'all of them', reasons: { [first]: 'this one' } });
      expect(answer).toEqual({ success: true, results: { [first]: true, [second]: true } });
      expect([(await agent.job(first)).cancel_reason, (await agent.job(second)).cancel_reason]).toEqual(['this one', 'all of them']);
      while (!events.some(({ name }) => name === 'jobs_cancelled')) await sleep(10);
      expect(events.find(({ name }) => name === 'jobs_cancelled')?.payload).toEqual({ results: answer.results, reason: 'all of them', reasons: { [first]: 'this one' } });
      expect(await agent.must('GET', '/api/cancelable_jobs')).toEqual([]);
    } finally {
      socket.disconnect();
      await limitUploads(0);
    }
  });

  it('R9: one partial upload is aborted by id, which ends its job; tried again, the job finishes', async () => {
    await limitUploads(2048);
    const id = await backupInTransfer('aborted', 'aborted');
    let partials: { id: string }[] = [];
    while (partials.length === 0) partials = await agent.must<{ id: string }[]>('GET', '/api/server/partials');
    expect(await agent.call('DELETE', `/api/server/partials/${partials[0]?.id ?? ''}`)).toMatchObject({ status: 200, body: { success: true } });
    expect((await agent.call('DELETE', `/api/server/partials/${partials[0]?.id ?? ''}`)).status).toBe(404);
    await limitUploads(0);
    // The administrator decided, so nothing sends it again by itself.
    const ended = await agent.over(id);
    expect(ended).toMatchObject({ phase: 'FAILED', attempt: 1, error: { code: 'UPLOAD_ENDED' } });
    for (const said of ['an administrator of the server ended it', 'stays stored', 'start again']) expect(ended.error?.message).toContain(said);
    expect((await agent.call('POST', `/api/retry/${id}`)).status).toBe(200);
    expect(await agent.over(id)).toMatchObject({ phase: 'COMPLETED', error: null });
  });

  it('a paused job survives a restart of the agent, and goes on without sending again what was stored', async () => {
    await limitUploads(8192);
    const before = sizeOfPacks();
    const id = await backupInTransfer('paused', 'paused');
    // What is in whole packs counts as stored; several are on their way at the same time.
    while (sizeOfPacks() - before < 20 * MiB) await sleep(20);
    expect(await agent.must('POST', `/api/pause/${id}`)).toMatchObject({ success: true, phase: 'PAUSED' });
    const stored = sizeOfPacks() - before;
    await limitUploads(0);
    expect(await agent.kill('SIGTERM')).toBe(0);
    agent = await AgentProcess.start(home);
    expect(await agent.job(id)).toMatchObject({ state: 'paused', phase: 'PAUSED' });
    await agent.must('POST', `/api/resume/${id}`);
    const job = await agent.over(id);
    expect(job.phase).toBe('COMPLETED');
    expect(Number(job.summary?.['data_added'])).toBeLessThan(64 * MiB - 0.9 * stored);
  });

  function sizeOfPacks(): number {
    const folder = path.join(home, 'cyberbackup', 'server', 'default', 'data');
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.length === 64)
      .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);
  }
});

describe('R3, R18: failures on the way', () => {
  it('an address where no server is cannot be added, and says so', async () => {
    const gone = await agent.call<{ error: { code: string } }>('POST', '/api/repositories', { url: `rest:http://127.0.0.1:${await freePort()}/x/`, password: 'whatever' });
    expect(gone.body.error.code).toBe('STORAGE_UNREACHABLE');
    expect((await agent.must<{ repositories: { url: string }[] }>('GET', '/api/repositories')).repositories.every(({ url }) => !url.endsWith('/x/'))).toBe(true);
  });

  it('a server that goes away: each attempt is in the job with its cause and the time of the next; it finishes when the server is back', async () => {
    const data = path.join(place, 'retry-data');
    mkdirSync(data);
    const port = await freePort();
    const server = await startOurServer(data, port, path.join(place, 'retry-server'));
    const { repository_id: repository } = await agent.must<{ repository_id: string }>('POST', '/api/repositories', { url: `rest:http://127.0.0.1:${port}/mine/`, password: testPassword });
    await server.kill('SIGKILL');
    const id = await agent.startBackup([folderWith('retry', { 'file.bin': noise(MiB, 'retry') })], { repository_id: repository });
    const waiting = await agent.until(id, ({ state }) => state === 'waiting');
    expect(waiting).toMatchObject({ phase: 'WAITING_RETRY', attempts: [{ attempt: 1, error: { code: 'STORAGE_UNREACHABLE' } }] });
    expect(Date.parse(waiting.next_attempt_at ?? '')).toBeGreaterThan(Date.parse(waiting.attempts[0]?.finished_at ?? ''));
    const back = await startOurServer(data, port, path.join(place, 'retry-server'));
    try {
      const job = await agent.over(id);
      expect(job).toMatchObject({ phase: 'COMPLETED', error: null });
      expect(job.attempts.at(-1)).toMatchObject({ error: null });
    } finally {
      await back.kill('SIGTERM');
    }
  });

  it('rapid requests: forty jobs at once are all kept and all end', async () => {
    const folder = folderWith('rapid', { 'file.txt': Buffer.from('quick') });
    const ids = await Promise.all(Array.from({ length: 40 }, () => agent.startBackup([folder])));
    expect(new Set(ids).size).toBe(40);
    await agent.must('POST', '/api/cancel_all', { reason: 'enough' });
    for (const id of ids) expect(['COMPLETED', 'CANCELLED']).toContain((await agent.over(id)).phase);
  });
});
