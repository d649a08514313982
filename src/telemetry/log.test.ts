import { expect, it } from 'vitest';
import { FakeClock } from '../core/platform/fake-clock.ts';
import { createLog } from './log.ts';
import { readableLine } from './readable-line.ts';
import { SpanTracer } from './tracer.ts';

const clock = new FakeClock();

function written(readable: boolean, fields: Record<string, unknown>, message: string): string {
  let text = '';
  createLog({ component: 'server', level: 'info', readable, target: { write: (line) => (text += line) }, clock }).warn(fields, message);
  return text;
}

it('R12: writes JSON lines with the fields of the interfaces', () => {
  const line = JSON.parse(written(false, { job_id: 'a', bytes: 5 }, 'something')) as Record<string, unknown>;
  expect(line).toEqual({ level: 'warn', ts: '2024-01-02T03:04:05.000Z', component: 'server', job_id: 'a', bytes: 5, msg: 'something' });
});

it("lets a line name another component, once", () => {
  expect(written(false, { component: 'storage' }, 'm').match(/"component":"storage"|"component":"server"/g)).toEqual(['"component":"storage"']);
});

it('writes nothing below its level', () => {
  let text = '';
  const log = createLog({ component: 'agent', level: 'warn', readable: false, target: { write: (line) => (text += line) }, clock });
  log.debug({}, 'a');
  log.info({}, 'b');
  expect(text).toBe('');
  log.error({}, 'c');
  expect(text).toContain('"msg":"c"');
});

it('blanks what must not be logged, in fields, texts and errors', () => {
  const fields = {
    authorization: 'Basic YWJjZGVm',
    password: 'geheim',
    adminToken: 't0k3n',
    headers: { authorization: 'Bearer x1y2z3', Cookie: 'c00kie' },
    list: [{ api_key: 'k3y' }],
    url: 'rest:http://anna:p4ss@word@host:1256/repo',
    error: new Error('GET http://bert:s3cret@host/ failed'),
    header: 'Authorization: Bearer abcdef123',
    query: 'https://host/x?access_token=qqq&page=1',
  };
  const text = written(false, fields, 'careless with rest:https://clara:m3ssage@host/');
  for (const secret of ['YWJj', 'geheim', 't0k3n', 'x1y2z3', 'c00kie', 'k3y"', 'anna', 'p4ss', 'word@', 's3cret', 'abcdef123', 'qqq', 'm3ssage']) expect(text).not.toContain(secret);
  // What is no secret stays readable.
  for (const plain of ['host:1256/repo', 'page=1', 'failed', 'careless with rest:https://']) expect(text).toContain(plain);
});

it('writes whatever value a caller has', () => {
  const circular: Record<string, unknown> = { name: 'x' };
  circular['self'] = circular;
  const line = JSON.parse(written(false, { big: 12n, bytes: Buffer.alloc(9), when: new Date(0), never: new Date(Number.NaN), circular, nothing: undefined, call: () => 1, denied: Object.assign(new Error('no'), { code: 'EACCES' }) }, 'm')) as Record<string, unknown>;
  expect(line).toMatchObject({ big: '12', bytes: '<9 bytes>', when: '1970-01-01T00:00:00.000Z', never: null, denied: 'EACCES: no' });
});

it('R12: adds the ids of the active span by itself', async () => {
  let text = '';
  const log = createLog({ component: 'agent', level: 'info', readable: false, target: { write: (line) => (text += line) }, clock });
  const tracer = new SpanTracer({ component: 'agent', clock, processors: [] });
  const ids = await tracer.within('work', {}, async ({ traceId, spanId }) => {
    await Promise.resolve();
    log.info({}, 'inside');
    return { trace_id: traceId, span_id: spanId };
  });
  log.info({}, 'outside');
  const [inside, outside] = text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(inside).toMatchObject(ids);
  expect(outside).not.toHaveProperty('trace_id');
});

it('R12: writes one readable line on a terminal, without control characters of others', () => {
  const line = written(true, { path: '/\u001b[2Jx\n\u202e', status: 404, trace_id: 'hidden' }, 'request');
  expect(line.replaceAll('\u001b[33m', '').replaceAll('\u001b[0m', '')).toBe('03:04:05 warn  request path=/\\u001b[2Jx\\u000a\\u202e status=404\n');
  expect(readableLine('{"ts":"2026-01-01T10:11:12.000Z","level":"info","component":"server","msg":"m"}')).toBe('10:11:12 info  m\n');
});
