/**
 * The server's log: JSON lines, or readable ones on a terminal (interfaces, section 6).
 *
 * Invariants: request headers are never logged; fields whose name says that they are secret are blanked even if some
 * caller passes them by mistake.
 */
import { pino } from 'pino';
import type { Logger } from '../core/platform/logger.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogTarget {
  write(line: string): unknown;
}

const secretFields = ['authorization', 'password', 'token', 'secret', 'headers.authorization', 'headers.cookie'];

/** A logger that writes one line an event to `target`. */
export function createServerLog(options: { readonly level: LogLevel; readonly readable: boolean; readonly target: LogTarget }): Logger {
  const { target } = options;
  return pino(
    {
      level: options.level,
      base: { component: 'server' },
      messageKey: 'msg',
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretFields, censor: '[secret]' },
    },
    { write: (line: string) => void target.write(options.readable ? readableLine(line) : line) },
  );
}

const shown: ReadonlySet<string> = new Set(['ts', 'level', 'component', 'msg', 'trace_id', 'span_id', 'parent_span_id']);
const escapeCharacter = '\u001b';
const colours: Readonly<Record<string, string>> = { debug: `${escapeCharacter}[2m`, info: '', warn: `${escapeCharacter}[33m`, error: `${escapeCharacter}[31m` };

/** `12:34:56 warn  message  field=value …` from one JSON line. */
export function readableLine(line: string): string {
  const entry = JSON.parse(line) as Record<string, unknown>;
  const level = String(entry['level']);
  const colour = colours[level] ?? '';
  const fields = Object.entries(entry)
    .filter(([name]) => !shown.has(name))
    .map(([name, value]) => `${name}=${printable(typeof value === 'string' ? value : JSON.stringify(value))}`);
  const words = [String(entry['ts']).slice(11, 19), level.padEnd(5), printable(String(entry['msg'])), ...fields];
  return `${colour}${words.join(' ')}${colour === '' ? '' : `${escapeCharacter}[0m`}\n`;
}

/** Control and direction characters could rewrite the terminal; they are shown as escapes. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what is replaced
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
