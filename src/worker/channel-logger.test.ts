import { expect, it } from 'vitest';
import type { FromWorker } from '../shared/worker-protocol.ts';
import { channelLogger } from './channel-logger.ts';

it('sends plain values without credentials, of bounded length', () => {
  const sent: FromWorker[] = [];
  const logger = channelLogger({ send: (message) => sent.push(message) });
  const url = 'https://anna:planted@host/r/';
  logger.warn({ text: `at ${url}`, error: new Error(`no ${url}`), bytes: Buffer.from(url), list: [url, 1], object: { url }, none: undefined, yes: true, big: 1n, long: 'x'.repeat(100_000) }, 'a message');
  const [message] = sent;
  expect(message).toMatchObject({ type: 'log', level: 'warn', message: 'a message', fields: { text: 'at https://***@host/r/', error: 'Error: no https://***@host/r/', list: ['https://***@host/r/', 1], yes: true, big: '1n', object: expect.stringContaining('https://***@host') as string } });
  expect(JSON.stringify(message)).not.toContain('planted');
  expect(JSON.stringify(message).length).toBeLessThan(5000);
  // It passes the channel.
  expect(structuredClone(message)).toEqual(message);
});
