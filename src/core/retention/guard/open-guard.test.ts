import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts';
import { systemClock } from '../../platform/clock.ts';
import { FakeClock } from '../../platform/fake-clock.ts';
import { lockFolder } from '../../platform/folder-lock.ts';
import type { StoredSnapshot } from '../../repository/snapshots.ts';
import { defaultGroupBy, groupSnapshots, type SnapshotGroup } from '../groups.ts';
import { MemoryFile } from './memory.ts';
import { withGuard } from './open-guard.ts';

const id = 'f'.repeat(64);
let folder: string;

beforeEach(() => {
  folder = temporaryFolder('open-guard');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function snapshot(name: string, hostname: string): StoredSnapshot {
  return { id: name.repeat(64), snapshot: { time: '2026-06-01T12:00:00Z', tree: 'a'.repeat(64), paths: ['/home'], hostname } };
}

const snapshots = [snapshot('1', 'laptop'), snapshot('2', 'desk')];
const all = { snapshots, arrivals: new Map<string, number>() };
const repositoryWith = (clock: typeof systemClock) => ({ config: { version: 2 as const, id, polynomial: 0n }, clock });
const seen = (): string[] => Object.values(new MemoryFile(folder, id).read()?.seen ?? {}).flatMap((list) => list.map((one) => one.id)).toSorted();

describe('what two remember at the same time', () => {
  it('is remembered of both', async () => {
    const [first, second] = groupSnapshots(snapshots, defaultGroupBy) as [SnapshotGroup, SnapshotGroup];
    const inside = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const slow = withGuard(folder, repositoryWith(systemClock), all, async (_guard, remember) => {
      inside.resolve();
      await go.promise;
      remember([{ group: first }]);
    });
    await inside.promise;
    const order: string[] = [];
    const quick = withGuard(folder, repositoryWith(systemClock), all, async (_guard, remember) => {
      order.push('quick');
      remember([{ group: second }]);
    });
    const slowEnded = slow.then(() => order.unshift('slow'));
    go.resolve();
    await Promise.all([slowEnded, quick]);
    expect(order).toEqual(['slow', 'quick']);
    expect(seen()).toEqual(snapshots.map((one) => one.id));
    expect(readdirSync(join(folder, 'retention'))).toEqual([`${id}.json`]);
  });

  it('is nothing of one whose lock was taken while he looked', async () => {
    const lock = join(folder, 'retention', `${id}.lock`);
    const groups = groupSnapshots(snapshots, defaultGroupBy).map((group) => ({ group }));
    const robbed = withGuard(folder, repositoryWith(systemClock), all, async (_guard, remember) => {
      remember(groups);
      writeFileSync(lock, JSON.stringify({ pid: 1, started: '', scope: 'another machine', nonce: 'of another' }));
    });
    await expect(robbed).rejects.toMatchObject({ code: 'REPOSITORY_LOCKED' });
    expect([seen(), readdirSync(join(folder, 'retention'))]).toEqual([[], [`${id}.lock`]]);
  });

  it('is refused where the other does not end, and nothing is looked at', async () => {
    mkdirSync(join(folder, 'retention'));
    const lock = await lockFolder(join(folder, 'retention'), { name: `${id}.lock`, inUse: () => new Error('in use') as never }, systemClock);
    const clock = new FakeClock();
    const outcomes: unknown[] = [];
    void withGuard(folder, repositoryWith(clock), all, async () => 'looked').then((value) => outcomes.push(value), (error: unknown) => outcomes.push(error));
    while (outcomes.length === 0) await clock.advance(1000);
    expect(outcomes).toMatchObject([{ code: 'REPOSITORY_LOCKED' }]);
    await lock.release();
  });

  it('is waited for no longer than somebody wants it', async () => {
    mkdirSync(join(folder, 'retention'));
    const lock = await lockFolder(join(folder, 'retention'), { name: `${id}.lock`, inUse: () => new Error('in use') as never }, systemClock);
    const leaving = new AbortController();
    const waiting = withGuard(folder, repositoryWith(new FakeClock()), all, async () => 'looked', leaving.signal);
    leaving.abort(new Error('left'));
    await expect(waiting).rejects.toThrow('left');
    await lock.release();
  });
});
