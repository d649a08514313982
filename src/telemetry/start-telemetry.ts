/** Logs, spans and numbers of one process, put together. */
import type { Clock } from '../core/platform/clock.ts';
import type { Logger } from '../core/platform/logger.ts';
import { MetricsRegistry } from './metrics-registry.ts';
import { OtlpExport, isExportWanted, loadOtlpExporter } from './otlp-export.ts';
import { recordSpans } from './span-record.ts';
import type { Component, SpanSink } from './span-record.ts';
import type { Telemetry } from './telemetry.ts';
import { SpanTracer } from './tracer.ts';

export interface TelemetryOptions {
  readonly component: Component;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Gets the spans of this process: a `TraceStore`, or what sends them to one. */
  readonly spans: SpanSink;
  readonly metrics?: MetricsRegistry;
  /** Where it names a collector, spans go there too. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface ProcessTelemetry extends Telemetry {
  readonly metrics: MetricsRegistry;
  readonly tracer: SpanTracer;
  /** Sends what is still to be exported, for two seconds at most. */
  readonly close: () => Promise<void>;
}

const complaintIntervalMs = 60_000;

export function startTelemetry({ component, clock, logger, spans, env = {}, metrics = new MetricsRegistry({ clock }) }: TelemetryOptions): ProcessTelemetry {
  let complainedAt = Number.NEGATIVE_INFINITY;
  const onDropped = (dropped: number, reason: string): void => {
    metrics.count('telemetry_spans_dropped_total', dropped);
    if (clock.monotonic() - complainedAt < complaintIntervalMs) return;
    complainedAt = clock.monotonic();
    logger.warn({ component: 'telemetry', spans: dropped, reason }, 'spans could not be exported; nothing else is affected');
  };
  const exporter = isExportWanted(env) ? new OtlpExport({ clock, load: loadOtlpExporter, onDropped }) : undefined;
  const processors = [recordSpans(component, spans), ...(exporter === undefined ? [] : [exporter])];
  return {
    logger,
    metrics,
    tracer: new SpanTracer({ component, clock, processors }),
    close: async () => exporter?.shutdown(),
  };
}
