/** R18 at the local API: whatever is sent, a 4xx with a code and the field at fault, and nothing changes. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { toHttpRequest } from '../../shared/contract/http-request.ts';
import { operationNames, operations } from '../../shared/contract/operations.ts';
import { repositoryId } from '../testing/fake-repositories.ts';
import { startTestAgent } from '../testing/test-agent.ts';
import type { Answer, RawRequest, TestAgent } from '../testing/test-agent.ts';

const folder = temporaryFolder('hostile');
const source = join(folder, 'source');
let agent: TestAgent;

beforeAll(async () => {
  mkdirSync(source);
  writeFileSync(join(source, 'file'), 'x');
  agent = await startTestAgent({ rateLimits: { burst: 1e9, perSecond: 1e9 } });
});

afterAll(async () => {
  await agent.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Nothing changed: no job, no plan, the one repository, the default settings. */
afterEach(() => {
  expect(agent.parts.runner.all).toEqual([]);
  expect(agent.parts.plans.list()).toEqual([]);
  expect(agent.parts.repositories.list()).toHaveLength(1);
  expect(agent.parts.settings.document.settings.concurrency).toBe(2);
});

const post = (target: string, body: string, more: Partial<RawRequest> = {}): Promise<Answer> => agent.send({ method: 'POST', target, body, ...more });
const backup = (body: unknown): Promise<Answer> => post('/api/start_backup', JSON.stringify(body));

function expectRefusal(answer: Answer, status: number, code: string, path?: string): void {
  expect(answer.body).toMatchObject({ success: false, error: { code, message: expect.any(String) as string, ...(path === undefined ? {} : { path }) } });
  expect(answer.status).toBe(status);
  expect(answer.text).not.toMatch(/\n\s+at /);
}

describe('R18: bodies', () => {
  it.each(['{', '{"paths":["/a",]}', 'paths=/a', '\u0000', '[', '"', 'undefined', "{'a':1}"])('malformed JSON %j', async (text) => {
    expectRefusal(await post('/api/start_backup', text), 400, 'INVALID_INPUT', 'body');
  });

  it.each([
    ['without the field', {}, 'paths'],
    ['with another field', { paths: [source], command: 'rm -rf /' }, 'command'],
    ['with a wrong type', { paths: source }, 'paths'],
    ['with a wrong element', { paths: [source, 7] }, 'paths.1'],
    ['with no element', { paths: [] }, 'paths'],
    ['with an empty path', { paths: [''] }, 'paths.0'],
    ['with a relative path', { paths: [source, 'Documents'] }, 'paths.1'],
    ['with a null character', { paths: [`${source}\u0000.txt`] }, 'paths.0'],
    ['with a broken pattern', { paths: [source], excludes: ['*.tmp', '[a'] }, 'excludes.1'],
    ['with a broken pattern in an object', { paths: [source], excludes: { patterns: ['[a'] } }, 'excludes.patterns.0'],
    ['with a priority that is none', { paths: [source], priority: 1e9 }, 'priority'],
    ['with an id of path characters', { paths: [source], repository_id: '../../etc' }, 'repository_id'],
  ])('a backup %s', async (_, body, path) => {
    expectRefusal(await backup(body), 400, 'INVALID_INPUT', path);
  });

  it('a backup of what does not exist', async () => {
    expectRefusal(await backup({ paths: [source, join(folder, 'missing')] }), 404, 'PATH_NOT_FOUND', 'paths.1');
    expectRefusal(await backup({ paths: [join(source, 'file', 'below')] }), 404, 'PATH_NOT_FOUND', 'paths.0');
    expectRefusal(await backup({ paths: [`/${'x'.repeat(60_000)}`] }), 404, 'PATH_NOT_FOUND', 'paths.0');
  });

  it('a backup into a repository that nobody knows, or of a plan that nobody knows', async () => {
    expectRefusal(await backup({ paths: [source], repository_id: 'nobody' }), 404, 'REPOSITORY_NOT_FOUND', 'repository_id');
    expectRefusal(await backup({ paths: [source], plan_id: 'nobody' }), 404, 'PLAN_NOT_FOUND', 'plan_id');
  });

  it('a restore to a relative path, or onto a file', async () => {
    const restore = { repository_id: repositoryId, snapshot: 'latest' };
    expectRefusal(await post('/api/start_restore', JSON.stringify({ ...restore, target: 'here' })), 400, 'INVALID_INPUT', 'target');
    expectRefusal(await post('/api/start_restore', JSON.stringify({ ...restore, target: join(source, 'file') })), 400, 'INVALID_INPUT', 'target');
    expectRefusal(await post('/api/start_restore', JSON.stringify({ ...restore, snapshot: '--help', target: folder })), 400, 'INVALID_INPUT', 'snapshot');
  });

  it('a pause until a time that is over, settings with a port that is none', async () => {
    expectRefusal(await post('/api/pause_all', '{"until":"2001-01-01T00:00:00Z"}'), 400, 'INVALID_INPUT', 'until');
    expectRefusal(await post('/api/settings', '{"embedded_server":{"listen":"127.0.0.1:70000"}}', { method: 'PUT' }), 400, 'INVALID_INPUT', 'embedded_server.listen');
    expectRefusal(await post('/api/settings', '{"embedded_server":{"listen":"0.0.0.0:1256"}}', { method: 'PUT' }), 400, 'INVALID_INPUT', 'embedded_server.listen');
  });

  it('a plan with a relative path', async () => {
    expectRefusal(await post('/api/plans', JSON.stringify({ name: 'p', repository_id: repositoryId, paths: ['here'] })), 400, 'INVALID_INPUT', 'paths.0');
  });

  it('over a megabyte, which the client sends to its end all the same', async () => {
    expectRefusal(await backup({ paths: ['x'.repeat(1024 * 1024)] }), 413, 'BODY_TOO_LARGE', 'body');
    expectRefusal(await post('/api/start_backup', `"${'x'.repeat(16 * 1024 * 1024)}"`), 413, 'BODY_TOO_LARGE', 'body');
    expectRefusal(await post('/api/start_backup', 'x'.repeat(2 * 1024 * 1024), { headers: { 'Transfer-Encoding': 'chunked' } }), 413, 'BODY_TOO_LARGE', 'body');
  });

  it('that is not UTF-8', async () => {
    const body = Buffer.concat([Buffer.from(`{"paths":["${source}"],"tags":["`), Buffer.from([0xff]), Buffer.from('"]}')]);
    expectRefusal(await agent.send({ method: 'POST', target: '/api/start_backup', body }), 400, 'INVALID_INPUT', 'body');
  });

  it('nested without end, or made to change prototypes', async () => {
    expectRefusal(await post('/api/start_backup', '['.repeat(500_000)), 400, 'INVALID_INPUT');
    expectRefusal(await post('/api/start_backup', `${'['.repeat(200_000)}${']'.repeat(200_000)}`), 400, 'INVALID_INPUT');
    expectRefusal(await post('/api/start_backup', `{"paths":["${source}"],"__proto__":{"priority":1}}`), 400, 'INVALID_INPUT', '__proto__');
    expectRefusal(await post('/api/start_backup', `{"paths":["${source}"],"constructor":{"prototype":{}}}`), 400, 'INVALID_INPUT', 'constructor');
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp', ''])('of type %j', async (type) => {
    expectRefusal(await post('/api/start_backup', JSON.stringify({ paths: [source] }), { headers: { 'Content-Type': type } }), 400, 'INVALID_INPUT', 'content-type');
  });
});

describe('R18: addresses', () => {
  it.each([
    ['/api/jobs/..%2F..%2Fetc%2Fpasswd', 400, 'INVALID_INPUT', 'job_id'],
    ['/api/jobs/%2e%2e', 400, 'INVALID_INPUT', 'job_id'],
    ['/api/jobs/a%00b', 400, 'INVALID_INPUT', 'job_id'],
    ['/api/jobs/a%252fb', 400, 'INVALID_INPUT', 'job_id'],
    ['/api/jobs/%zz', 400, 'INVALID_INPUT', undefined],
    ['/api/jobs/%E0%A4%A', 400, 'INVALID_INPUT', undefined],
    [`/api/jobs/${'x'.repeat(65)}`, 400, 'INVALID_INPUT', 'job_id'],
    ['/api/jobs/', 400, 'INVALID_INPUT', 'job_id'],
    ['/api/jobs?limit=0', 400, 'INVALID_INPUT', 'limit'],
    ['/api/jobs?limit=many', 400, 'INVALID_INPUT', 'limit'],
    ['/api/jobs?limit=1&limit=2', 400, 'INVALID_INPUT', 'limit'],
    ['/api/jobs?state=', 400, 'INVALID_INPUT', 'state'],
    ['/api/jobs?verbose=1', 400, 'INVALID_INPUT', 'verbose'],
    ['/api/jobs?before=../x', 400, 'INVALID_INPUT', 'before'],
    ['/api/observability/metrics?window=99999', 400, 'INVALID_INPUT', 'window'],
    ['/api/observability/traces/zz', 400, 'INVALID_INPUT', 'trace_id'],
    ['/api/repositories/drive/snapshots/..%2f/tree', 400, 'INVALID_INPUT', 'snapshot'],
    ['/api/jobs/nobody', 404, 'JOB_NOT_FOUND', 'job_id'],
    ['/api/jobs?before=nobody', 404, 'JOB_NOT_FOUND', 'before'],
    [`/api/jobs/${'x'.repeat(5000)}`, 400, 'INVALID_INPUT', undefined],
    ['/api/jobs/../../etc/passwd', 404, 'NOT_FOUND', undefined],
    ['/api//jobs', 404, 'NOT_FOUND', undefined],
    ['/API/jobs', 404, 'NOT_FOUND', undefined],
    ['/api/nothing', 404, 'NOT_FOUND', 'url'],
    ['/api', 404, 'NOT_FOUND', undefined],
    ['/../api-token', 404, 'NOT_FOUND', undefined],
    ['/%2e%2e/api-token', 404, 'NOT_FOUND', undefined],
    ['http://evil.example/api/jobs', 400, 'INVALID_INPUT', undefined],
    ['*', 400, 'INVALID_INPUT', undefined],
  ])('GET %s', async (target, status, code, path) => {
    expectRefusal(await agent.send({ target }), status, code, path);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s of what can only be read', async (method) => {
    const answer = await agent.send({ method, target: '/api/cancelable_jobs' });
    expectRefusal(answer, 405, 'METHOD_NOT_ALLOWED');
    expect(answer.headers['allow']).toMatch(/GET/);
  });

  it('OPTIONS allows nothing to nobody', async () => {
    const answer = await agent.send({ method: 'OPTIONS', target: '/api/jobs', token: null });
    expectRefusal(answer, 405, 'METHOD_NOT_ALLOWED');
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expectRefusal(await agent.send({ method: 'OPTIONS', target: '/api/jobs', token: null, headers: { Origin: 'http://evil.example', 'Access-Control-Request-Method': 'POST' } }), 403, 'FORBIDDEN');
  });

  it.each(['GET / HTTP/1.1\r\n\r\n', 'GET /api/jobs HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n', 'GET /health HTTP/1.0\r\n\r\n', 'NONSENSE\r\n\r\n', 'GET /api/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 'GET /api/jobs HTTP/1.1\r\nHost: PORT\r\nHost: evil.example\r\nConnection: close\r\n\r\n', 'GET /api/jobs HTTP/1.1\r\nHost: PORT\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', 'GET /ws HTTP/1.1\r\nHost: PORT\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'])(
    'what is hardly HTTP: %j',
    async (bytes) => {
      const answer = await new Promise<string>((resolve, reject) => {
        let text = '';
        const socket = connect(agent.port, '127.0.0.1', () => socket.write(bytes.replaceAll('Host: PORT', `Host: 127.0.0.1:${agent.port}`)));
        socket.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        socket.once('close', () => resolve(text)).once('error', reject);
      });
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    },
  );
});

describe('R18: who asks', () => {
  const own = (): string => `127.0.0.1:${agent.port}`;

  it.each([null, '', 'wrong', 'x'.repeat(43)])('with the token %j', async (token) => {
    for (const target of ['/api/jobs', '/api/openapi.json', '/metrics', '/api/nothing']) {
      const answer = await agent.send({ target, token });
      expectRefusal(answer, 401, 'UNAUTHORIZED', 'authorization');
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    }
    expectRefusal(await post('/api/cancel_all', '{}', { token }), 401, 'UNAUTHORIZED');
  });

  it('with the token in another place than the header', async () => {
    expectRefusal(await agent.send({ target: `/api/jobs?token=${agent.token}`, token: null }), 401, 'UNAUTHORIZED');
    expectRefusal(await agent.send({ target: '/api/jobs', token: null, headers: { Cookie: `token=${agent.token}`, Authorization: `Basic ${Buffer.from(`x:${agent.token}`).toString('base64')}` } }), 401, 'UNAUTHORIZED');
  });

  it.each(['evil.example', 'evil.example:PORT', '127.0.0.1', '127.0.0.1:1', '10.0.0.1:PORT', 'localhost.evil.example:PORT', '127.0.0.1.evil.example:PORT', '0.0.0.0:PORT', '[::2]:PORT', 'localhost:PORT@evil'])(
    'with the Host %s, token or not, health or not',
    async (host) => {
      const headers = { Host: host.replace('PORT', String(agent.port)) };
      for (const target of ['/api/jobs', '/health', '/', '/metrics']) expectRefusal(await agent.send({ target, headers }), 403, 'FORBIDDEN', 'host');
    },
  );

  it.each(['127.0.0.1:PORT', 'localhost:PORT', 'LOCALHOST:PORT', '127.1.2.3:PORT', '[::1]:PORT'])('the Host %s is one of ours', async (host) => {
    expect((await agent.send({ target: '/api/jobs', headers: { Host: host.replace('PORT', String(agent.port)) } })).status).toBe(200);
  });

  it.each(['http://evil.example', 'null', 'https://127.0.0.1:PORT', 'http://127.0.0.1:1', 'http://localhost:PORT', 'file://', 'http://127.0.0.1:PORT.evil.example', ''])('from the Origin %s', async (origin) => {
    const headers = { Origin: origin.replace('PORT', String(agent.port)) };
    expectRefusal(await post('/api/start_backup', JSON.stringify({ paths: [source] }), { headers }), 403, 'FORBIDDEN', 'origin');
    expectRefusal(await agent.send({ target: '/health', headers }), 403, 'FORBIDDEN');
  });

  it('from its own Origin is let in', async () => {
    expect((await agent.send({ target: '/api/jobs', headers: { Origin: `http://${own()}`, 'Sec-Fetch-Site': 'same-origin' } })).status).toBe(200);
  });

  it.each(['cross-site', 'same-site', 'nonsense'])('from a page that is %s', async (site) => {
    expectRefusal(await post('/api/start_backup', JSON.stringify({ paths: [source] }), { headers: { 'Sec-Fetch-Site': site } }), 403, 'FORBIDDEN', 'sec-fetch-site');
    expectRefusal(await agent.send({ target: '/', headers: { 'Sec-Fetch-Site': site } }), 403, 'FORBIDDEN');
    const navigation = { 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };
    expectRefusal(await agent.send({ target: '/api/jobs', headers: navigation }), 403, 'FORBIDDEN');
    expectRefusal(await agent.send({ target: '/', headers: { ...navigation, 'Sec-Fetch-Dest': 'iframe' } }), 403, 'FORBIDDEN');
    expect((await agent.send({ target: '/', token: null, headers: navigation })).status).toBe(200);
  });

  it('is decided before the body arrives', async () => {
    const head = `POST /api/start_backup HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n`;
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(agent.port, '127.0.0.1', () => socket.write(head));
      socket.setEncoding('utf8').once('data', (piece: string) => {
        socket.destroy();
        resolve(piece);
      });
      socket.once('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  });
});

describe('R18: anything at all', () => {
  const ids = fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.constantFrom('..', 'nobody', '__proto__', 'latest', '%00', 'a/b', repositoryId));
  // What could work on the parts is left out: the other tests hold that nothing changed.
  const safe = operationNames.filter((name) => !['add_repository', 'update_repository', 'remove_repository', 'update_settings', 'abort_partial', 'start_check', 'start_restore', 'set_up_default_repository'].includes(name));

  it('never gets a 5xx, for any operation and any fields', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...safe), fc.dictionary(fc.oneof(ids, fc.constantFrom('paths', 'reason', 'until', 'limit', 'state', 'schedule', 'excludes')), fc.jsonValue()), ids, async (name, fields, id) => {
        const inPath = [...operations[name].path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
        // As a query: an object of any kind is no text.
        const asText = Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, typeof value === 'object' ? JSON.stringify(value) : value]));
        const { method, target, body } = toHttpRequest(operations[name], { ...(operations[name].method === 'GET' || operations[name].method === 'DELETE' ? asText : fields), ...Object.fromEntries(inPath.map((field) => [field, id.toWellFormed()])) });
        const answer = await agent.send({ method, target, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
        expect(answer.status, answer.text).toBeLessThan(500);
        if (answer.status >= 400) expect(answer.body).toMatchObject({ success: false, error: { code: expect.any(String) as string } });
      }),
      { numRuns: 400 },
    );
  });

  it('never gets a 5xx, for any bytes as a body', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect((await agent.send({ method: 'POST', target: '/api/start_backup', body: Buffer.from(bytes) })).status).toBe(400);
      }),
      { numRuns: 100 },
    );
  });
});

describe('R18: a defect of the program', () => {
  it('is a 500 without details, which are in the log under the trace', async () => {
    agent.faults.unexpected = new Error('secret detail');
    try {
      const answer = await agent.send({ target: '/api/jobs/some-job' });
      expectRefusal(answer, 500, 'INTERNAL');
      expect(answer.text).not.toContain('secret detail');
      const trace = answer.headers['x-trace-id'];
      expect(answer.text).toContain(trace);
      expect(agent.telemetry.lines.at(-1)).toMatchObject({ level: 'error', fields: { trace_id: trace, reason: 'secret detail', stack: expect.stringContaining('at ') as string } });
    } finally {
      delete agent.faults.unexpected;
    }
  });
});

describe('the token', () => {
  it('is never in the log', async () => {
    await agent.send({ target: '/api/jobs' });
    expect(JSON.stringify(agent.telemetry.lines)).not.toContain(agent.token);
  });
});

describe('links', () => {
  it.skipIf(process.platform === 'win32')('as a source are what is saved, wherever they lead', async () => {
    symlinkSync('/nowhere', join(folder, 'link'));
    const answer = await backup({ paths: [join(folder, 'link')], repository_id: repositoryId });
    expect(answer.status).toBe(202);
    agent.parts.runner.all.splice(0);
  });
});
