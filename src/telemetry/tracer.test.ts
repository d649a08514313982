import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../core/platform/fake-clock.ts';
import { span as spanSchema } from '../shared/contract/schemas/observability.ts';
import type { Span } from '../shared/contract/schemas/observability.ts';
import { recordSpans } from './span-record.ts';
import { newSpanId, newTraceId, parseTraceparent, traceparentOf } from './traceparent.ts';
import { SpanTracer } from './tracer.ts';

function tracing(clock = new FakeClock()): { tracer: SpanTracer; spans: Span[]; clock: FakeClock; named: (name: string) => Span } {
  const spans: Span[] = [];
  const tracer = new SpanTracer({ component: 'worker', clock, processors: [recordSpans('worker', { add: (ended) => spans.push(...ended) })] });
  const named = (name: string): Span => {
    const found = spans.find((span) => span.name === name);
    if (found === undefined) throw new Error(`no span ${name}`);
    return spanSchema.parse(found);
  };
  return { tracer, spans, clock, named };
}

describe('SpanTracer', () => {
  it('makes spans of the contract, with durations by the monotonic clock', async () => {
    const { tracer, clock, named } = tracing();
    await tracer.within('attempt', { attributes: { attempt: 2 } }, async (span) => {
      await clock.advance(1500);
      span.event('retry', { delay_ms: 500 });
      span.set({ bytes: 7, password: 'geheim', url: 'http://a:b@host/' });
    });
    expect(named('attempt')).toEqual({
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      span_id: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      parent_span_id: null,
      name: 'attempt',
      component: 'worker',
      started_at: '2024-01-02T03:04:05.000Z',
      duration_ms: 1500,
      status: 'unset',
      attributes: { attempt: 2, bytes: 7, password: '[secret]', url: 'http://[secret]@host/', 'event.1': expect.stringMatching(/^\+\d+ ms retry delay_ms=500$/) as string },
    });
  });

  it('nests spans through promises and callbacks, and keeps parallel ones apart', async () => {
    const { tracer, named } = tracing();
    const part = (name: string): Promise<void> =>
      tracer.within(name, {}, async () => {
        await pause(1);
        tracer.within(`${name}.inner`, {}, () => undefined);
      });
    await tracer.within('root', {}, async () => Promise.all([part('a'), part('b')]));
    expect(named('a').parent_span_id).toBe(named('root').span_id);
    expect(named('a.inner').parent_span_id).toBe(named('a').span_id);
    expect(named('b.inner').parent_span_id).toBe(named('b').span_id);
    expect(tracer.active()).toBeUndefined();
  });

  it('takes the parent of another process, and not a malformed one', () => {
    const { tracer, named } = tracing();
    const parent = { traceId: newTraceId(), spanId: newSpanId() };
    tracer.within('child', { parent: traceparentOf(parent) }, (span) => {
      expect(parseTraceparent(span.traceparent)).toEqual({ traceId: parent.traceId, spanId: span.spanId });
      expect(tracer.active()).toBe(span);
    });
    tracer.within('orphan', { parent: 'nonsense' }, () => undefined);
    expect(named('child')).toMatchObject({ trace_id: parent.traceId, parent_span_id: parent.spanId });
    expect(named('orphan').parent_span_id).toBeNull();
  });

  it('marks what throws, and throws it on', async () => {
    const { tracer, named } = tracing();
    const failure = Object.assign(new Error('no http://a:b@host/'), { code: 'ECONNRESET' });
    expect(() => tracer.within('sync', {}, () => { throw failure; })).toThrow(failure);
    await expect(tracer.within('async', {}, () => Promise.reject(failure))).rejects.toBe(failure);
    for (const name of ['sync', 'async']) {
      expect(named(name)).toMatchObject({ status: 'error', attributes: { 'error.type': 'ECONNRESET', 'error.message': 'no http://[secret]@host/' } });
    }
  });

  it('ignores what comes after the end of a span, and bounds its size', () => {
    const { tracer, spans, named } = tracing();
    const late = tracer.within('short', {}, (span) => {
      for (let at = 0; at < 100; at++) span.set({ [`a${at}`]: 'x'.repeat(5000) });
      return span;
    });
    late.set({ late: true });
    late.event('late');
    expect(spans).toHaveLength(1);
    expect(Object.keys(named('short').attributes)).toHaveLength(32);
    expect(String(named('short').attributes['a0'])).toHaveLength(1024);
  });
});

it('reads traceparent as W3C says', () => {
  const [trace, parent] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
  expect(parseTraceparent(`00-${trace}-${parent}-01`)).toEqual({ traceId: trace, spanId: parent });
  expect(parseTraceparent(`01-${trace}-${parent}-01-more`)?.traceId).toBe(trace);
  for (const bad of [undefined, '', 'x', `ff-${trace}-${parent}-01`, `00-${trace}-${parent}-01-more`, `00-${'0'.repeat(32)}-${parent}-01`, `00-${trace}-${'0'.repeat(16)}-01`, `00-${trace.toUpperCase()}-${parent}-01`]) {
    expect(parseTraceparent(bad)).toBeUndefined();
  }
});
