/** The local API besides its operations: tokens, sessions, headers, pages, rates, traces, documents. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import { openApiDocument } from '../../shared/contract/openapi.ts';
import { startTestAgent } from '../testing/test-agent.ts';
import type { TestAgent, TestAgentOptions } from '../testing/test-agent.ts';
import { Credentials } from './credentials.ts';
import { parseListenAddress } from './listen-address.ts';
import { RateLimiter } from './rate-limiter.ts';
import { ensureToken, readToken } from './token-file.ts';

const folder = temporaryFolder('local-api');
const agents: TestAgent[] = [];

async function start(options: TestAgentOptions = {}): Promise<TestAgent> {
  const agent = await startTestAgent(options);
  agents.push(agent);
  return agent;
}

let agent: TestAgent;

beforeAll(async () => {
  agent = await startTestAgent();
});

afterEach(async () => {
  for (const one of agents.splice(0)) await one.stop();
});

afterAll(async () => {
  await agent.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the address to listen on', () => {
  it.each([
    ['127.0.0.1:9090', '127.0.0.1', 9090],
    ['localhost:1', '127.0.0.1', 1],
    [':9191', '127.0.0.1', 9191],
    ['9191', '127.0.0.1', 9191],
    ['[::1]:9191', '::1', 9191],
    ['127.8.9.1:0', '127.8.9.1', 0],
  ])('%s', (text, host, port) => {
    expect(parseListenAddress(text)).toEqual({ host, port });
  });

  it.each(['0.0.0.0:9090', '192.168.1.5:9090', '[::]:9090', 'example.org:9090', '127.0.0.1', '127.0.0.1:70000', '::1:9090', '[localhost]:1', '', 'x', '127.0.0.1:9090/'])('refuses %j', (text) => {
    expect(() => parseListenAddress(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  it('that is taken is a failure in one line, or another one where any will do', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = other.address() as AddressInfo;
      const { startAgent } = await import('../agent.ts');
      const { createFakeParts } = await import('../testing/fake-parts.ts');
      const { recordTelemetry } = await import('../testing/fake-telemetry.ts');
      const { systemClock } = await import('../../core/platform/clock.ts');
      const home = join(folder, 'taken');
      const options = { folders: { configuration: home, data: home, cache: home }, listen: { host: '127.0.0.1', port }, programVersion: '1' };
      const ports = { clock: systemClock, telemetry: recordTelemetry(), createParts: async (...given: Parameters<typeof createFakeParts>) => createFakeParts(...given) };
      await expect(startAgent(options, ports)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
      // The lock was given back: the same home can be used at once.
      const again = await startAgent({ ...options, listen: { host: '127.0.0.1', port: 0 } }, ports);
      await again.stop();
      const elsewhere = await startAgent({ ...options, elseAnyPort: true }, ports);
      expect(Number(new URL(elsewhere.url).port)).not.toBe(port);
      expect((await fetch(`${elsewhere.url}/health`, { headers: { connection: 'close' } })).status).toBe(200);
      await elsewhere.stop();
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });
});

describe('the token file', () => {
  it('is made once, with 256 bits, for its owner only', async () => {
    const path = join(folder, 'token-1');
    const [first, second] = await Promise.all([ensureToken(path), ensureToken(path)]);
    expect(first).toBe(second);
    expect(Buffer.from(first, 'base64url')).toHaveLength(32);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await ensureToken(path)).toBe(first);
  });

  it.skipIf(process.platform === 'win32').each([0o640, 0o604, 0o620])('with mode %o is refused', async (mode) => {
    const path = join(folder, `token-${mode}`);
    await ensureToken(path);
    chmodSync(path, mode);
    await expect(readToken(path)).rejects.toMatchObject({ code: 'CONFIGURATION', message: expect.stringMatching(/other users/) as string });
  });

  it.each(['', 'short', `${'x'.repeat(43)} y`])('with the text %j is refused', async (text) => {
    const path = join(folder, 'token-bad');
    rmSync(path, { force: true });
    writeFileSync(path, text, { mode: 0o600 });
    await expect(ensureToken(path)).rejects.toMatchObject({ code: 'CONFIGURATION' });
  });
});

describe('credentials', () => {
  it('a login code starts one session, within a minute', async () => {
    const clock = new FakeClock();
    const credentials = new Credentials('token', clock);
    const code = credentials.makeLoginCode();
    expect(credentials.admits(code)).toBe(false);
    const session = credentials.startSession(code);
    expect(credentials.admits(session)).toBe(true);
    expect(credentials.startSession(code)).toBeUndefined();
    const late = credentials.makeLoginCode();
    await clock.advance(60_000);
    expect(credentials.startSession(late)).toBeUndefined();
    expect(credentials.startSession(undefined)).toBeUndefined();
    expect(credentials.startSession('token')).toBeUndefined();
  });

  it('a session ends a day after its last use', async () => {
    const clock = new FakeClock();
    const credentials = new Credentials('token', clock);
    const session = credentials.startSession(credentials.makeLoginCode());
    await clock.advance(23 * 3_600_000);
    expect(credentials.admits(session)).toBe(true);
    await clock.advance(23 * 3_600_000);
    expect(credentials.admits(session)).toBe(true);
    await clock.advance(24 * 3_600_000);
    expect(credentials.admits(session)).toBe(false);
    expect(credentials.admits('token')).toBe(true);
  });

  it('the oldest session gives way to the sixty-fifth', () => {
    const credentials = new Credentials('token', new FakeClock());
    const sessions = Array.from({ length: 65 }, () => credentials.startSession(credentials.makeLoginCode()));
    expect(sessions.map((session) => credentials.admits(session)).filter((admitted) => !admitted)).toHaveLength(1);
    expect(credentials.admits(sessions[0])).toBe(false);
  });

  it('over HTTP: a code in the Authorization header becomes a token of its own', async () => {
    const login = (token: string | null) => agent.send({ method: 'POST', target: '/api/session', token });
    const code = agent.agent.makeLoginCode();
    const answer = await login(code);
    expect(answer.status).toBe(200);
    const { token } = answer.body as { token: string };
    expect(token).not.toBe(agent.token);
    expect((await agent.send({ target: '/api/jobs', token })).status).toBe(200);
    for (const wrong of [code, null, 'nonsense', agent.token, token]) expect(await login(wrong)).toMatchObject({ status: 401, body: { success: false, error: { code: 'UNAUTHORIZED' } } });
    expect(await agent.send({ target: '/api/jobs', token: agent.agent.makeLoginCode() })).toMatchObject({ status: 401 });
  });

  it('only a holder of the token gets a code', async () => {
    expect(await agent.send({ method: 'POST', target: '/api/login_code', token: null })).toMatchObject({ status: 401 });
    const { code } = (await agent.send({ method: 'POST', target: '/api/login_code' })).body as { code: string };
    expect(await agent.send({ method: 'POST', target: '/api/session', token: code })).toMatchObject({ status: 200 });
  });
});

describe('what needs no token', () => {
  it('GET /health says that the agent answers', async () => {
    expect(await agent.send({ target: '/health', token: null })).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('the page at / explains itself, without a script', async () => {
    const { status, headers, text } = await agent.send({ target: '/', token: null });
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(text).not.toMatch(/<script|onload|javascript:/);
    expect(text).not.toContain(agent.token);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'.*frame-ancestors 'none'; style-src 'sha256-[\w+/]+='$/);
  });

  it.skipIf(process.platform === 'win32')('the interface, its files and nothing beside them', async () => {
    const files = join(folder, 'interface');
    mkdirSync(join(files, 'assets'), { recursive: true });
    writeFileSync(join(files, 'index.html'), '<title>interface</title>');
    writeFileSync(join(files, 'assets', 'app.js'), '1');
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    symlinkSync(join(folder, 'secret.txt'), join(files, 'linked.txt'));
    const served = await start({ interfaceFolder: files });
    const get = (target: string) => served.send({ target, token: null });
    for (const target of ['/', '/index.html', '/jobs/job-1', '/health/connections', '/?x=1']) expect(await get(target)).toMatchObject({ status: 200, text: '<title>interface</title>' });
    expect(await served.send({ target: '/health', token: null, headers: { 'Sec-Fetch-Dest': 'document' } })).toMatchObject({ status: 200, text: '<title>interface</title>' });
    expect(await get('/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
    const script = await get('/assets/app.js');
    expect(script).toMatchObject({ status: 200, text: '1', headers: { 'content-type': 'text/javascript; charset=utf-8' } });
    expect(script.headers['content-security-policy']).toContain("script-src 'self'");
    for (const target of ['/linked.txt', '/../secret.txt', '/%2e%2e/secret.txt', '/assets/../../secret.txt', '/assets/missing.js']) expect((await get(target)).text).not.toContain('secret"');
    expect(await get('/linked.txt')).toMatchObject({ status: 404 });
    expect(await get('/assets/missing.js')).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
    expect(await served.send({ method: 'POST', target: '/index.html', token: null })).toMatchObject({ status: 401 });
  });
});

it("allows of the interface's page what was built into it, and no other script", async () => {
  const files = join(folder, 'page');
  mkdirSync(files);
  writeFileSync(join(files, 'index.html'), '<script>first()</script><style>b{}</style><script type="module" src="/a.js"></script>');
  const served = await start({ interfaceFolder: files });
  const policy = String((await served.send({ target: '/', token: null })).headers['content-security-policy']);
  const digest = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  expect(policy).toContain(`script-src 'self' ${digest('first()')}; style-src 'self' ${digest('b{}')};`);
  expect(policy).not.toContain('unsafe');
});

describe('every answer', () => {
  it.each(['/health', '/api/jobs', '/api/jobs/nobody', '/nothing', '/metrics', '/'])('%s forbids caching, sniffing, framing and sharing', async (target) => {
    const { headers } = await agent.send({ target });
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY', 'cross-origin-resource-policy': 'same-origin' });
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'.*frame-ancestors 'none'/);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('documents', () => {
  it('GET /api/openapi.json is the description for this address', async () => {
    const expected = openApiDocument({ programVersion: '0.0.0-test', serverUrl: `http://127.0.0.1:${agent.port}` });
    expect((await agent.send({ target: '/api/openapi.json' })).body).toEqual(JSON.parse(JSON.stringify(expected)));
  });

  it('GET /metrics is the text of Prometheus', async () => {
    expect(await agent.send({ target: '/metrics' })).toMatchObject({ status: 200, text: '# TYPE up gauge\nup 1\n', headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } });
  });
});

describe('traces', () => {
  it('each request is a span and is timed; its trace comes back', async () => {
    const answer = await agent.send({ target: '/api/jobs' });
    expect(answer.headers['x-trace-id']).toMatch(/^[0-9a-f]{32}$/);
    expect(agent.telemetry.spans.at(-1)).toEqual({ name: 'api list_jobs', parent: undefined });
    expect(agent.telemetry.timed).toContain('api_request_ms');
  });

  it('a traceparent is honoured, and a job belongs to that trace', async () => {
    const trace = 'ab'.repeat(16);
    const traceparent = `00-${trace}-${'cd'.repeat(8)}-01`;
    const answer = await agent.send({ method: 'POST', target: '/api/start_backup', body: JSON.stringify({ paths: [folder] }), headers: { traceparent } });
    expect(answer.headers['x-trace-id']).toBe(trace);
    const { job_id: id } = answer.body as { job_id: string };
    expect(agent.parts.runner.get(id).trace_id).toBe(trace);
  });

  it.each(['nonsense', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`, `ff-${'a'.repeat(32)}-${'1'.repeat(16)}-01`])('the traceparent %j is not', async (traceparent) => {
    await agent.send({ target: '/api/jobs', headers: { traceparent } });
    expect(agent.telemetry.spans.at(-1)?.parent).toBeUndefined();
  });
});

describe('R18: rapid requests', () => {
  it('fills a bucket again with time', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(clock, { burst: 3, perSecond: 2 });
    expect([1, 2, 3, 4].map(() => limiter.take('admitted'))).toEqual([0, 0, 0, 1]);
    expect(limiter.take('stranger')).toBe(0);
    await clock.advance(500);
    expect([1, 2].map(() => limiter.take('admitted'))).toEqual([0, 1]);
  });

  it('beyond the limit get 429 with Retry-After; cancelling gets through, and strangers take nothing from the rest', async () => {
    const clock = new FakeClock();
    const limited = await startLimited(clock, { burst: 5, perSecond: 1 });
    const strangers = await Promise.all(Array.from({ length: 20 }, () => limited.send({ target: '/api/jobs', token: 'wrong' })));
    expect(strangers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([...Array<number>(5).fill(401), ...Array<number>(15).fill(429)]);
    const answers = await Promise.all(Array.from({ length: 20 }, () => limited.send({ target: '/api/jobs' })));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(15);
    expect(refused[0]).toMatchObject({ headers: { 'retry-after': '1' }, body: { success: false, error: { code: 'RATE_LIMITED' } } });
    for (let time = 0; time < 10; time += 1) expect(await limited.send({ method: 'POST', target: '/api/cancel_all' })).toMatchObject({ status: 200 });
    expect(await limited.send({ method: 'POST', target: '/api/cancel_all', token: 'wrong' })).toMatchObject({ status: 429 });
    await clock.advance(1000);
    expect((await limited.send({ target: '/api/jobs' })).status).toBe(200);
  });

  /** The lock of the home waits a moment on the same clock. */
  async function startLimited(clock: FakeClock, rateLimits: { burst: number; perSecond: number }): Promise<TestAgent> {
    const starting = start({ clock, rateLimits });
    while (clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(1000);
    return await starting;
  }

  it('one after the other on one connection, a thousand, all answered', async () => {
    for (let time = 0; time < 200; time += 1) await Promise.all(Array.from({ length: 5 }, () => agent.client.list_cancelable_jobs().then(() => undefined, (error: unknown) => expect(error).toMatchObject({ code: 'RATE_LIMITED' }))));
    expect((await agent.send({ target: '/health', token: null })).status).toBe(200);
  });
});

describe('a caller who leaves', () => {
  it('takes the question along that is being answered', async () => {
    const leaving = new AbortController();
    const left = fetch(`${agent.agent.url}/api/repositories/drive/snapshots/latest/tree?path=/slow`, { headers: { Authorization: `Bearer ${agent.token}` }, signal: leaving.signal });
    await agent.parts.readers.asked;
    leaving.abort();
    await expect(left).rejects.toThrow(/abort/i);
    expect(await agent.parts.readers.left).toBe('list_tree');
  });
});

describe('a stop in the middle', () => {
  it('ends open requests and event clients, removes agent.json, and gives the home free', async () => {
    const home = join(folder, 'stopped');
    const first = await startTestAgent({ folder: home });
    expect(JSON.parse(readFileSync(join(home, 'agent.json'), 'utf8'))).toEqual({ url: first.agent.url, pid: process.pid, version: '0.0.0-test' });
    const { runner } = first.parts;
    let arrived: () => void = () => undefined;
    const inside = new Promise<void>((resolve) => (arrived = resolve));
    runner.resume = () => {
      arrived();
      return new Promise(() => undefined);
    };
    const open = first.client.resume_job({ job_id: 'x' }).catch((error: unknown) => error);
    await inside;
    await first.stop();
    expect(await open).toMatchObject({ code: 'AGENT_NOT_RUNNING' });
    expect(() => readFileSync(join(home, 'agent.json'))).toThrow(/ENOENT/);
    const second = await startTestAgent({ folder: home });
    expect(second.token).toBe(first.token);
    await second.stop();
  });
});
