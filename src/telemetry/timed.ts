/** Operations and requests that are measured by themselves: a span, a timer, and a count of failures. */
import type { Clock } from '../core/platform/clock.ts';
import type { ActiveSpan, Attributes, Telemetry } from './telemetry.ts';

export interface Timed {
  /** Of the span. */
  readonly name: string;
  /** Of the timer `<metric>_ms` and the counter `<metric>_failures_total`. */
  readonly metric: string;
  /** Of both metrics; few values only. */
  readonly labels?: Attributes;
  /** W3C, of the caller. */
  readonly parent?: string;
  readonly attributes?: Attributes;
}

/** Runs `body` within a span, and notes how long it took and whether it failed. */
export async function timed<T>({ metrics, tracer }: Pick<Telemetry, 'metrics' | 'tracer'>, clock: Clock, what: Timed, body: (span: ActiveSpan) => Promise<T>): Promise<T> {
  const { name, metric, labels, parent, attributes } = what;
  const start = clock.monotonic();
  try {
    return await tracer.within(name, { ...(parent === undefined ? {} : { parent }), attributes: { ...labels, ...attributes } }, body);
  } catch (error) {
    metrics.count(`${metric}_failures_total`, 1, labels);
    throw error;
  } finally {
    metrics.time(`${metric}_ms`, clock.monotonic() - start, labels);
  }
}
