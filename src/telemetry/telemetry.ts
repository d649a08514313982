/**
 * What every part of the program tells about itself: log lines, spans, numbers. One of these is handed to each part; a part
 * never makes its own.
 */
import type { Logger } from '../core/platform/logger.ts';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Numbers over time. Names are snake_case with the unit at the end (`_ms`, `_bytes`, `_total`). */
export interface Metrics {
  count(name: string, by?: number, labels?: Attributes): void;
  gauge(name: string, value: number, labels?: Attributes): void;
  /** Milliseconds. */
  time(name: string, milliseconds: number, labels?: Attributes): void;
  observe(name: string, value: number, labels?: Attributes): void;
}

export interface ActiveSpan {
  /** W3C, for what goes to another process. */
  readonly traceparent: string;
  readonly traceId: string;
  readonly spanId: string;
  set(attributes: Attributes): void;
  event(name: string, attributes?: Attributes): void;
}

export interface Tracer {
  /** Runs `body` within a span, a child of `parent` (W3C), else of the span that is active, else the root of a new trace. What it throws ends the span as failed. */
  within<T>(name: string, options: { readonly parent?: string; readonly attributes?: Attributes }, body: (span: ActiveSpan) => T): T;
  /** The span within which this code runs; it follows promises and callbacks. */
  active(): ActiveSpan | undefined;
}

export interface Telemetry {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
}
