import { describe, expect, it } from 'vitest';
import type { Span } from '../../src/shared/contract/schemas/observability.ts';
import { reportPage } from './page.ts';
import { countStates } from './run-result.ts';
import type { ModuleResult, RunResult } from './run-result.ts';

const evil = '<img src=x onerror=alert(1)> & "quoted"';
const good: ModuleResult = { module: 'src/a.test.ts', milliseconds: 12, errors: [], tests: [{ name: 'adds', state: 'passed', milliseconds: 3, errors: [] }, { name: 'later', state: 'skipped', milliseconds: 0, errors: [] }] };
const bad: ModuleResult = { module: 'src/b.test.ts', milliseconds: 1500, errors: [], tests: [{ name: evil, state: 'failed', milliseconds: 1500, errors: [`expected ${evil}`] }] };
const broken: ModuleResult = { module: 'src/c.test.ts', milliseconds: 1, errors: ['cannot be loaded'], tests: [] };
const run = (modules: ModuleResult[]): RunResult => ({ run: 'unit', finishedAt: '2026-01-02T03:04:05.000Z', milliseconds: 2000, modules });

const span = (id: number, parent: number | null, component: Span['component'], at: number): Span => ({
  trace_id: 'ab'.repeat(16),
  span_id: String(id).padStart(16, '0'),
  parent_span_id: parent === null ? null : String(parent).padStart(16, '0'),
  name: `${component} ${id} <b>`,
  component,
  started_at: new Date(Date.UTC(2026, 0, 1) + at).toISOString(),
  duration_ms: 10,
  status: 'ok',
  attributes: {},
});

describe('R21: the page of a test run', () => {
  it('counts tests, and a file that cannot be loaded as a failure', () => {
    expect(countStates([good, bad, broken])).toEqual({ passed: 1, failed: 2, skipped: 1 });
    expect(reportPage([run([good])], [])).toContain('Everything passed');
    expect(reportPage([run([good, bad, broken])], [])).toContain('2 failed');
  });

  it('shows failures first and open, and lets no text of a test become markup', () => {
    const page = reportPage([run([good, bad])], []);
    expect(page.indexOf('src/b.test.ts')).toBeLessThan(page.indexOf('src/a.test.ts'));
    expect(page).toContain('<details open>');
    expect(page).not.toContain('<img');
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quoted&quot;');
    expect(page).not.toContain('<script');
  });

  it('draws a trace with children below their parents, whatever their order in the file', () => {
    const spans = [span(3, 2, 'server', 5), span(2, 1, 'worker', 2), span(1, null, 'agent', 0), span(9, 77, 'worker', 8)];
    const page = reportPage([run([good])], [{ name: 'a backup', traceId: 'ab'.repeat(16), spans }]);
    const order = ['agent · agent 1', 'worker · worker 2', 'server · server 3', 'worker · worker 9'].map((label) => page.indexOf(label));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order.every((at) => at > 0)).toBe(true);
    expect(page).not.toContain(' <b>');
  });
});
