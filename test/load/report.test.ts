import { expect, it } from 'vitest';
import { asText, timings } from './report.ts';
import type { LoadReport, Timings } from './report.ts';

const server = { peakMemory: 100 * 2 ** 20, memoryAtStart: 50 * 2 ** 20, memoryAtEnd: undefined, descriptorsAtStart: 20, descriptorsAtEnd: 21, healthAnswers: [3, 4] };

it('R20: the load test tells speed by size, latency, degradation and hundreds at once, as text', () => {
  const row = (what: string): Timings => timings(what, 2 ** 20, 2000, [10, 30, 20, 40]);
  const report: LoadReport = { at: '2026-01-02', machine: 'a machine', bySize: [row('by size')], byLatency: [row('by latency')], degradation: { first: row('first'), last: row('last'), server }, concurrent: { uploads: row('at once'), server }, broken: [] };
  expect(report.bySize[0]).toMatchObject({ transfers: 4, p50: 30, p95: 40, max: 40 });
  const text = asText(report);
  for (const part of ['by size', 'by latency', 'first', 'last', 'at once', '2.1', '50 MiB before, 100 at the most, ? after', 'Everything that must hold held.']) expect(text).toContain(part);
  expect(asText({ ...report, broken: ['an upload failed'] })).toContain('BROKEN:\n  an upload failed');
});
