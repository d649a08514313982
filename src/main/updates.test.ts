import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { recordTelemetry } from '../agent/testing/fake-telemetry.ts';
import { FakeClock } from '../core/platform/fake-clock.ts';
import { releaseFeedOf, watchUpdates } from './updates.ts';
import type { Updater } from './updates.ts';

const folder = temporaryFolder('updates');
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function scene(feed: string | undefined, outcome: () => Promise<unknown> = async () => undefined) {
  const clock = new FakeClock();
  const { logger, lines } = recordTelemetry();
  const ready: string[] = [];
  const listeners = new Map<string, (value: never) => void>();
  const facts = { loads: 0, looks: 0, feeds: [] as string[] };
  const updater: Updater = {
    autoDownload: false,
    autoInstallOnAppQuit: false,
    allowDowngrade: true,
    logger: console,
    setFeedURL: ({ url }) => void facts.feeds.push(url),
    on: (event: string, listener: (value: never) => void) => listeners.set(event, listener),
    async checkForUpdates() {
      facts.looks += 1;
      await outcome();
    },
  };
  const stop = new AbortController();
  const load = async (): Promise<Updater> => {
    facts.loads += 1;
    return updater;
  };
  const ended = watchUpdates({ feed, load, clock, logger, onReady: (version) => void ready.push(version) }, stop.signal);
  const tell = (event: string, value: unknown): void => (listeners.get(event) as ((value: unknown) => void) | undefined)?.(value);
  return { clock, lines, ready, facts, updater, ended, stop, tell };
}

const minute = 60_000;
const day = 24 * 60 * minute;

describe('updates', () => {
  it('are off without a feed: nothing is loaded, nothing looked for', async () => {
    const { clock, facts, ended } = scene(undefined);
    await ended;
    await clock.advance(10 * day);
    expect(facts).toEqual({ loads: 0, looks: 0, feeds: [] });
    expect(clock.sleeping).toBe(0);
  });

  it.each(['http://updates.example.org/', 'file:///tmp/feed', 'updates', ''])('come from no feed that is not https: %j', async (feed) => {
    const { facts, lines, ended } = scene(feed);
    await ended;
    expect(facts.loads).toBe(0);
    expect(lines.map(({ level }) => level)).toEqual(['error']);
  });

  it('are looked for a minute after the start and then once a day, until the program ends', async () => {
    const { clock, facts, updater, ended, stop } = scene('https://updates.example.org/');
    await clock.advance(minute - 1);
    expect(facts).toEqual({ loads: 1, looks: 0, feeds: ['https://updates.example.org/'] });
    expect(updater).toMatchObject({ autoDownload: true, autoInstallOnAppQuit: true, allowDowngrade: false });
    await clock.advance(1);
    expect(facts.looks).toBe(1);
    await clock.advance(2 * day);
    expect(facts.looks).toBe(3);
    stop.abort();
    await ended;
    await clock.advance(2 * day);
    expect(facts.looks).toBe(3);
  });

  it('that cannot be looked for are logged, and looked for again', async () => {
    const { clock, facts, lines, ended, stop, tell } = scene('https://updates.example.org/', () => Promise.reject(new Error('no such host')));
    await clock.advance(minute);
    tell('error', new Error('no such host'));
    expect(lines.at(-1)).toMatchObject({ level: 'warn', fields: { reason: 'no such host' } });
    await clock.advance(day);
    expect(facts.looks).toBe(2);
    stop.abort();
    await ended;
  });

  it('do without when the updater cannot be loaded', async () => {
    const { logger, lines } = recordTelemetry();
    const clock = new FakeClock();
    await watchUpdates({ feed: 'https://updates.example.org/', load: () => Promise.reject(new Error('not packaged')), clock, logger, onReady: () => undefined }, new AbortController().signal);
    expect(lines).toMatchObject([{ level: 'error', fields: { reason: 'Error: not packaged' } }]);
    expect(clock.sleeping).toBe(0);
  });

  it('that lie ready are told of', async () => {
    const { clock, ready, ended, stop, tell } = scene('https://updates.example.org/');
    await clock.advance(minute);
    tell('update-downloaded', { version: '2.0.0' });
    expect(ready).toEqual(['2.0.0']);
    stop.abort();
    await ended;
  });
});

describe('the release feed', () => {
  it('is what the package says, and this project says none', () => {
    const file = join(folder, 'package.json');
    writeFileSync(file, JSON.stringify({ name: 'cyberbackup', cyberbackup: { releaseFeed: 'https://updates.example.org/' } }));
    expect(releaseFeedOf(file)).toBe('https://updates.example.org/');
    expect(releaseFeedOf(fileURLToPath(new URL('../../package.json', import.meta.url)))).toBeUndefined();
  });
});
