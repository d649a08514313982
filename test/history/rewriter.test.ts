/**
 * Rewriting, repairing, recovering and copying, compared with the newest restic on copies of the same history: the same
 * snapshots (trees, tags, times, originals, summaries) must come out, and every byte must check.
 *
 * A few cases by default; all of them, on another history, with CYBERBACKUP_HISTORY_SEED set to any number.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lock } from '../../src/core/repository/lock.ts';
import { withLock } from '../../src/core/repository/with-lock.ts';
import type { Repository } from '../../src/core/repository/repository.ts';
import { chooseSnapshots, type SnapshotChoice } from '../../src/core/rewriter/chosen-snapshots.ts';
import { copySnapshots } from '../../src/core/rewriter/copy.ts';
import { recover } from '../../src/core/rewriter/recover.ts';
import { repairSnapshots } from '../../src/core/rewriter/repair-snapshots.ts';
import { rewriteSnapshots, type RewriteOptions } from '../../src/core/rewriter/rewrite.ts';
import { hasNewestRestic, newestRestic, restic } from '../support/restic.ts';
import { run } from '../support/run-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { copyOfRepository, historyPassword, makeHistory, openHistory, removeHistory, type History } from './make-history.ts';
import { Random } from './random.ts';

const root = temporaryFolder('rewriter');
const chosenSeed = process.env['CYBERBACKUP_HISTORY_SEED'];
/** Of what is to be tried in a long run: a short one takes the first `few`. */
function some<T>(all: readonly T[], few: number): readonly T[] {
  return chosenSeed === undefined ? all.slice(0, few) : all;
}
let history: History;
let count = 0;

beforeAll(async () => {
  mkdirSync(path.join(root, 'history'));
  history = await makeHistory(path.join(root, 'history'), { seed: Number(chosenSeed ?? 1) });
});
afterAll(() => removeHistory(root));

function copy(): string {
  return copyOfRepository(history.repository, path.join(root, `copy-${++count}`));
}

function ask(repository: string, ...args: string[]): string {
  return restic(newestRestic(), repository, args, { password: historyPassword });
}

/** Runs restic without caring how it ends. */
async function tryRestic(repository: string, ...args: string[]): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  return run(newestRestic(), ['--no-cache', '-r', repository, ...args], { env: { ...process.env, RESTIC_PASSWORD: historyPassword, RESTIC_FROM_PASSWORD: historyPassword, TZ: 'UTC' } });
}

type SnapshotText = Readonly<Record<string, unknown>>;

/** All that a snapshot says, without its id, sorted. */
function snapshotsOf(repository: string): SnapshotText[] {
  const listed = JSON.parse(ask(repository, 'snapshots', '--json')) as Record<string, unknown>[];
  for (const snapshot of listed) for (const name of ['id', 'short_id']) delete snapshot[name];
  return listed.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

async function inRepository<T>(place: string, body: (repository: Repository, lock: Lock) => Promise<T>): Promise<T> {
  const { repository, close } = await openHistory(place);
  try {
    await repository.loadIndex(undefined, { tolerateDamage: true });
    return await withLock(repository, { exclusive: true, hostname: 'test', onKept: (error) => expect.fail(String(error)) }, (lock) => body(repository, lock));
  } finally {
    await close();
  }
}

const nothing: RewriteOptions = { excludes: {}, includes: {}, forget: false, dryRun: false, snapshotSummary: false };

async function rewriteOurs(place: string, options: Partial<RewriteOptions>, choice: SnapshotChoice = {}): Promise<string[]> {
  return inRepository(place, async (repository, lock) => {
    const { snapshots } = await chooseSnapshots(repository, choice);
    return (await rewriteSnapshots(repository, snapshots, { ...nothing, ...options }, { lock })).map(({ outcome }) => outcome);
  });
}

const laptop = ['--host', 'laptop'];
const ofLaptop: SnapshotChoice = { filter: { hostnames: ['laptop'] } };

describe.skipIf(!hasNewestRestic)('rewrite', () => {
  const cases: [string, string[], Partial<RewriteOptions>, SnapshotChoice?][] = [
    ['excludes by path, of one host, and forgets', [...laptop, '--exclude', '/documents/folder*', '--exclude', '!*.log', '--forget'], { excludes: { patterns: ['/documents/folder*', '!*.log'] }, forget: true }, ofLaptop],
    ['includes by name', ['--include', '*.txt', '--iinclude', '*.jpg', '--forget'], { includes: { patterns: ['*.txt'], insensitivePatterns: ['*.jpg'] }, forget: true }],
    ['excludes by name', ['--exclude', '*.jpg', '--iexclude', 'UPPER'], { excludes: { patterns: ['*.jpg'], insensitivePatterns: ['UPPER'] } }],
    ['excludes everything', ['--tag', 'daily', '--exclude', '*'], { excludes: { patterns: ['*'] } }, { filter: { tags: ['daily'] } }],
    ['includes a folder', ['--include', '/pictures/empty', '--include', 'folder 2'], { includes: { patterns: ['/pictures/empty', 'folder 2'] } }],
    ['new host and time', [...laptop, '--new-host', 'tower', '--new-time', '2020-02-03 04:05:06'], { newHost: 'tower', newTime: '2020-02-03T04:05:06Z' }, ofLaptop],
  ];
  it.each(some(cases, 2))('%s: as restic', async (_, args, options, choice) => {
    const [theirs, ours] = [copy(), copy()];
    ask(theirs, 'rewrite', ...args);
    const outcomes = await rewriteOurs(ours, options, choice);
    expect(outcomes).toContain('replaced');
    const [expected, got] = [snapshotsOf(theirs), snapshotsOf(ours)];
    expect(got).toEqual(expected);
    expect(ask(ours, 'check')).toContain('no errors were found');
    for (const place of [theirs, ours]) rmSync(place, { recursive: true });
  });

  it('finds nothing to do a second time, and a dry run changes nothing', async () => {
    const place = copy();
    const before = snapshotsOf(place);
    const purge = { excludes: { patterns: ['*.log'] } };
    expect(await rewriteOurs(place, { ...purge, dryRun: true, forget: true })).toContain('replaced');
    expect(snapshotsOf(place)).toEqual(before);
    await rewriteOurs(place, { ...purge, forget: true });
    expect(new Set(await rewriteOurs(place, purge))).toEqual(new Set(['unchanged']));
  });
});

describe.skipIf(!hasNewestRestic)('repair snapshots', () => {
  it.each(some([1, 2, 3, 4, 5, 6], 1))('gives what restic gives after packs were lost (%i)', async (seed) => {
    const damaged = copy();
    const random = new Random(seed);
    const packs = readdirSync(path.join(damaged, 'data'), { recursive: true, encoding: 'utf8' }).filter((name) => name.length > 60).sort();
    const files = new Set(Array.from({ length: 6 }, () => random.pick(packs)));
    for (const file of files) rmSync(path.join(damaged, 'data', file));
    // Lost trees are found out while they are read, lost pieces only where the index knows.
    if (seed !== 2) await tryRestic(damaged, 'repair', 'index');
    const [theirs, ours] = [copyOfRepository(damaged, `${damaged}-theirs`), copyOfRepository(damaged, `${damaged}-ours`)];
    const forget = seed === 1 ? [] : ['--forget'];
    const said = await tryRestic(theirs, 'repair', 'snapshots', ...forget);
    const results = await inRepository(ours, async (repository, lock) => {
      const { snapshots } = await chooseSnapshots(repository, {});
      return repairSnapshots(repository, snapshots, { forget: forget.length > 0, dryRun: false }, { lock });
    });
    expect(snapshotsOf(ours)).toEqual(snapshotsOf(theirs));
    const losses = results.flatMap(({ losses: found }) => found.map(({ path: place }) => place.toString('utf8')));
    const named = [...said.stdout.matchAll(/^ {2}(?:dir|file) "(.*)": /gm)].map(([, name]) => JSON.parse(`"${name}"`) as string);
    expect(losses.length).toBeGreaterThan(0);
    // Which of several snapshots a loss is told for depends on the order in which they are walked.
    expect(new Set(losses.map((place) => path.posix.basename(place)))).toEqual(new Set(named.map((place) => path.posix.basename(place))));
    for (const place of [damaged, theirs, ours]) rmSync(place, { recursive: true });
  });
});

describe.skipIf(!hasNewestRestic)('recover', () => {
  it('makes a snapshot of what restic finds', async () => {
    const damaged = copy();
    const gone = history.snapshots.filter((_, i) => i % 9 === 4);
    ask(damaged, 'forget', ...gone.map(({ id }) => id));
    // An index is lost, too: its packs are listed again.
    const [index = ''] = readdirSync(path.join(damaged, 'index'));
    rmSync(path.join(damaged, 'index', index));
    const theirs = copyOfRepository(damaged, `${damaged}-theirs`);
    const found = await inRepository(damaged, (repository, lock) => recover(repository, { lock, hostname: 'host', username: 'user' }));
    expect(found.damaged).toEqual([]);
    expect(found.listedPacks).toBeGreaterThan(0);
    const made = snapshotsOf(damaged).find(({ tags }) => (tags as string[] | undefined)?.includes('recovered'));
    expect(made).toMatchObject({ hostname: 'host', username: 'user', paths: ['/recover'], tags: ['recovered'] });
    const said = await tryRestic(theirs, 'recover');
    expect(said.stdout).toContain(`found ${found.roots.length} unreferenced roots`);
    expect(ask(damaged, 'check', '--read-data')).toContain('no errors were found');
    // The trees of the removed snapshots lead to all that was in them.
    expect(found.roots.length).toBeGreaterThan(0);
    const again = await inRepository(damaged, (repository, lock) => recover(repository, { lock, hostname: 'host', username: 'user' }));
    expect(again).toEqual({ roots: [], listedPacks: 0, damaged: [] });
    for (const place of [damaged, theirs]) rmSync(place, { recursive: true });
  });
});

describe.skipIf(!hasNewestRestic)('copy', () => {
  async function copyOurs(from: string, to: string, choice: SnapshotChoice = {}): Promise<string[]> {
    return inRepository(from, (source) =>
      inRepository(to, async (target, lock) => {
        const { snapshots } = await chooseSnapshots(source, choice);
        return (await copySnapshots(source, target, snapshots, { lock, packSize: 1024 * 1024 })).snapshots.map(({ outcome }) => outcome);
      }),
    );
  }

  async function emptyRepository(name: string, ...args: string[]): Promise<string> {
    const place = path.join(root, name);
    expect((await tryRestic(place, 'init', ...args)).code).toBe(0);
    return place;
  }

  it('gives the snapshots that restic gives, once, with other chunker parameters and format; and back again', async () => {
    const theirs = await emptyRepository('theirs');
    const ours = await emptyRepository('ours', '--repository-version', '1');
    expect((await tryRestic(theirs, 'copy', '--from-repo', history.repository)).code).toBe(0);
    expect(new Set(await copyOurs(history.repository, ours, { filter: { hostnames: ['laptop'] } }))).toEqual(new Set(['copied']));
    const outcomes = await copyOurs(history.repository, ours);
    expect(new Set(outcomes)).toEqual(new Set(['present', 'copied']));
    expect(snapshotsOf(ours)).toEqual(snapshotsOf(theirs));
    expect(ask(ours, 'check', '--read-data')).toContain('no errors were found');
    // Each program knows the other's copies.
    expect(new Set(await copyOurs(history.repository, theirs))).toEqual(new Set(['present']));
    const back = await tryRestic(history.repository, 'copy', '--from-repo', ours);
    expect(back.stdout).not.toContain('copied from source');
    expect(new Set(await copyOurs(theirs, ours))).toEqual(new Set(['present']));
  });
});
