/** What a load test found, as numbers and as text. */
import type { ServerCost } from './server-watch.ts';

export interface Timings {
  readonly what: string;
  readonly transfers: number;
  /** Of each. */
  readonly bytes: number;
  /** Milliseconds; of all together and of one. */
  readonly total: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export interface LoadReport {
  readonly at: string;
  readonly machine: string;
  readonly bySize: readonly Timings[];
  readonly byLatency: readonly Timings[];
  /** The first and the last tenth of many transfers. */
  readonly degradation: { readonly first: Timings; readonly last: Timings; readonly server: ServerCost };
  readonly concurrent: { readonly uploads: Timings; readonly server: ServerCost };
  /** What must hold and did not; empty is good. */
  readonly broken: readonly string[];
}

export function timings(what: string, bytes: number, total: number, each: readonly number[]): Timings {
  const sorted = each.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { what, transfers: each.length, bytes, total, p50: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? 0 };
}

export function asText(report: LoadReport): string {
  const { bySize, byLatency, degradation, concurrent, broken } = report;
  return [
    `Load test, ${report.at}`,
    report.machine,
    '',
    'Speed by size, one after the other',
    table(bySize),
    '',
    'One upload over a long line (added latency in each direction)',
    table(byLatency),
    '',
    'Many transfers: does it get worse?',
    table([degradation.first, degradation.last]),
    cost(degradation.server),
    '',
    'Hundreds at once, each held in the middle until all are under way',
    table([concurrent.uploads]),
    cost(concurrent.server),
    '',
    broken.length === 0 ? 'Everything that must hold held.' : `BROKEN:\n${broken.map((line) => `  ${line}`).join('\n')}`,
    '',
  ].join('\n');
}

function table(rows: readonly Timings[]): string {
  const head = ['', 'transfers', 'MB/s', 'p50 ms', 'p95 ms', 'max ms'];
  const cells = rows.map((row) => [row.what, String(row.transfers), ((row.transfers * row.bytes) / row.total / 1000).toFixed(1), row.p50.toFixed(1), row.p95.toFixed(1), row.max.toFixed(1)]);
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)));
  return [head, ...cells].map((line) => `  ${line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}`).join('\n');
}

function cost({ memoryAtStart, memoryAtEnd, peakMemory, descriptorsAtStart, descriptorsAtEnd, healthAnswers }: ServerCost): string {
  const answers = timings('', 0, 0, healthAnswers);
  const mebibytes = (bytes: number | undefined): string => (bytes === undefined ? '?' : String(Math.round(bytes / 2 ** 20)));
  return `  server: memory ${mebibytes(memoryAtStart)} MiB before, ${mebibytes(peakMemory)} at the most, ${mebibytes(memoryAtEnd)} after; descriptors ${descriptorsAtStart ?? '?'} before, ${descriptorsAtEnd ?? '?'} after; /health answered in ${answers.p50.toFixed(0)} ms (p50), ${answers.max.toFixed(0)} ms at the most`;
}
