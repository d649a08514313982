import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withCatalogueLock } from '../../core/catalogue/catalogue-lock.ts';
import { cataloguedSnapshots } from '../../core/catalogue/catalogue-state.ts';
import { catalogueFile, openCatalogue } from '../../core/catalogue/open-catalogue.ts';
import { updateCatalogue } from '../../core/catalogue/update-catalogue.ts';
import { systemClock } from '../../core/platform/clock.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import { plainNode } from '../../core/repository/plain-node.ts';
import { listSnapshots, saveSnapshot } from '../../core/repository/snapshots.ts';
import { memoryRepository, storeBlobs, type MemoryRepository } from '../../core/repository/testing/fast-repository.ts';
import { encodeTree } from '../../core/repository/tree.ts';
import type { OpenedCatalogue } from './catalogue-file.ts';
import { CurrentRepository } from './current-repository.ts';
import { OpenedRepository } from './opened-repository.ts';
import { RepositoryCatalogue } from './repository-catalogue.ts';

const { signal } = new AbortController();
let memory: MemoryRepository;
let cacheFolder: string;
let file: string;
let catalogue: RepositoryCatalogue;
let warnings: string[];

beforeEach(async () => {
  memory = await memoryRepository();
  cacheFolder = mkdtempSync(path.join(os.tmpdir(), 'repository-catalogue-'));
  file = catalogueFile(cacheFolder, memory.repository.config.id);
  warnings = [];
  catalogue = make();
  await snapshot('one');
  await snapshot('two');
});

afterEach(async () => {
  await catalogue.close();
  await memory.repository.close();
  rmSync(cacheFolder, { recursive: true, force: true });
});

function make(): RepositoryCatalogue {
  const logger = { ...silentLogger, warn: (_fields: unknown, message: string) => void warnings.push(message) };
  const current = new CurrentRepository(() => Promise.resolve(new OpenedRepository({ repository: memory.repository, certificateFingerprint: null, close: () => Promise.resolve() }, systemClock)), logger);
  return new RepositoryCatalogue({ cacheFolder, clock: systemClock, logger, current, onProgress: () => undefined });
}

let day = 0;
async function snapshot(name: string): Promise<void> {
  const { ids } = await storeBlobs(memory.repository, 'tree', [encodeTree([plainNode(name, { content: Buffer.alloc(0) })])]);
  day += 1;
  await saveSnapshot(memory.repository, { time: new Date(Date.UTC(2026, 0, day)).toISOString(), tree: ids[0]?.toString('hex') ?? '', paths: ['/'], hostname: 'a' });
}

const known = (of: OpenedCatalogue): number => cataloguedSnapshots(of).size;
const read = (wait = false): Promise<number> => catalogue.read(known, signal, wait);
const locked = (body: () => Promise<void>): Promise<void> => withCatalogueLock(cacheFolder, memory.repository.config.id, systemClock, body);

/** As a search that meets damage in this file, and in no later one. */
function damagedIn(generation: string): (of: OpenedCatalogue) => number {
  return (of) => {
    if (of.generation === generation) of.database.exec('SELECT * FROM lost');
    return known(of);
  };
}
const generation = (): Promise<string> => catalogue.read((of) => of.generation, signal);

describe('a catalogue that is found damaged', () => {
  it('is replaced once for all who find it so at the same time', async () => {
    await catalogue.refresh(true, signal);
    const body = damagedIn(await generation());
    expect(await Promise.all([1, 2, 3].map(() => catalogue.read(body, signal, true)))).toEqual([2, 2, 2]);
    expect(warnings).toEqual(['the catalogue is damaged and is built anew']);
    expect(catalogue.rebuilt).toBe('no such table: lost');
  });

  it('while it is brought up to date is replaced, and whoever waits for the update gets everything', async () => {
    const body = damagedIn(await generation());
    const updated = catalogue.refresh(true, signal).then(() => read());
    expect(await Promise.all([updated, catalogue.read(body, signal, true)])).toEqual([2, 2]);
    expect(catalogue.updating).toBe(false);
  });

  it('is thrown away once for all who ask for it at the same time', async () => {
    await catalogue.refresh(true, signal);
    const before = await generation();
    await Promise.all([catalogue.rebuild(signal), catalogue.rebuild(signal), catalogue.refresh(true, signal)]);
    expect(await generation()).not.toBe(before);
    await catalogue.refresh(true, signal);
    expect([await read(), catalogue.rebuilt]).toEqual([2, null]);
  });

  it('is brought up to date once, whoever asks for that while it is replaced', async () => {
    await catalogue.refresh(true, signal);
    const rebuilding = catalogue.rebuild(signal);
    await setImmediate();
    await Promise.all([rebuilding, catalogue.refresh(true, signal)]);
    expect([await read(), warnings]).toEqual([2, []]);
  });

  it('is not brought up to date any more where it is closed in the midst of that', async () => {
    await catalogue.refresh(true, signal);
    const leaving = new AbortController();
    const { promise: met, resolve } = Promise.withResolvers<void>();
    const body = damagedIn(await generation());
    const reading = catalogue.read((of) => {
      resolve();
      return body(of);
    }, leaving.signal);
    await met;
    await setImmediate();
    leaving.abort(new Error('left'));
    await expect(reading).rejects.toThrow('left');
    await catalogue.close();
    expect([catalogue.updating, warnings.length]).toEqual([false, 1]);
  });
});

describe('a catalogue that another program writes', () => {
  it('stays as it is, whatever it is', async () => {
    openCatalogue(cacheFolder, memory.repository.config.id, silentLogger).close();
    writeFileSync(file, 'half of a catalogue');
    await locked(async () => {
      await expect(read()).rejects.toMatchObject({ code: 'REPOSITORY_LOCKED' });
      await expect(catalogue.rebuild(signal)).rejects.toMatchObject({ code: 'REPOSITORY_LOCKED' });
      expect(readFileSync(file, 'latin1')).toBe('half of a catalogue');
    });
    await catalogue.refresh(true, signal);
    expect(await read()).toBe(2);
  });

  it('is not made either', async () => {
    await locked(async () => {
      await expect(read()).rejects.toMatchObject({ code: 'REPOSITORY_LOCKED' });
      expect(existsSync(file)).toBe(false);
    });
  });

  it('is read, and written once that program is done', async () => {
    const theirs = openCatalogue(cacheFolder, memory.repository.config.id, silentLogger);
    await updateCatalogue(theirs, memory.repository, (await listSnapshots(memory.repository)).slice(0, 1));
    await locked(async () => expect(await read()).toBe(1));
    theirs.close();
    const before = await generation();
    await catalogue.refresh(true, signal);
    expect([await read(), await generation(), catalogue.rebuilt]).toEqual([2, before, null]);
  });

  it('and that it begins anew is opened anew', async () => {
    await catalogue.refresh(true, signal);
    const other = make();
    await other.rebuild(signal);
    await other.refresh(true, signal);
    await snapshot('three');
    await catalogue.refresh(true, signal);
    expect(await other.read(known, signal)).toBe(3);
    await other.close();
  });
});

it('a catalogue whose file is deleted is built anew', async () => {
  await catalogue.refresh(true, signal);
  rmSync(file);
  await catalogue.refresh(true, signal);
  expect([await read(), existsSync(file)]).toEqual([2, true]);
});
