/**
 * The log of a process: JSON lines, or readable ones on a terminal (interfaces, section 6).
 *
 * Invariants: every line has `ts`, `level`, `component` and `msg`; the ids of the active span are added by themselves; no
 * secret goes in, even by mistake (`redact.ts`); a line is never the reason for an exception.
 */
import { pino } from 'pino';
import type { Clock } from '../core/platform/clock.ts';
import type { Logger } from '../core/platform/logger.ts';
import { activeSpans } from './active-span.ts';
import { readableLine } from './readable-line.ts';
import { redactFields, redactText } from './redact.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogTarget {
  write(line: string): unknown;
}

export interface LogOptions {
  /** Who writes; a line's own field `component` goes before. */
  readonly component: string;
  readonly level: LogLevel;
  readonly readable: boolean;
  readonly target: LogTarget;
  readonly clock: Clock;
}

/** A logger that writes one line an event to `target`. */
export function createLog({ component, level, readable, target, clock }: LogOptions): Logger {
  const lines = pino(
    {
      level,
      base: null,
      messageKey: 'msg',
      timestamp: () => `,"ts":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => void target.write(readable ? readableLine(line) : line) },
  );
  const write = (name: LogLevel) => (fields: Record<string, unknown>, message: string) => {
    if (!lines.isLevelEnabled(name)) return;
    const span = activeSpans.getStore();
    const ids = span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId };
    lines[name](redactFields({ component, ...ids, ...fields }), redactText(message));
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** Whether lines for people are wanted: asked for, or left open and `target` is a terminal. */
export function wantsReadableLines(format: 'json' | 'readable' | 'auto', target: { readonly isTTY?: boolean }): boolean {
  return format === 'readable' || (format === 'auto' && target.isTTY === true);
}
