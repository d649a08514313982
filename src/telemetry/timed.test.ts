import { expect, it } from 'vitest';
import { FakeClock } from '../core/platform/fake-clock.ts';
import { silentLogger } from '../core/platform/logger.ts';
import { startTelemetry } from './start-telemetry.ts';
import { timed } from './timed.ts';
import { TraceStore } from './trace-store.ts';

it('R13: measures an operation: span, timer, failures', async () => {
  const clock = new FakeClock();
  const spans = new TraceStore();
  const telemetry = startTelemetry({ component: 'agent', clock, logger: silentLogger, spans });
  const what = { name: 'get_job', metric: 'operation', labels: { operation: 'get_job' } };
  await expect(timed(telemetry, clock, what, async () => {
    await clock.advance(250);
    return 5;
  })).resolves.toBe(5);
  await expect(timed(telemetry, clock, what, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const { timers, counters } = telemetry.metrics.snapshot(60);
  expect(timers['operation_ms{operation="get_job"}']).toMatchObject({ count: 2, sum: 250, max: 250 });
  expect(counters['operation_failures_total{operation="get_job"}']).toEqual({ count: 1, sum: 1 });
  expect(spans.list(10).map(({ name, status }) => [name, status])).toEqual([['get_job', 'error'], ['get_job', 'unset']]);
});
