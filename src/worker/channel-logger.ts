/** A log that goes to the agent: plain values only, without credentials, of bounded length. */
import { inspect } from 'node:util';
import type { Logger } from '../core/platform/logger.ts';
import { withoutCredentials } from '../core/storage/store-url.ts';
import type { FromWorker } from '../shared/worker-protocol.ts';
import type { Channel } from './channel.ts';

type LogLine = Extract<FromWorker, { readonly type: 'log' }>;

const longestText = 2000;
const longestList = 50;

export function channelLogger(channel: Pick<Channel<LogLine>, 'send'>): Logger {
  const at = (level: keyof Logger) => (fields: Record<string, unknown>, message: string) => {
    channel.send({ type: 'log', level, fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)])), message });
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function plain(value: unknown): unknown {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) return value;
  if (value instanceof Error) return text(`${value.name}: ${value.message}`);
  if (value instanceof Uint8Array) return text(Buffer.from(value.subarray(0, longestText)).toString('utf8'));
  if (Array.isArray(value)) return value.slice(0, longestList).map(plain);
  return text(inspect(value, { depth: 3, breakLength: Infinity }));
}

function text(value: string): string {
  return withoutCredentials(value.slice(0, longestText));
}
