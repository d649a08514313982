import * as fc from 'fast-check';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { mountSmallFileSystem } from '../../../test/support/rights.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import { settings } from '../../shared/contract/schemas/settings.ts';
import { sealDocument, unsealDocument } from './envelope.ts';
import { openSettings } from './settings-file.ts';
import type { SettingsDocument, StoredPlan } from './settings-port.ts';

const root = temporaryFolder('settings');
let folders = 0;
const freshFolder = (): string => join(root, `home-${(folders += 1)}`);
const ports = { logger: silentLogger, now: () => Date.UTC(2026, 2, 1) };
const open = (folder: string): ReturnType<typeof openSettings> => openSettings(folder, ports);
const main = (folder: string): string => join(folder, 'settings.json');
const copy = (folder: string): string => join(folder, 'settings.copy.json');
const setAside = (folder: string): string[] => readdirSync(folder).filter((name) => name.includes('.damaged-'));

const plan: StoredPlan = {
  plan_id: 'documents',
  name: 'Documents',
  repository_id: 'default',
  paths: ['/home/anna/Documents'],
  excludes: { presets: ['caches'], patterns: ['*.tmp'], ignore_case_patterns: [], one_file_system: false },
  tags: [],
  schedule: { kind: 'daily', at: '21:30' },
  time_zone: 'Europe/Berlin',
  catch_up: true,
  retention: { keep_daily: 7 },
  conditions: { on_battery: 'run', metered_network: 'run' },
  enabled: true,
  priority: 0,
  created_at: '2026-02-01T10:00:00.000Z',
  updated_at: '2026-02-02T10:00:00.000Z',
  paused_until: null,
  last_run_at: '2026-02-28T20:30:00.000Z',
  last_job_id: 'job-1',
  missed_since: null,
  settled_until: '2026-02-28T20:30:00.000Z',
};

const withPlan = (document: SettingsDocument): SettingsDocument => ({ ...document, plans: [plan], settings: { ...document.settings, concurrency: 3 } });

/** A home with one plan, written by the code under test. */
function homeWithPlan(): string {
  const folder = freshFolder();
  open(folder).file.update(withPlan);
  return folder;
}

afterAll(() => rmSync(root, { recursive: true }));

describe('the settings', () => {
  it('begin with defaults, without a file', () => {
    const folder = freshFolder();
    const { file, repair } = open(folder);
    expect(file.document).toEqual({ settings: settings.parse({}), plans: [], repositories: [], plansPausedUntil: null });
    expect(repair).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('are as they were left, in two files that nobody else may read', () => {
    const folder = homeWithPlan();
    const { file, repair } = open(folder);
    expect(file.document).toMatchObject({ plans: [plan], settings: { concurrency: 3 } });
    expect(repair).toBeUndefined();
    expect(readFileSync(copy(folder))).toEqual(readFileSync(main(folder)));
    expect(readdirSync(folder).sort()).toEqual(['settings.copy.json', 'settings.json']);
    if (process.platform === 'win32') return;
    for (const path of [main(folder), copy(folder)]) expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('refuse what the contract does not allow, and stay as they are', () => {
    const folder = homeWithPlan();
    const { file } = open(folder);
    const before = readFileSync(main(folder));
    expect(() => file.update((document) => ({ ...document, settings: { ...document.settings, concurrency: 99 } }))).toThrow();
    expect(file.document.settings.concurrency).toBe(3);
    expect(readFileSync(main(folder))).toEqual(before);
  });

  it.skipIf(process.platform === 'win32')('are made private where others could read them', () => {
    const folder = homeWithPlan();
    chmodSync(main(folder), 0o644);
    expect(open(folder).file.document.plans).toEqual([plan]);
    expect(statSync(main(folder)).mode & 0o777).toBe(0o600);
  });

  it('leave no half of a write behind', () => {
    const folder = homeWithPlan();
    const left = join(folder, 'settings.json.0123456789abcdef.new');
    writeFileSync(left, '{"vers');
    writeFileSync(join(folder, 'settings.json.new'), 'of a person');
    open(folder);
    expect(existsSync(left)).toBe(false);
    expect(existsSync(join(folder, 'settings.json.new'))).toBe(true);
  });
});

describe('damaged settings', () => {
  it.each([
    ['missing', (path: string) => rmSync(path)],
    ['empty', (path: string) => writeFileSync(path, '')],
    ['no JSON', (path: string) => writeFileSync(path, '\0\0\0\0')],
    ['of something else', (path: string) => writeFileSync(path, '[]')],
    ['a folder', (path: string) => [rmSync(path), mkdirSync(path)]],
    ['not valid', (path: string) => writeFileSync(path, sealDocument(2, { ...withPlan({ settings: settings.parse({}), plans: [], repositories: [], plansPausedUntil: null }), plans: [{ ...plan, paths: [] }] }))],
  ])('are taken from the copy where the file is %s', (what, damage) => {
    const folder = homeWithPlan();
    damage(main(folder));
    const { file, repair } = open(folder);
    expect(file.document.plans).toEqual([plan]);
    expect(repair?.outcome).toBe('restored');
    expect(setAside(folder)).toEqual(what === 'missing' ? [] : ['settings.json.damaged-20260301T000000Z']);
    expect(repair?.setAside).toEqual(setAside(folder).map((name) => join(folder, name)));
    expect(open(folder).repair).toBeUndefined();
    expect(readFileSync(main(folder))).toEqual(readFileSync(copy(folder)));
  });

  it('have their copy made anew where that is damaged', () => {
    const folder = homeWithPlan();
    writeFileSync(copy(folder), 'x');
    const { file, repair } = open(folder);
    expect(file.document.plans).toEqual([plan]);
    expect(repair?.outcome).toBe('renewed');
    expect(open(folder).repair).toBeUndefined();
  });

  it('go on quietly where a crash came before the copy', () => {
    const folder = homeWithPlan();
    rmSync(copy(folder));
    expect(open(folder).repair).toBeUndefined();
    expect(readFileSync(copy(folder))).toEqual(readFileSync(main(folder)));
  });

  it('begin with defaults where nothing is whole, and say so loudly; what there was is kept', () => {
    const folder = homeWithPlan();
    writeFileSync(main(folder), 'first');
    writeFileSync(copy(folder), 'second');
    const said: string[] = [];
    const { file, repair } = openSettings(folder, { ...ports, logger: { ...silentLogger, error: (_fields, message) => said.push(message) } });
    expect(file.document.plans).toEqual([]);
    expect(repair?.outcome).toBe('lost');
    expect(said).toEqual([repair?.message]);
    expect(repair?.setAside.map((path) => readFileSync(path, 'utf8'))).toEqual(['first', 'second']);
    writeFileSync(main(folder), 'third');
    writeFileSync(copy(folder), 'fourth');
    open(folder);
    expect(setAside(folder).map((name) => readFileSync(join(folder, name), 'utf8')).sort()).toEqual(['first', 'fourth', 'second', 'third']);
  });

  const damage = fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), at: fc.double({ min: 0, max: 0.999999, noNaN: true }), bit: fc.nat(7) }),
    fc.record({ kind: fc.constant('cut' as const), at: fc.double({ min: 0, max: 0.999999, noNaN: true }) }),
    fc.record({ kind: fc.constant('zeros' as const), at: fc.double({ min: 0, max: 0.999999, noNaN: true }), length: fc.integer({ min: 1, max: 4096 }) }),
  );

  it('never lose a decision while one file is whole', () => {
    const folder = homeWithPlan();
    const whole = readFileSync(main(folder));
    const expected = open(folder).file.document;
    fc.assert(
      fc.property(fc.constantFrom(main, copy), fc.array(damage, { minLength: 1, maxLength: 3 }), (which, damages) => {
        let bytes = Buffer.from(whole);
        for (const one of damages) {
          const at = Math.floor(one.at * bytes.length);
          if (one.kind === 'flip') bytes[at] = (bytes[at] ?? 0) ^ (1 << one.bit);
          else if (one.kind === 'cut') bytes = bytes.subarray(0, at);
          else bytes.fill(0, at, Math.min(bytes.length, at + one.length));
        }
        writeFileSync(main(folder), whole);
        writeFileSync(copy(folder), whole);
        writeFileSync(which(folder), bytes);
        expect(open(folder).file.document).toEqual(expected);
        for (const name of setAside(folder)) rmSync(join(folder, name));
      }),
      { numRuns: 500 },
    );
  });

  it('are noticed bit by bit', () => {
    const text = sealDocument(2, { plans: [plan] });
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        const found = unsealDocument(bytes.toString('utf8'));
        if (found.state === 'whole') expect(found).toEqual({ state: 'whole', version: 2, content: { plans: [plan] } });
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      }
    }
  });
});

describe('settings of another version', () => {
  const version1 = {
    settings: { ...settings.parse({}), concurrency: 5 },
    plans: [plan, { ...plan, plan_id: 'never', last_run_at: null, last_job_id: null }].map((one) => ({ ...one, settled_until: undefined })),
    repositories: [],
  };

  it('1 are brought to 2: what was due before the last run or change is settled', () => {
    const folder = freshFolder();
    mkdirSync(folder);
    for (const path of [main(folder), copy(folder)]) writeFileSync(path, sealDocument(1, version1), { mode: 0o600 });
    const { file, repair } = open(folder);
    expect(repair).toBeUndefined();
    expect(file.document.settings.concurrency).toBe(5);
    expect(file.document.plansPausedUntil).toBeNull();
    expect(file.document.plans.map(({ plan_id, settled_until }) => [plan_id, settled_until])).toEqual([
      ['documents', plan.last_run_at],
      ['never', plan.updated_at],
    ]);
    file.update((document) => document);
    expect(unsealDocument(readFileSync(main(folder), 'utf8'))).toMatchObject({ state: 'whole', version: 4 });
  });

  it('1 that were never valid are damaged', () => {
    const folder = freshFolder();
    mkdirSync(folder);
    writeFileSync(main(folder), sealDocument(1, { ...version1, plans: 'none' }), { mode: 0o600 });
    expect(open(folder).repair?.outcome).toBe('lost');
  });

  it.each([['the file', main], ['the copy', copy]])('newer in %s are refused with a sentence and left untouched', (_what, which) => {
    const folder = homeWithPlan();
    writeFileSync(which(folder), sealDocument(5, { anything: true }));
    const before = [main, copy].map((path) => readFileSync(path(folder)));
    expect(() => open(folder)).toThrow(expect.objectContaining({ code: 'CONFIGURATION', message: expect.stringContaining('newer version') as string }) as Error);
    expect([main, copy].map((path) => readFileSync(path(folder)))).toEqual(before);
    expect(readdirSync(folder)).toHaveLength(2);
  });
});

describe('settings on a full disk', () => {
  it('change neither on disk nor in memory', ({ skip }) => {
    const folder = freshFolder();
    const small = mountSmallFileSystem(folder, 1);
    if (small === undefined) {
      skip('only root may mount a small file system');
      return;
    }
    try {
      const { file } = open(folder);
      file.update(withPlan);
      const before = readFileSync(main(folder));
      fill(join(folder, 'filler'));
      const many = Array.from({ length: 60 }, (_, number) => ({ ...plan, plan_id: `plan-${number}` }));
      expect(() => file.update((document) => ({ ...document, plans: many }))).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }) as Error);
      expect(file.document.plans).toEqual([plan]);
      expect(readFileSync(main(folder))).toEqual(before);
      expect(readFileSync(copy(folder))).toEqual(before);
      expect(readdirSync(folder).sort()).toEqual(['filler', 'settings.copy.json', 'settings.json']);
      rmSync(join(folder, 'filler'));
      expect(file.update((document) => ({ ...document, plans: many })).plans).toHaveLength(60);
    } finally {
      small.unmount();
    }
  });
});

/** Takes what room there is. */
function fill(path: string): void {
  for (let size = 2 ** 20; size >= 4096; size /= 2) {
    try {
      writeFileSync(path, Buffer.alloc(size, 1), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}
