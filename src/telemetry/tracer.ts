/**
 * Spans by OpenTelemetry's SDK.
 *
 * Every span is recorded: bounds are set where spans are kept (`trace-store.ts`) and exported (`otlp-export.ts`), and there
 * are few of them, one a phase of a job and one a request, never one a file. Durations are monotonic.
 */
import { ROOT_CONTEXT, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import type { Context, Span as SdkSpan, Tracer as SdkTracer } from '@opentelemetry/api';
import { AlwaysOnSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Clock } from '../core/platform/clock.ts';
import { activeSpans } from './active-span.ts';
import { redactFields, redactText } from './redact.ts';
import type { Component } from './span-record.ts';
import { componentResource } from './span-record.ts';
import type { ActiveSpan, Attributes, Tracer } from './telemetry.ts';
import { parseTraceparent, traceparentOf } from './traceparent.ts';

export interface TracerOptions {
  readonly component: Component;
  readonly clock: Clock;
  /** Get every span when it has ended. */
  readonly processors: readonly SpanProcessor[];
}

const limits = { attributeCountLimit: 32, attributeValueLengthLimit: 1024, eventCountLimit: 32, attributePerEventCountLimit: 8 };

export class SpanTracer implements Tracer {
  readonly #tracer: SdkTracer;
  readonly #clock: Clock;

  constructor({ component, clock, processors }: TracerOptions) {
    const provider = new TracerProvider({ resource: componentResource(component), sampler: new AlwaysOnSampler(), spanLimits: limits, spanProcessors: [...processors] });
    this.#tracer = provider.getTracer('cyberbackup');
    this.#clock = clock;
  }

  active(): ActiveSpan | undefined {
    return activeSpans.getStore();
  }

  within<T>(name: string, { parent, attributes = {} }: { readonly parent?: string; readonly attributes?: Attributes }, body: (span: ActiveSpan) => T): T {
    const start = this.#clock.now();
    const monotonicStart = this.#clock.monotonic();
    const span = this.#tracer.startSpan(name, { attributes: redacted(attributes), startTime: start }, parentContext(parent));
    const end = (): void => span.end(start + this.#clock.monotonic() - monotonicStart);
    const fail = (error: unknown): void => {
      span.setStatus({ code: SpanStatusCode.ERROR, message: redactText(error instanceof Error ? error.message : String(error)) });
      span.setAttribute('error.type', errorType(error));
      end();
    };
    const active = new RecordedSpan(span);
    let result: T;
    try {
      result = activeSpans.run(active, body, active);
    } catch (error) {
      fail(error);
      throw error;
    }
    // The caller gets the promise itself and with it what it rejects with; this only looks on.
    if (result instanceof Promise) result.then(end, fail);
    else end();
    return result;
  }
}

class RecordedSpan implements ActiveSpan {
  readonly traceparent: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly span: SdkSpan;

  constructor(span: SdkSpan) {
    const { traceId, spanId } = span.spanContext();
    this.span = span;
    this.traceId = traceId;
    this.spanId = spanId;
    this.traceparent = traceparentOf({ traceId, spanId });
  }

  set(attributes: Attributes): void {
    if (this.span.isRecording()) this.span.setAttributes(redacted(attributes));
  }

  event(name: string, attributes: Attributes = {}): void {
    if (this.span.isRecording()) this.span.addEvent(name, redacted(attributes));
  }
}

function parentContext(parent: string | undefined): Context {
  const remote = parseTraceparent(parent);
  if (remote !== undefined) return trace.setSpanContext(ROOT_CONTEXT, { ...remote, traceFlags: TraceFlags.SAMPLED, isRemote: true });
  const active = activeSpans.getStore();
  if (active === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId: active.traceId, spanId: active.spanId, traceFlags: TraceFlags.SAMPLED });
}

function redacted(attributes: Attributes): Attributes {
  return redactFields(attributes) as Attributes;
}

/** What a failure is called, in as few words as possible: its code, its kind, or its class. */
function errorType(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { code, kind } = error as { readonly code?: unknown; readonly kind?: unknown };
  return typeof code === 'string' ? code : typeof kind === 'string' ? kind : error.name;
}
