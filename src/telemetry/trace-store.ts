/**
 * The latest traces, in memory.
 *
 * Invariants: at most `traces` traces, `spansPerTrace` spans in each, and `bytes` in all; whichever trace got no span for the
 * longest time goes first. Of a trace with too many spans the beginning and the latest stay: its phases and its root end
 * last. A span that is added twice (the server's are asked for again) is kept once.
 */
import type { Span } from '../shared/contract/schemas/observability.ts';
import type { SpanSink } from './span-record.ts';

export interface TraceLimits {
  readonly traces: number;
  readonly spansPerTrace: number;
  /** A measure of memory: characters of the spans, with what an object costs. */
  readonly bytes: number;
}

export const defaultTraceLimits: TraceLimits = { traces: 1000, spansPerTrace: 2000, bytes: 32 * 1024 * 1024 };

export interface TraceSummary {
  readonly trace_id: string;
  readonly name: string;
  readonly started_at: string;
  readonly duration_ms: number;
  readonly spans: number;
  readonly status: Span['status'];
}

export class TraceStore implements SpanSink {
  readonly #limits: TraceLimits;
  /** Least recently added to first. */
  readonly #traces = new Map<string, Trace>();
  #bytes = 0;

  constructor(limits: TraceLimits = defaultTraceLimits) {
    this.#limits = limits;
  }

  /** How many traces are kept. */
  get size(): number {
    return this.#traces.size;
  }

  add(spans: readonly Span[]): void {
    for (const span of spans) {
      const trace = this.#traces.get(span.trace_id) ?? new Trace(this.#limits.spansPerTrace);
      this.#traces.delete(span.trace_id);
      this.#traces.set(span.trace_id, trace);
      this.#bytes += trace.add(span);
    }
    for (const [id, trace] of this.#traces) {
      if (this.#traces.size === 1 || (this.#traces.size <= this.#limits.traces && this.#bytes <= this.#limits.bytes)) break;
      this.#traces.delete(id);
      this.#bytes -= trace.bytes;
    }
  }

  /** The spans of a trace, oldest first; undefined where it is not known. */
  get(traceId: string): Span[] | undefined {
    return this.#traces.get(traceId)?.sorted();
  }

  /** Newest first. */
  list(limit: number): TraceSummary[] {
    return [...this.#traces]
      .sort(([, a], [, b]) => b.startedAt - a.startedAt)
      .slice(0, limit)
      .map(([id, trace]) => trace.summary(id));
  }
}

interface Kept {
  readonly span: Span;
  readonly bytes: number;
}

class Trace {
  readonly #half: number;
  readonly #first = new Map<string, Kept>();
  readonly #latest = new Map<string, Kept>();
  bytes = 0;
  startedAt = Number.POSITIVE_INFINITY;
  #endedAt = 0;

  constructor(spans: number) {
    this.#half = Math.max(1, Math.floor(spans / 2));
  }

  /** How many bytes more are kept now. */
  add(span: Span): number {
    const before = this.bytes;
    const kept = { span, bytes: weight(span) };
    const into = this.#first.has(span.span_id) || (this.#first.size < this.#half && !this.#latest.has(span.span_id)) ? this.#first : this.#latest;
    this.bytes += kept.bytes - (into.get(span.span_id)?.bytes ?? 0);
    into.set(span.span_id, kept);
    const oldest = this.#latest.size > this.#half ? this.#latest.entries().next().value : undefined;
    if (oldest !== undefined) {
      this.#latest.delete(oldest[0]);
      this.bytes -= oldest[1].bytes;
    }
    const start = Date.parse(span.started_at);
    this.startedAt = Math.min(this.startedAt, start);
    this.#endedAt = Math.max(this.#endedAt, start + span.duration_ms);
    return this.bytes - before;
  }

  sorted(): Span[] {
    const spans = [...this.#first.values(), ...this.#latest.values()].map(({ span }) => span);
    // Starts are told in milliseconds; among equal ones the longer span is the parent.
    return spans.sort((a, b) => (a.started_at < b.started_at ? -1 : a.started_at > b.started_at ? 1 : b.duration_ms - a.duration_ms));
  }

  summary(id: string): TraceSummary {
    const spans = this.sorted();
    // The root; while it has not ended, or is elsewhere, the earliest that is known.
    const root = spans.find((span) => span.parent_span_id === null) ?? spans[0];
    return {
      trace_id: id,
      name: root?.name ?? '',
      started_at: new Date(this.startedAt).toISOString(),
      duration_ms: Math.max(0, this.#endedAt - this.startedAt),
      spans: spans.length,
      status: root?.status === 'unset' && spans.some(({ status }) => status === 'error') ? 'error' : (root?.status ?? 'unset'),
    };
  }
}

const objectBytes = 400;

function weight(span: Span): number {
  let bytes = objectBytes + span.name.length;
  for (const [name, value] of Object.entries(span.attributes)) bytes += name.length + (typeof value === 'string' ? value.length : 8);
  return bytes;
}
