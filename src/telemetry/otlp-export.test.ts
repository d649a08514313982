import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../test/support/free-port.ts';
import { systemClock } from '../core/platform/clock.ts';
import { FakeClock } from '../core/platform/fake-clock.ts';
import { OtlpExport, isExportWanted } from './otlp-export.ts';
import { startTelemetry } from './start-telemetry.ts';
import { TraceStore } from './trace-store.ts';
import { SpanTracer } from './tracer.ts';

interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

interface OtlpBody {
  readonly resourceSpans: readonly { readonly resource: { readonly attributes: readonly unknown[] }; readonly scopeSpans: readonly { readonly spans: readonly { readonly name: string; readonly traceId: string }[] }[] }[];
}

describe('R15: export by OTLP', () => {
  let collector: Server;
  let status = 200;
  const received: Received[] = [];

  beforeEach(async () => {
    status = 200;
    received.length = 0;
    collector = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        received.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(Buffer.concat(pieces).toString()) });
        response.writeHead(status, { 'Content-Type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${(collector.address() as AddressInfo).port}`);
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-tenant=anna');
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await new Promise((resolve) => collector.close(resolve));
  });

  const telemetry = (log: Record<string, unknown>[] = []): ReturnType<typeof startTelemetry> => {
    const note = (fields: Record<string, unknown>): void => void log.push(fields);
    return startTelemetry({ component: 'worker', clock: systemClock, logger: { debug: note, info: note, warn: note, error: note }, spans: new TraceStore(), env: process.env });
  };

  it('sends spans to the collector that the environment names, with its headers', async () => {
    const { tracer, close } = telemetry();
    const traceId = tracer.within('backup', { attributes: { job_id: 'j1' } }, (span) => {
      tracer.within('scan', {}, () => undefined);
      return span.traceId;
    });
    await close();
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({ path: '/v1/traces', headers: { 'x-tenant': 'anna' } });
    const body = received[0]?.body as OtlpBody;
    expect(body.resourceSpans[0]?.resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'cyberbackup-worker' } });
    expect(body.resourceSpans[0]?.scopeSpans[0]?.spans.map(({ name, traceId: id }) => [name, id])).toEqual([['scan', traceId], ['backup', traceId]]);
  });

  it('drops and counts what a collector refuses, says so once, and goes on', async () => {
    status = 400;
    const log: Record<string, unknown>[] = [];
    const { tracer, metrics, close } = telemetry(log);
    tracer.within('a', {}, () => undefined);
    tracer.within('b', {}, () => undefined);
    await close();
    expect(metrics.total('telemetry_spans_dropped_total')).toBe(2);
    expect(log).toHaveLength(1);
    expect(() => tracer.within('after the end', {}, () => undefined)).not.toThrow();
    expect(metrics.total('telemetry_spans_dropped_total')).toBe(3);
  });

  it('neither fails nor waits where no collector is reachable', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${await freePort()}`);
    const { tracer, close } = telemetry();
    expect(tracer.within('a', {}, () => 'result')).toBe('result');
    await close();
  });

  it('exports nothing unless asked to', async () => {
    expect([{}, { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }].map(isExportWanted)).toEqual([false, false]);
    const { tracer, close } = startTelemetry({ component: 'agent', clock: systemClock, logger: { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }, spans: new TraceStore() });
    tracer.within('a', {}, () => undefined);
    await close();
    expect(received).toEqual([]);
  });
});

describe('the queue of the export', () => {
  it('sends in batches, one at a time, and drops what does not fit', async () => {
    const clock = new FakeClock();
    const batches: number[] = [];
    let dropped = 0;
    let release = (): void => undefined;
    const exporter = {
      export: (spans: unknown[], done: (result: { code: number }) => void) => {
        batches.push(spans.length);
        release = () => done({ code: 0 });
      },
      shutdown: () => Promise.resolve(),
    };
    const otlp = new OtlpExport({ clock, load: () => Promise.resolve(exporter), onDropped: (spans) => (dropped += spans), queueLength: 10, batchLength: 4 });
    const tracer = new SpanTracer({ component: 'agent', clock, processors: [otlp] });
    const spans = (count: number): void => {
      for (let at = 0; at < count; at++) tracer.within('s', {}, () => undefined);
    };
    spans(1);
    await clock.advance(4000);
    expect(batches).toEqual([]);
    await clock.advance(1000);
    expect(batches).toEqual([1]);
    // While the collector takes its time the queue fills.
    spans(15);
    expect(dropped).toBe(5);
    release();
    await clock.advance(0);
    expect(batches).toEqual([1, 4]);
    release();
    await clock.advance(0);
    release();
    await clock.advance(5000);
    expect(batches).toEqual([1, 4, 4, 2]);
    release();
    await otlp.shutdown();
  });

  it('is closed after two seconds, whatever the collector does', async () => {
    const clock = new FakeClock();
    const exporter = { export: () => undefined, shutdown: () => Promise.resolve() };
    const otlp = new OtlpExport({ clock, load: () => Promise.resolve(exporter), onDropped: () => undefined });
    new SpanTracer({ component: 'agent', clock, processors: [otlp] }).within('s', {}, () => undefined);
    const closed = otlp.shutdown();
    await clock.advance(2000);
    await closed;
  });
});
