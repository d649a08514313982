import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import { defaultGroupBy } from '../../core/retention/groups.ts';
import { alert as alertSchema } from '../../shared/contract/schemas/observability.ts';
import type { RetentionScope } from '../../shared/contract/schemas/retention.ts';
import { AlertBoard } from '../health/alert-board.ts';
import type { FoundFreeze } from './find-freezes.ts';
import { FreezeBook } from './freeze-book.ts';

let folder: string;
let clock: FakeClock;
let events: { readonly name: string; readonly payload: unknown }[];
let alerts: AlertBoard;
/** Ids of repositories that the agent does not know. */
let unknown: Set<string>;

beforeEach(() => {
  folder = temporaryFolder('freeze-book');
  clock = new FakeClock();
  unknown = new Set();
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As at the start of an agent. */
function open(): FreezeBook {
  events = [];
  const emit = (name: string, payload: unknown): void => void events.push({ name, payload });
  alerts = new AlertBoard(clock, emit);
  return new FreezeBook({ clock, logger: silentLogger, emit, alerts, folder, nameOf: (id) => (unknown.has(id) ? undefined : `place ${id}`) });
}

const scope: RetentionScope = { selection: { by: 'filter', hosts: [], tags: [], paths: [] }, policy: { keep_last: 1 }, group_by: ['host', 'paths'] };

function freeze(host: string, confirmation: string, ...snapshots: string[]): FoundFreeze {
  const key = { host, paths: ['/home'], tags: null };
  return { group: { key, snapshots: [] }, frozen: { key, confirmation, oddities: [{ code: 'time-in-future', snapshots }] }, by: defaultGroupBy };
}

const openAlerts = (): unknown[] => alerts.list().filter(({ resolved_at: resolved }) => resolved === null).map(({ subject }) => subject);

it('tells of each frozen group once, by alert and event, until it is free', () => {
  const book = open();
  book.note('drive', [freeze('laptop', '11111111', 'a'), freeze('desk', '22222222', 'b')], [scope]);
  expect(events.map(({ name }) => name)).toEqual(['alert', 'alert', 'retention_frozen']);
  for (const alert of alerts.list()) expect(alertSchema.parse(alert)).toMatchObject({ severity: 'critical', values: { place: 'place drive', count: 1, reasons: 'time-in-future' }, resolved_at: null });
  book.note('drive', [freeze('laptop', '11111111', 'a'), freeze('desk', '22222222', 'b')], [scope]);
  expect(events).toHaveLength(3);
  book.note('drive', [freeze('laptop', '33333333', 'a', 'c')], [scope]);
  expect(openAlerts()).toEqual(['drive host laptop, path [/home]']);
  expect(alerts.list().find(({ resolved_at: resolved }) => resolved === null)?.values).toMatchObject({ count: 2, confirmation: '33333333' });
  book.note('drive', [], []);
  expect([openAlerts(), book.freezes('drive'), book.scopes('drive')]).toEqual([[], [], []]);
  expect(events.at(-1)).toEqual({ name: 'retention_frozen', payload: { repository_id: 'drive', freezes: [] } });
});

it('a group is frozen since the first look that found it so, over a restart, too', async () => {
  const first = clock.now();
  open().note('drive', [freeze('laptop', '11111111', 'a')], [scope]);
  if (process.platform !== 'win32') expect(statSync(join(folder, 'retention', 'frozen.json')).mode & 0o777).toBe(0o600);
  await clock.advance(5000);
  const book = open();
  expect(alerts.list()).toMatchObject([{ at: new Date(first).toISOString(), values: { confirmation: '11111111' } }]);
  expect(book.scopes('drive')).toEqual([scope]);
  book.note('drive', [freeze('laptop', '22222222', 'a', 'b')], book.scopes('drive'));
  expect(book.freezes('drive')).toMatchObject([{ since: new Date(first).toISOString(), confirmation: '22222222' }]);
});

it('a repository that is gone has no alert any more', () => {
  const book = open();
  book.note('drive', [freeze('laptop', '11111111', 'a')], []);
  book.forget('drive');
  book.forget('drive');
  expect(openAlerts()).toEqual([]);
  expect(open().freezes('drive')).toEqual([]);
});

it('a look that ends after its repository was removed tells nothing', () => {
  const book = open();
  unknown.add('drive');
  book.note('drive', [freeze('laptop', '11111111', 'a')], []);
  expect([events, openAlerts(), book.freezes('drive')]).toEqual([[], [], []]);
  unknown.clear();
  book.note('drive', [freeze('laptop', '11111111', 'a')], []);
  unknown.add('drive');
  // As where the agent ended before it forgot what it had found.
  expect([open().freezes('drive'), openAlerts()]).toEqual([[], []]);
});

it('the rules of a look are kept over a restart also where it found nothing new', () => {
  const book = open();
  book.note('drive', [freeze('laptop', '11111111', 'a')], [scope]);
  const more = { ...scope, policy: { keep_last: 2 } };
  book.note('drive', [freeze('laptop', '11111111', 'a')], [scope, more]);
  expect(open().scopes('drive')).toEqual([scope, more]);
});

it.each(['no JSON', '{"version":2,"repositories":{}}', '{"version":1,"repositories":{"drive":{"freezes":[{}],"scopes":[]}}}'])('what it remembers is not believed where it is %j', (text) => {
  open().note('drive', [freeze('laptop', '11111111', 'a')], []);
  writeFileSync(join(folder, 'retention', 'frozen.json'), text);
  expect(open().freezes('drive')).toEqual([]);
  expect(alerts.list()).toEqual([]);
});
