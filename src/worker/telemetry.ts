/**
 * Where the worker's tracer is composed. It passes on the span of the attempt, to which the server's spans then belong, and
 * records none of its own.
 */
import type { ActiveSpan, Tracer } from '../telemetry/telemetry.ts';

const noTrace = '0'.repeat(32);
const ignore = (): void => undefined;

export function workerTracer(): Tracer {
  let active: ActiveSpan = { traceparent: '', traceId: noTrace, set: ignore, event: ignore };
  return {
    within(_name, { parent }, body) {
      if (parent !== undefined) active = { traceparent: parent, traceId: parent.split('-')[1] ?? noTrace, set: ignore, event: ignore };
      return body(active);
    },
  };
}
