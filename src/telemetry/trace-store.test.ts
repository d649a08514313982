import { describe, expect, it } from 'vitest';
import type { Span } from '../shared/contract/schemas/observability.ts';
import { TraceStore } from './trace-store.ts';

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');

function span(trace: number, id: number, more: Partial<Span> = {}): Span {
  return {
    trace_id: hex(trace, 32),
    span_id: hex(id, 16),
    parent_span_id: id === 0 ? null : hex(0, 16),
    name: `span ${id}`,
    component: 'agent',
    started_at: new Date(1_700_000_000_000 + trace * 1000 + id).toISOString(),
    duration_ms: 10,
    status: 'unset',
    attributes: {},
    ...more,
  };
}

describe('TraceStore', () => {
  it('keeps the latest traces and lists them newest first', () => {
    const store = new TraceStore({ traces: 3, spansPerTrace: 10, bytes: 1e6 });
    for (let trace = 1; trace <= 4; trace++) store.add([span(trace, 0), span(trace, 1, { status: 'error' })]);
    expect(store.get(hex(1, 32))).toBeUndefined();
    expect(store.list(2)).toEqual([
      { trace_id: hex(4, 32), name: 'span 0', started_at: '2023-11-14T22:13:24.000Z', duration_ms: 11, spans: 2, status: 'error' },
      expect.objectContaining({ trace_id: hex(3, 32) }) as unknown,
    ]);
  });

  it('lets a trace stay that still gets spans', () => {
    const store = new TraceStore({ traces: 2, spansPerTrace: 10, bytes: 1e6 });
    store.add([span(1, 0)]);
    store.add([span(2, 0)]);
    store.add([span(1, 1)]);
    store.add([span(3, 0)]);
    expect([1, 2, 3].map((trace) => store.get(hex(trace, 32))?.length)).toEqual([2, undefined, 1]);
  });

  it('keeps the beginning and the latest of a trace with too many spans', () => {
    const store = new TraceStore({ traces: 2, spansPerTrace: 10, bytes: 1e6 });
    for (let id = 1; id <= 100; id++) store.add([span(1, id)]);
    store.add([span(1, 0, { started_at: new Date(0).toISOString() })]);
    expect(store.get(hex(1, 32))?.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4, 5, 97, 98, 99, 100].map((id) => `span ${id}`));
  });

  it('keeps a span once, however often it is added, and merges other processes in order of time', () => {
    const store = new TraceStore();
    store.add([span(1, 0, { duration_ms: 100 }), span(1, 5)]);
    const server = [span(1, 3, { component: 'server' })];
    store.add(server);
    store.add(server);
    expect(store.get(hex(1, 32))?.map(({ name, component }) => `${name} ${component}`)).toEqual(['span 0 agent', 'span 3 server', 'span 5 agent']);
  });

  it('stays within its memory whatever spans carry', () => {
    const store = new TraceStore({ traces: 1000, spansPerTrace: 2000, bytes: 100_000 });
    for (let trace = 0; trace < 200; trace++) store.add([span(trace, 0, { attributes: { text: 'x'.repeat(5000) } })]);
    expect(store.size).toBeLessThan(20);
    expect(store.size).toBeGreaterThan(10);
    // One trace alone is bounded by its spans; it is never thrown away while it is written.
    for (let id = 0; id < 50; id++) store.add([span(777, id, { attributes: { text: 'x'.repeat(5000) } })]);
    expect(store.get(hex(777, 32))).toHaveLength(50);
  });

  it('names a trace without its root by the earliest span', () => {
    const store = new TraceStore();
    store.add([span(1, 2), span(1, 1)]);
    expect(store.list(10)[0]?.name).toBe('span 1');
    expect(store.list(0)).toEqual([]);
  });
});
