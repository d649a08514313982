/** The logger of `--verbose`: a dim line on standard error for each event. Levels below warning are silent otherwise. */
import type { Logger } from '../core/platform/logger.ts';
import { visibleText } from './output/visible-text.ts';
import type { Terminal } from './terminal.ts';

export function terminalLogger(terminal: Terminal, verbose: boolean): Logger {
  const write = (level: string) => (fields: Record<string, unknown>, message: string) => {
    const details = Object.entries(fields).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(plain(value))}`);
    terminal.message(terminal.errorStyle.dim(visibleText([`${level}:`, message, ...details].join(' '))));
  };
  const nothing = (): void => undefined;
  return {
    debug: verbose ? write('debug') : nothing,
    info: verbose ? write('info') : nothing,
    warn: verbose ? write('warning') : nothing,
    error: verbose ? write('error') : nothing,
  };
}

/** Values that JSON cannot hold, as text. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return value.message;
  return value;
}
