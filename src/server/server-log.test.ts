import { expect, it } from 'vitest';
import { createServerLog, readableLine } from './server-log.ts';
import { traceContext } from './trace-context.ts';

function written(readable: boolean, fields: Record<string, unknown>, message: string): string {
  let text = '';
  createServerLog({ level: 'info', readable, target: { write: (line) => (text += line) } }).warn(fields, message);
  return text;
}

it('writes JSON lines with the fields of the interfaces', () => {
  const line = JSON.parse(written(false, { trace_id: 'a', bytes: 5 }, 'something')) as Record<string, unknown>;
  expect(line).toEqual({ level: 'warn', ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string, component: 'server', trace_id: 'a', bytes: 5, msg: 'something' });
});

it('blanks what must not be logged', () => {
  const text = written(false, { authorization: 'Basic abc', password: 'geheim', token: 't0k3n', headers: { authorization: 'Bearer x1y2' } }, 'careless');
  for (const secret of ['abc', 'geheim', 't0k3n', 'x1y2']) expect(text).not.toContain(secret);
});

it('writes one readable line on a terminal, without control characters of others', () => {
  const line = written(true, { path: '/\u001b[2Jx\n\u202e', status: 404, trace_id: 'hidden' }, 'request');
  expect(line.replaceAll('\u001b[33m', '').replaceAll('\u001b[0m', '')).toMatch(/^\d\d:\d\d:\d\d warn {2}request path=\/\\u001b\[2Jx\\u000a\\u202e status=404\n$/);
  expect(readableLine('{"ts":"2026-01-01T10:11:12.000Z","level":"info","component":"server","msg":"m"}')).toBe('10:11:12 info  m\n');
});

it('reads traceparent as W3C says', () => {
  const [trace, parent] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
  expect(traceContext(`00-${trace}-${parent}-01`)).toEqual({ trace_id: trace, parent_span_id: parent, span_id: expect.stringMatching(/^[0-9a-f]{16}$/) as string });
  expect(traceContext(`01-${trace}-${parent}-01-more`)?.trace_id).toBe(trace);
  for (const bad of [undefined, '', 'x', `ff-${trace}-${parent}-01`, `00-${trace}-${parent}-01-more`, `00-${'0'.repeat(32)}-${parent}-01`, `00-${trace}-${'0'.repeat(16)}-01`, `00-${trace.toUpperCase()}-${parent}-01`]) {
    expect(traceContext(bad)).toBeUndefined();
  }
});
