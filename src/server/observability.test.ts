import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../test/support/free-port.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { silentLogger } from '../core/platform/logger.ts';
import { serverProof, tokenDigest } from '../core/platform/server-proof.ts';
import { connectionHealth } from '../shared/contract/schemas/connection-health.ts';
import { metrics as metricsSchema, span as spanSchema } from '../shared/contract/schemas/observability.ts';
import { newSpanId, newTraceId, traceparentOf } from '../telemetry/traceparent.ts';
import { randomObject, startTestServer, until } from './testing/test-server.ts';
import type { Answer, TestServer } from './testing/test-server.ts';

describe('what the server tells about itself', () => {
  let server: TestServer;
  const lines: Record<string, unknown>[] = [];

  beforeAll(async () => {
    const note = (fields: Record<string, unknown>, msg: string): void => void lines.push({ ...fields, msg });
    server = await startTestServer({}, { logger: { ...silentLogger, info: note, debug: note } });
    await server.call('POST', '/?create=true');
  });

  afterAll(() => server.stop());

  const asAdministrator = (pathAndQuery: string): Promise<Answer> => server.call('GET', pathAndQuery, { headers: { authorization: `Bearer ${server.adminToken}` } });
  const parsed = ({ body }: Answer): unknown => JSON.parse(body.toString());

  it('keeps the spans of requests that belong to a trace, as children of what the client sent', async () => {
    const parent = { traceId: newTraceId(), spanId: newSpanId() };
    const object = randomObject(1000);
    const headers = { traceparent: traceparentOf(parent), 'x-client-id': 'worker-7' };
    await server.call('POST', `/data/${object.name}`, { headers, body: object.bytes });
    await server.call('GET', `/data/${object.name.replace(/^./, 'x')}`, { headers });
    await server.call('GET', '/data/', { headers });
    const spansOf = async (): Promise<unknown[]> => (parsed(await asAdministrator(`/api/traces/${parent.traceId}`)) as { spans?: unknown[] }).spans ?? [];
    await until(async () => (await spansOf()).length === 3);
    const spans = (await spansOf()).map((span) => spanSchema.parse(span));
    expect(spans.map(({ name, parent_span_id, component }) => [name, parent_span_id, component])).toEqual([
      ['POST data', parent.spanId, 'server'],
      ['GET unknown', parent.spanId, 'server'],
      ['GET list data', parent.spanId, 'server'],
    ]);
    expect(spans[0]?.attributes).toMatchObject({ client_id: 'worker-7', 'http.response.status_code': 200, bytes: 1000 });
    // The line of a request carries the ids of its span.
    const line = lines.find((entry) => entry['msg'] === 'request' && entry['method'] === 'POST' && entry['trace_id'] === parent.traceId);
    expect(line).toMatchObject({ span_id: spans[0]?.span_id });
  });

  it('keeps no spans of requests that belong to none, and finds none of an unknown trace', async () => {
    await server.call('GET', '/data/', { headers: { traceparent: 'nonsense' } });
    expect((await asAdministrator(`/api/traces/${newTraceId()}`)).status).toBe(404);
    expect((await server.call('GET', `/api/traces/${newTraceId()}`)).status).toBe(401);
  });

  it('has numbers of a window, in the form of the contract', async () => {
    await server.call('GET', '/data/');
    await until(async () => {
      const { counters } = metricsSchema.parse(parsed(await asAdministrator('/api/metrics?window=60')));
      return (counters['cyberbackup_server_requests_total{method="GET",status="200"}']?.sum ?? 0) > 0;
    });
    const { timers, window } = metricsSchema.parse(parsed(await asAdministrator('/api/metrics?window=3600')));
    expect(window).toBe(3600);
    expect(timers['cyberbackup_server_request_ms{method="GET"}']?.count).toBeGreaterThan(0);
    for (const wrong of ['0', '3601', 'x', '-1', '1e3', '']) expect((await asAdministrator(`/api/metrics?window=${wrong}`)).status).toBe(400);
    const text = (await asAdministrator('/metrics')).body.toString();
    expect(text).toContain('cyberbackup_server_request_ms_count{method="GET"} ');
    expect(text).toMatch(/^cyberbackup_server_partial_clears_total 0$/m);
  });

  it('tells its state, and the connections that ended', async () => {
    expect(parsed(await asAdministrator('/api/status'))).toMatchObject({ pid: process.pid, data_folder: server.data, uploads: 0, partial_clears: 0 });
    const closed = connectionHealth.array().parse(parsed(await asAdministrator('/api/connections/closed')));
    expect(closed.length).toBeGreaterThan(0);
    expect((await server.call('POST', '/api/status', { headers: { authorization: `Bearer ${server.adminToken}` } })).status).toBe(405);
    expect((await asAdministrator('/api/connections/open')).status).toBe(404);
  });

  it('proves that it knows the token without telling it', async () => {
    const challenge = 'a-challenge-of-enough-characters';
    const { proof } = parsed(await server.call('GET', `/health?challenge=${challenge}`)) as { proof: string };
    expect(proof).toBe(serverProof(tokenDigest(server.adminToken), challenge, server.data));
    for (const wrong of ['', '?challenge=short', '?challenge=with%20spaces%20and%20enough%20characters']) expect(parsed(await server.call('GET', `/health${wrong}`))).not.toHaveProperty('proof');
  });
});

describe('--stop-with-input', () => {
  it('ends the server when the program that started it is gone', async () => {
    const folder = temporaryFolder('input');
    const port = await freePort();
    const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
    const child = spawn(process.execPath, [program, 'server', '--listen', `127.0.0.1:${port}`, '--data', path.join(folder, 'data'), '--no-auth', '--stop-with-input', '--json'], {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...process.env, CYBERBACKUP_HOME: folder },
    });
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (piece: string) => (log += piece));
    const ended = once(child, 'close');
    await until(() => log.includes('"listening"') || child.exitCode !== null);
    child.stdin.destroy();
    expect(await ended).toEqual([0, null]);
    expect(log).toContain('the program that started this server has ended');
    rmSync(folder, { recursive: true });
  });
});
