/**
 * Sends spans to an OpenTelemetry collector over HTTP, where `OTEL_EXPORTER_OTLP_ENDPOINT` (or its `_TRACES_` twin) names one;
 * `OTEL_EXPORTER_OTLP_HEADERS` and the other variables mean what OpenTelemetry says.
 *
 * Invariants: the program never waits for a collector and never fails with one: spans wait in a queue of limited length, go
 * in batches, one at a time, and are dropped and counted where the queue is full or the collector does not take them. The
 * exporter is loaded with the first span only.
 */
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Clock } from '../core/platform/clock.ts';

export interface ExportOptions {
  readonly clock: Clock;
  readonly load: () => Promise<SpanExporter>;
  /** Told how many spans were lost, and why. */
  readonly onDropped: (spans: number, reason: string) => void;
  readonly queueLength?: number;
  readonly batchLength?: number;
  readonly intervalMs?: number;
}

/** What is still to be sent gets this long when the process ends. */
const closingMs = 2000;

/** Whether the environment asks for an export. */
export function isExportWanted(env: NodeJS.ProcessEnv): boolean {
  return [env['OTEL_EXPORTER_OTLP_ENDPOINT'], env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']].some((value) => value !== undefined && value.trim() !== '');
}

/** Reads the endpoint and the headers from the environment of the process. */
export async function loadOtlpExporter(): Promise<SpanExporter> {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  return new OTLPTraceExporter({ keepAlive: false });
}

export class OtlpExport implements SpanProcessor {
  readonly #options: Required<ExportOptions>;
  readonly #closing = new AbortController();
  #queue: ReadableSpan[] = [];
  #exporter: Promise<SpanExporter> | undefined;
  #sending: Promise<void> | undefined;
  /** Set while a batch waits for more spans. */
  #hurry: AbortController | undefined;

  constructor(options: ExportOptions) {
    this.#options = { queueLength: 2048, batchLength: 512, intervalMs: 5000, ...options };
  }

  onStart(): void {
    // Only ended spans are sent.
  }

  onEnd(span: ReadableSpan): void {
    const { queueLength, batchLength, onDropped } = this.#options;
    if (this.#closing.signal.aborted || this.#queue.length >= queueLength) {
      onDropped(1, this.#closing.signal.aborted ? 'closed' : 'queue-full');
      return;
    }
    this.#queue.push(span);
    if (this.#queue.length >= batchLength) this.#hurry?.abort();
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
    });
  }

  /** Sends what waits, without waiting for more. */
  async forceFlush(): Promise<void> {
    this.#hurry?.abort();
    await this.#sending;
  }

  /** Sends what waits, for two seconds at most. */
  async shutdown(): Promise<void> {
    this.#closing.abort();
    const ended = new AbortController();
    const patience = this.#options.clock.sleep(closingMs, ended.signal).catch((error: unknown) => {
      if (!ended.signal.aborted) throw error;
    });
    // An exporter that could not be loaded was told of when its first batch was dropped.
    const closed = this.forceFlush().then(() => this.#exporter?.then((exporter) => exporter.shutdown(), () => undefined));
    await Promise.race([closed, patience]);
    ended.abort();
  }

  /** Runs while spans wait. Never rejects. */
  async #send(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#wait();
      const batch = this.#queue.splice(0, this.#options.batchLength);
      try {
        this.#exporter ??= this.#options.load();
        await exported(await this.#exporter, batch);
      } catch (error) {
        this.#options.onDropped(batch.length, error instanceof Error ? error.message : String(error));
      }
    }
  }

  /** Until a batch is full, or nobody should wait any longer. */
  async #wait(): Promise<void> {
    if (this.#closing.signal.aborted || this.#queue.length >= this.#options.batchLength) return;
    const hurry = new AbortController();
    this.#hurry = hurry;
    try {
      await this.#options.clock.sleep(this.#options.intervalMs, hurry.signal);
    } catch (error) {
      if (!hurry.signal.aborted) throw error;
    } finally {
      this.#hurry = undefined;
    }
  }
}

function exported(exporter: SpanExporter, batch: ReadableSpan[]): Promise<void> {
  return new Promise((resolve, reject) => {
    exporter.export(batch, ({ code, error }: { readonly code: number; readonly error?: Error }) => {
      // ExportResultCode.SUCCESS; the name is in a package that is not ours to import.
      if (code === 0) resolve();
      else reject(error ?? new Error('the collector did not take the spans'));
    });
  });
}
