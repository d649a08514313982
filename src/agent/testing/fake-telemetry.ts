/** Telemetry that keeps what it is told, for tests to look at. */
import { randomBytes } from 'node:crypto';
import type { Telemetry } from '../../telemetry/telemetry.ts';

export interface RecordedTelemetry extends Telemetry {
  readonly lines: { readonly level: string; readonly fields: Record<string, unknown>; readonly message: string }[];
  readonly spans: { readonly name: string; readonly parent: string | undefined }[];
  readonly timed: string[];
}

export function recordTelemetry(): RecordedTelemetry {
  const lines: RecordedTelemetry['lines'] = [];
  const spans: RecordedTelemetry['spans'] = [];
  const timed: string[] = [];
  const write = (level: string) => (fields: Record<string, unknown>, message: string) => void lines.push({ level, fields, message });
  return {
    lines,
    spans,
    timed,
    logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    metrics: { count: () => undefined, gauge: () => undefined, time: (name) => void timed.push(name), observe: () => undefined },
    tracer: {
      within(name, { parent }, body) {
        spans.push({ name, parent });
        const traceId = parent?.split('-')[1] ?? randomBytes(16).toString('hex');
        return body({ traceId, spanId: '1'.repeat(16), traceparent: `00-${traceId}-${'1'.repeat(16)}-01`, set: () => undefined, event: () => undefined });
      },
      active: () => undefined,
    },
  };
}
