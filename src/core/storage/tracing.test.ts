import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveFolder } from '../../../test/support/our-server.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { randomObject } from '../../server/testing/test-server.ts';
import type { RunningServer } from '../../server/server.ts';
import { startTelemetry } from '../../telemetry/start-telemetry.ts';
import { TraceStore } from '../../telemetry/trace-store.ts';
import { newSpanId, newTraceId, traceparentOf } from '../../telemetry/traceparent.ts';
import { loadAddon } from '../native/load-addon.ts';
import { systemClock } from '../platform/clock.ts';
import { silentLogger } from '../platform/logger.ts';
import { MemoryStore } from '../repository/testing/memory-store.ts';
import { StorageError } from './object-store.ts';
import { openStore } from './open-store.ts';
import { withRetry } from './retry.ts';
import { noteRetry, withTracing } from './tracing.ts';

const collect = async (items: AsyncIterable<unknown>): Promise<number> => {
  let count = 0;
  for await (const item of items) if (item !== undefined) count++;
  return count;
};

describe('spans of storage operations', () => {
  let folder: string;
  let server: RunningServer;

  beforeAll(async () => {
    folder = temporaryFolder('tracing');
    server = await serveFolder(folder);
  });

  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it('are children of what runs, and travel to the server with every request', async () => {
    const traces = new TraceStore();
    const telemetry = startTelemetry({ component: 'worker', clock: systemClock, logger: silentLogger, spans: traces });
    const outside = { traceId: newTraceId(), spanId: newSpanId() };
    const store = openStore(`rest:${server.url}/`, { addon: loadAddon(), clock: systemClock, tracing: { tracer: telemetry.tracer, parent: traceparentOf(outside) }, clientId: 'job-1' });
    const { name, bytes } = randomObject(3000);
    await store.create();
    const inside = await telemetry.tracer.within('upload', {}, async (span) => {
      await store.put({ type: 'data', name }, bytes);
      await store.getInto({ type: 'data', name }, 0, Buffer.alloc(3000));
      expect(await collect(store.list('data'))).toBe(1);
      expect(Object.values(server.monitor.health()).map(({ client_id }) => client_id)).toContain('job-1');
      return span;
    });
    await expect(store.stat({ type: 'index', name })).rejects.toMatchObject({ kind: 'not-found' });
    await store.close();
    const spans = traces.get(inside.traceId) ?? [];
    expect(spans.map((span) => [span.name, span.attributes['bytes'] ?? span.attributes['objects']])).toEqual([
      ['upload', undefined],
      ['storage put data', 3000],
      ['storage get data', 3000],
      ['storage list data', 1],
    ]);
    for (const span of spans.slice(1)) expect(span.parent_span_id).toBe(inside.spanId);
    expect(traces.get(outside.traceId)?.map(({ name: what, status, parent_span_id }) => [what, status, parent_span_id])).toEqual([
      ['storage create', 'unset', outside.spanId],
      ['storage stat index', 'error', outside.spanId],
    ]);
  });

  it('tell of repetitions and errors', async () => {
    const traces = new TraceStore();
    const { tracer } = startTelemetry({ component: 'worker', clock: systemClock, logger: silentLogger, spans: traces });
    let failures = 2;
    const faulty = new MemoryStore();
    const remove = faulty.remove.bind(faulty);
    faulty.remove = (handle) => (failures-- > 0 ? Promise.reject(new StorageError('temporary', 'busy')) : remove(handle));
    const retried = withRetry(faulty, { clock: { ...systemClock, sleep: () => Promise.resolve() }, onRetry: (event) => noteRetry({ tracer }, event) });
    await withTracing(retried, { tracer }).remove({ type: 'lock', name: randomObject(1).name });
    const [span] = traces.get(traces.list(1)[0]?.trace_id ?? '') ?? [];
    expect(span).toMatchObject({ name: 'storage remove lock', status: 'unset', attributes: { attempts: 3, 'event.1': expect.stringContaining('retry kind=temporary') as string } });
    expect(span?.attributes).toHaveProperty(['event.2']);
  });
});
