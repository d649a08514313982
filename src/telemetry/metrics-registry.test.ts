import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../core/platform/fake-clock.ts';
import { metrics as schema } from '../shared/contract/schemas/observability.ts';
import { bucketOf, bucketValue } from './buckets.ts';
import { MetricsRegistry } from './metrics-registry.ts';
import { prometheusText } from './prometheus-text.ts';

describe('R13: MetricsRegistry', () => {
  it('answers windows by the second, up to an hour', async () => {
    const clock = new FakeClock();
    const registry = new MetricsRegistry({ clock });
    for (let second = 0; second < 4000; second++) {
      registry.count('ticks_total', 2);
      await clock.advance(1000);
    }
    const ticks = (window: number): unknown => registry.snapshot(window).counters['ticks_total'];
    // The second that has just begun had no tick yet.
    expect(ticks(1)).toEqual({ count: 0, sum: 0 });
    expect(ticks(11)).toEqual({ count: 10, sum: 20 });
    expect(ticks(3600)).toEqual({ count: 3599, sum: 7198 });
    expect(registry.total('ticks_total')).toBe(8000);
  });

  it('has count, sum, min, max and quantiles of timers and histograms', async () => {
    const clock = new FakeClock();
    const registry = new MetricsRegistry({ clock });
    for (let value = 1; value <= 1000; value++) {
      registry.time('work_ms', value);
      registry.observe('size_bytes', value * 1024);
      if (value % 100 === 0) await clock.advance(1000);
    }
    const snapshot = schema.parse(registry.snapshot(300));
    const timer = snapshot.timers['work_ms'];
    expect(timer).toMatchObject({ count: 1000, sum: 500_500, min: 1, max: 1000 });
    const near = (value: number | undefined, exact: number): void => expect(Math.abs((value ?? 0) / exact - 1)).toBeLessThan(0.035);
    near(timer?.p50, 500);
    near(timer?.p95, 950);
    near(timer?.p99, 990);
    near(snapshot.histograms['size_bytes']?.p99, 990 * 1024);
    expect(registry.snapshot(5).timers['work_ms']).toMatchObject({ count: 400, min: 601 });
    await clock.advance(3_700_000);
    expect(registry.snapshot(3600).timers['work_ms']).toEqual({ count: 0, sum: 0, min: 0, max: 0, p50: 0, p95: 0, p99: 0 });
  });

  it('knows value, lowest and highest of gauges', async () => {
    const clock = new FakeClock();
    const registry = new MetricsRegistry({ clock });
    for (const value of [5, 9, 2]) {
      registry.gauge('depth', value);
      await clock.advance(1000);
    }
    expect(registry.snapshot(60).gauges['depth']).toEqual({ value: 2, min: 2, max: 9 });
    await clock.advance(120_000);
    expect(registry.snapshot(60).gauges['depth']).toEqual({ value: 2, min: 2, max: 2 });
  });

  it('does not let labels or names grow without end', () => {
    const registry = new MetricsRegistry({ clock: new FakeClock(), labelSets: 3 });
    for (let at = 0; at < 1000; at++) registry.count('requests_total', 1, { path: `/${at}` });
    expect(Object.entries(registry.snapshot(10).counters).map(([key, { sum }]) => [key, sum])).toEqual([
      ['requests_total{path="/0"}', 1],
      ['requests_total{path="/1"}', 1],
      ['requests_total{path="/2"}', 1],
      ['requests_total{path="other"}', 997],
    ]);
    for (let at = 0; at < 2000; at++) registry.gauge(`g${at}`, 1);
    expect(Object.keys(registry.snapshot(10).gauges)).toHaveLength(500);
  });

  it('keeps its memory bounded by time, not by events', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const used = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const clock = new FakeClock();
    const registry = new MetricsRegistry({ clock });
    const before = used();
    // Kept one by one, a million numbers would be eight megabytes.
    for (let at = 0; at < 1_000_000; at++) registry.time('t_ms', 1.05 ** (at % 700));
    await clock.advance(1000);
    registry.time('t_ms', 1);
    expect(used() - before).toBeLessThan(2_000_000);
    // The first second had more buckets than are kept: neighbours were joined, no event was lost.
    expect(registry.snapshot(10).timers['t_ms']).toMatchObject({ count: 1_000_001, min: 1 });
  });

  it('writes the Prometheus text', () => {
    const registry = new MetricsRegistry({ clock: new FakeClock(), helps: { a_total: 'Things\ndone' } });
    registry.count('a_total', 3, { user: 'x"y\\z' });
    registry.gauge('g', 1.5);
    registry.time('t_ms', 8, { method: 'GET' });
    expect(prometheusText(registry.families())).toBe(
      [
        '# HELP a_total Things\\ndone',
        '# TYPE a_total counter',
        'a_total{user="x\\"y\\\\z"} 3',
        '# HELP g g',
        '# TYPE g gauge',
        'g 1.5',
        '# HELP t_ms t ms',
        '# TYPE t_ms summary',
        't_ms{method="GET",quantile="0.5"} 8',
        't_ms{method="GET",quantile="0.95"} 8',
        't_ms{method="GET",quantile="0.99"} 8',
        't_ms_sum{method="GET"} 8',
        't_ms_count{method="GET"} 1',
        '',
      ].join('\n'),
    );
  });
});

it('buckets are at most 3.2 % off, from microseconds to terabytes', () => {
  for (let value = 1e-6; value < 1e13; value *= 1.013) expect(Math.abs(bucketValue(bucketOf(value)) / value - 1)).toBeLessThan(0.032);
  for (const value of [0, -1, Number.NaN]) expect(bucketOf(value)).toBe(0);
  for (const value of [Number.POSITIVE_INFINITY, 1e300, 1e-300]) expect(Number.isInteger(bucketOf(value))).toBe(true);
});
