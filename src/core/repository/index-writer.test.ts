import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../platform/fake-clock.ts';
import { StorageError } from '../storage/object-store.ts';
import { IndexWriter } from './index-writer.ts';
import { memoryRepository } from './testing/fast-repository.ts';

const minutes = 60 * 1000;

/** A pack of one blob: id and records. */
function onePack(): [Buffer, Buffer] {
  const records = randomBytes(48);
  records.fill(0, 0, 16);
  records.writeUInt32LE(40, 8);
  return [randomBytes(32), records];
}

async function scene(): Promise<Awaited<ReturnType<typeof memoryRepository>> & { clock: FakeClock; writer: IndexWriter }> {
  const clock = new FakeClock();
  const memory = await memoryRepository({ clock });
  return { ...memory, clock, writer: new IndexWriter(memory.repository) };
}

describe('interim index files', () => {
  it('come after two minutes at first', async () => {
    const { writer, clock, store } = await scene();
    await writer.addPack(...onePack());
    await clock.advance(2 * minutes - 1);
    await writer.addPack(...onePack());
    expect(store.names('index')).toHaveLength(0);
    await clock.advance(1);
    await writer.addPack(...onePack());
    expect(store.names('index')).toHaveLength(1);
  });

  it('come less often in a long run: ten hours make fewer than a hundred, none further apart than ten minutes', async () => {
    const { writer, clock, store } = await scene();
    let written = 0;
    let since = 0;
    let longest = 0;
    for (let second = 0; second < 36_000; second += 20) {
      await writer.addPack(...onePack());
      since = store.names('index').length === written ? since + 20 : 0;
      longest = Math.max(longest, since);
      written = store.names('index').length;
      await clock.advance(20_000);
    }
    expect(longest).toBeLessThanOrEqual(600);
    expect(written).toBeGreaterThan(50);
    expect(written).toBeLessThan(100);
  });
});

describe('an index file that cannot be written', () => {
  it('leaves its packs to the next one', async () => {
    const { writer, clock, store, repository } = await scene();
    await writer.addPack(...onePack());
    await clock.advance(3 * minutes);
    const away = new StorageError('unreachable', 'away');
    store.fault = () => {
      throw away;
    };
    await expect(writer.addPack(...onePack())).rejects.toBe(away);
    store.fault = undefined;
    await writer.addPack(...onePack());
    expect(await writer.flush()).toHaveLength(1);
    await repository.loadIndex();
    expect(repository.index.packCount).toBe(3);
  });

  it('is waited for by a flush, which lists its packs instead', async () => {
    const { writer, store, repository } = await scene();
    const entered = Promise.withResolvers<void>();
    const away = Promise.withResolvers<void>();
    store.fault = (operation) => {
      if (operation !== 'put') return undefined;
      store.fault = undefined;
      entered.resolve();
      return away.promise;
    };
    await writer.addPack(...onePack());
    const first = writer.flush();
    await entered.promise;
    const second = writer.flush();
    away.reject(new StorageError('unreachable', 'away'));
    await expect(first).rejects.toMatchObject({ kind: 'unreachable' });
    expect(await second).toHaveLength(1);
    await repository.loadIndex();
    expect(repository.index.packCount).toBe(1);
  });
});
