/**
 * Where the worker's telemetry is composed: its spans travel to the agent, which keeps them with its own; where a collector
 * is named they go there, too.
 *
 * Invariant: spans are sent in bunches, and the last of them before the attempt's end is told.
 */
import type { Clock } from '../core/platform/clock.ts';
import { silentLogger } from '../core/platform/logger.ts';
import type { Span } from '../shared/contract/schemas/observability.ts';
import { startTelemetry } from '../telemetry/start-telemetry.ts';
import type { Tracer } from '../telemetry/telemetry.ts';
import type { WorkerChannel } from './channel.ts';

export interface WorkerTelemetry {
  readonly tracer: Tracer;
  /** Sends what is still here; to be called before the end is told. */
  flush(): void;
  /** Sends what is still to be exported, for two seconds at most. */
  close(): Promise<void>;
}

/** A bunch this large is sent at once. */
const bunch = 64;

export function workerTelemetry(channel: Pick<WorkerChannel, 'send'>, clock: Clock, env: NodeJS.ProcessEnv): WorkerTelemetry {
  let waiting: Span[] = [];
  const flush = (): void => {
    if (waiting.length === 0) return;
    channel.send({ type: 'spans', spans: waiting });
    waiting = [];
  };
  const add = (spans: readonly Span[]): void => {
    waiting.push(...spans);
    if (waiting.length >= bunch) flush();
  };
  const { tracer, close } = startTelemetry({ component: 'worker', clock, logger: silentLogger, spans: { add }, env });
  return { tracer, flush, close };
}
