/** Ended spans of the SDK as the contract describes them (`Span`): what is kept, shown and sent between processes. */
import { SpanStatusCode } from '@opentelemetry/api';
import type { HrTime } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor, TracerProviderOptions } from '@opentelemetry/sdk-trace';
import type { Span } from '../shared/contract/schemas/observability.ts';
import { traceRootSpanId } from './traceparent.ts';

export type Component = Span['component'];

/** Takes spans that have ended, of this process or of another. */
export interface SpanSink {
  add(spans: readonly Span[]): void;
}

const statuses: Readonly<Record<SpanStatusCode, Span['status']>> = { [SpanStatusCode.OK]: 'ok', [SpanStatusCode.ERROR]: 'error', [SpanStatusCode.UNSET]: 'unset' };

export function spanRecord(span: ReadableSpan, component: Component): Span {
  const { traceId, spanId } = span.spanContext();
  const parent = span.parentSpanContext?.spanId;
  const attributes: Span['attributes'] = {};
  for (const [name, value] of Object.entries(span.attributes)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') attributes[name] = value;
  }
  // The contract has no events: each becomes an attribute that says when, what, and with which values.
  for (const [at, event] of span.events.entries()) {
    const values = Object.entries(event.attributes ?? {}).map(([name, value]) => ` ${name}=${String(value)}`);
    attributes[`event.${at + 1}`] = `+${Math.round(milliseconds(event.time) - milliseconds(span.startTime))} ms ${event.name}${values.join('')}`;
  }
  if (span.status.message !== undefined) attributes['error.message'] = span.status.message;
  return {
    trace_id: traceId,
    span_id: spanId,
    parent_span_id: parent === undefined || parent === traceRootSpanId ? null : parent,
    name: span.name,
    component,
    started_at: new Date(Math.floor(milliseconds(span.startTime))).toISOString(),
    duration_ms: milliseconds(span.duration),
    status: statuses[span.status.code],
    attributes,
  };
}

/** Hands every ended span of this process to `sink`. */
export function recordSpans(component: Component, sink: SpanSink): SpanProcessor {
  const nothing = (): Promise<void> => Promise.resolve();
  return { onStart: () => undefined, onEnd: (span) => sink.add([spanRecord(span, component)]), forceFlush: nothing, shutdown: nothing };
}

type Resource = NonNullable<TracerProviderOptions['resource']>;

/** What exported spans say of their origin. The SDK's own maker of resources is in a package that is not ours to import. */
export function componentResource(component: Component): Resource {
  const attributes = { 'service.name': `cyberbackup-${component}`, 'service.namespace': 'cyberbackup', 'process.pid': process.pid };
  const resource: Resource = { attributes, merge: () => resource, getRawAttributes: () => Object.entries(attributes) };
  return resource;
}

function milliseconds([seconds, nanoseconds]: HrTime): number {
  return seconds * 1000 + nanoseconds / 1e6;
}
