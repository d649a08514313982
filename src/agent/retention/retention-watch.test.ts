import { rmSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { systemClock, type Clock } from '../../core/platform/clock.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import { defaultGroupBy, groupSnapshots } from '../../core/retention/groups.ts';
import { withGuard } from '../../core/retention/guard/open-guard.ts';
import { loadAllSnapshots } from '../../core/retention/load-snapshots.ts';
import { saveSnapshot, type Snapshot } from '../../core/repository/snapshots.ts';
import { memoryRepository, type MemoryRepository } from '../../core/repository/testing/fast-repository.ts';
import type { RetentionFreeze, RetentionScope } from '../../shared/contract/schemas/retention.ts';
import { AlertBoard } from '../health/alert-board.ts';
import { FreezeBook } from './freeze-book.ts';
import { RetentionWatch } from './retention-watch.ts';

const minute = 60_000;
const day = 86_400_000;
const now = Date.parse('2026-06-15T12:00:00Z');
/** Stands still, so that nothing gets older; who waits for a lock waits a moment. */
const clock: Clock = { now: () => now, monotonic: () => systemClock.monotonic(), sleep: (ms, signal) => systemClock.sleep(ms, signal) };

let world: World;

class World {
  readonly folder = temporaryFolder('retention-watch');
  readonly memory: MemoryRepository;
  readonly book: FreezeBook;
  readonly watch: RetentionWatch;
  readonly closing = new AbortController();
  readonly warnings: string[] = [];
  /** How many opened the repository so far, and how many have it now. */
  opened = 0;
  inUse = 0;
  most = 0;
  /** What everybody waits for who opened it. */
  gate: Promise<void> = Promise.resolve();
  known = true;

  constructor(memory: MemoryRepository) {
    this.memory = memory;
    const alerts = new AlertBoard(clock, () => undefined);
    this.book = new FreezeBook({ clock, logger: silentLogger, emit: () => undefined, alerts, folder: this.folder, nameOf: (id) => (this.known ? id : undefined) });
    this.watch = new RetentionWatch({
      book: this.book,
      logger: { ...silentLogger, warn: (_fields, message) => void this.warnings.push(message) },
      folder: this.folder,
      closing: this.closing.signal,
      use: async (_id, body, signal = new AbortController().signal) => {
        this.opened += 1;
        this.inUse += 1;
        this.most = Math.max(this.most, this.inUse);
        try {
          await Promise.race([this.gate, new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }))]);
          return await body(this.memory.repository, signal);
        } finally {
          this.inUse -= 1;
        }
      },
    });
  }

  save(at: number, tags: string[] = ['plan']): Promise<string> {
    const snapshot: Snapshot = { time: new Date(at).toISOString(), tree: 'a'.repeat(64), paths: ['/home'], hostname: 'laptop', tags };
    return saveSnapshot(this.memory.repository, snapshot);
  }

  async remember(): Promise<void> {
    const all = await loadAllSnapshots(this.memory.repository);
    await withGuard(this.folder, this.memory.repository, all, async (_guard, remember) => remember(groupSnapshots(all.snapshots, defaultGroupBy).map((group) => ({ group }))));
  }
}

beforeEach(async () => {
  world = new World(await memoryRepository({ clock }));
});

afterEach(() => rmSync(world.folder, { recursive: true, force: true }));

const keepLast = (keep_last: number): RetentionScope => ({ selection: { by: 'filter', hosts: [], tags: [], paths: [] }, policy: { keep_last }, group_by: ['host', 'paths'] });
const codes = (freezes: readonly RetentionFreeze[]): string[] => freezes.flatMap(({ oddities }) => oddities.map(({ code }) => code));
const ended = async (): Promise<void> => {
  await world.watch.ended();
};

describe('looks at a repository', () => {
  it('come one after another, and jobs that end meanwhile are one further look', async () => {
    await world.save(now + 300 * day);
    const open = Promise.withResolvers<void>();
    world.gate = open.promise;
    world.watch.jobEnded('drive', keepLast(1));
    await setImmediate();
    world.watch.jobEnded('drive', keepLast(2));
    world.watch.jobEnded('drive', keepLast(3));
    const asked = world.watch.freezes('drive');
    await setImmediate();
    expect(world.opened).toBe(1);
    open.resolve();
    expect(codes(await asked)).toEqual(['time-in-future']);
    expect([world.opened, world.most]).toEqual([3, 1]);
    expect(world.book.scopes('drive')).toEqual([keepLast(1), keepLast(2), keepLast(3)]);
  });

  it('wait for no look at another', async () => {
    const shut = Promise.withResolvers<void>();
    world.gate = shut.promise;
    world.watch.jobEnded('drive', undefined);
    await setImmediate();
    world.gate = Promise.resolve();
    expect(await world.watch.freezes('other')).toEqual([]);
    expect(world.most).toBe(2);
    shut.resolve();
    await ended();
  });

  it('leave the rules of other plans where one plan has backed up often', async () => {
    await world.save(now + 300 * day);
    world.watch.jobEnded('drive', keepLast(9));
    for (let time = 0; time < 30; time++) {
      const id = await world.save(now - (40 - time) * day);
      world.watch.jobEnded('drive', { ...keepLast(7), selection: { by: 'like', snapshot_id: id } });
      await ended();
    }
    expect(world.book.scopes('drive').map(({ policy }) => policy)).toEqual([{ keep_last: 9 }, { keep_last: 7 }]);
  });

  it('that end after it was removed leave nothing', async () => {
    await world.save(now + 300 * day);
    world.gate = Promise.resolve().then(() => {
      world.known = false;
      world.book.forget('drive');
    });
    expect(await world.watch.freezes('drive')).toEqual([]);
  });

  it('that fail leave what the last one found, and the next goes on', async () => {
    await world.save(now + 300 * day);
    await world.watch.freezes('drive');
    world.memory.store.fault = () => {
      throw new Error('away');
    };
    world.watch.jobEnded('drive', undefined);
    await ended();
    expect(world.warnings).toHaveLength(1);
    await expect(world.watch.freezes('drive')).rejects.toThrow('away');
    expect(codes(world.book.freezes('drive'))).toEqual(['time-in-future']);
    world.memory.store.fault = undefined;
    expect(codes(await world.watch.freezes('drive'))).toEqual(['time-in-future']);
  });

  it('end with the agent, and for one who has left', async () => {
    world.gate = new Promise(() => undefined);
    const leaving = new AbortController();
    const left = world.watch.freezes('drive', leaving.signal);
    await setImmediate();
    leaving.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    const waiting = world.watch.freezes('drive');
    const next = world.watch.confirm('drive', '12345678');
    world.watch.jobEnded('drive', undefined);
    await setImmediate();
    world.closing.abort(new Error('the agent stops'));
    await Promise.all([waiting, next].map((one) => expect(one).rejects.toThrow('the agent stops')));
    await ended();
    await expect(world.watch.freezes('drive')).rejects.toThrow('the agent stops');
    expect([world.opened, world.warnings]).toEqual([2, []]);
  });
});

describe('a confirmation', () => {
  const flood = async (): Promise<void> => {
    for (let days = 12; days > 1; days--) await world.save(now - days * day);
    await world.remember();
    for (let at = 8; at > 0; at--) await world.save(now - at * minute);
  };

  it('accepts no flood that was not shown', async () => {
    await flood();
    await world.save(now + 300 * day, ['other']);
    // Nothing is known yet of the plan's rules, for which the flood is one.
    const [shown] = await world.watch.freezes('drive');
    expect(codes(await world.watch.freezes('drive'))).toEqual(['time-in-future']);
    world.watch.jobEnded('drive', keepLast(7));
    await expect(world.watch.confirm('drive', shown?.confirmation ?? '')).rejects.toMatchObject({ code: 'RETENTION_FROZEN' });
    const both = await world.watch.freezes('drive');
    expect(codes(both)).toEqual(['time-in-future', 'too-many-new']);
    await world.watch.confirm('drive', both[0]?.confirmation ?? '');
    expect(await world.watch.freezes('drive')).toEqual([]);
  });

  it('is for what is odd now, and for that alone', async () => {
    await world.save(now + 300 * day);
    const [shown] = await world.watch.freezes('drive');
    const { confirmation = '' } = shown ?? {};
    await world.save(now + 200 * day);
    await expect(world.watch.confirm('drive', confirmation)).rejects.toMatchObject({ code: 'RETENTION_FROZEN', path: 'confirmation' });
    const [both] = await world.watch.freezes('drive');
    await Promise.all([world.watch.confirm('drive', both?.confirmation ?? ''), expect(world.watch.confirm('drive', both?.confirmation ?? '')).rejects.toMatchObject({ code: 'RETENTION_FROZEN' })]);
    expect([world.book.freezes('drive'), world.most]).toEqual([[], 1]);
  });
});
