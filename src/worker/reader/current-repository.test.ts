import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../core/platform/logger.ts';
import { Failure } from '../../shared/errors.ts';
import { CurrentRepository } from './current-repository.ts';
import { Stale, type OpenedRepository } from './opened-repository.ts';

let opened: number;
let closed: number[];
let current: CurrentRepository;
let refused: Error | undefined;
const { signal } = new AbortController();

beforeEach(() => {
  opened = 0;
  closed = [];
  refused = undefined;
  current = new CurrentRepository(() => {
    if (refused !== undefined) return Promise.reject(refused);
    opened += 1;
    const number = opened;
    return Promise.resolve({ close: () => Promise.resolve(void closed.push(number)) } as unknown as OpenedRepository);
  }, silentLogger);
});

const use = <T>(body: () => Promise<T>): Promise<T> => current.use(body, signal);
const fine = (): Promise<void> => use(() => Promise.resolve());

describe('the repository of a reader', () => {
  it('is opened once, and closed at the end', async () => {
    await fine();
    await fine();
    expect([opened, closed]).toEqual([1, []]);
    await current.close();
    expect(closed).toEqual([1]);
  });

  it('is opened anew, once, where something fails in one that was open already', async () => {
    let attempts = 0;
    const broken = (): Promise<void> => use(() => Promise.reject(new Error(`attempt ${(attempts += 1)}`)));
    await expect(broken()).rejects.toThrow('attempt 1');
    await fine();
    await expect(broken()).rejects.toThrow('attempt 3');
    await setImmediate();
    expect([opened, closed]).toEqual([3, [1, 2, 3]]);
  });

  it('is not opened anew for what that cannot change', async () => {
    await fine();
    await expect(use(() => Promise.reject(new Failure('PATH_NOT_FOUND', { what: 'nothing there' })))).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
    await fine();
    expect([opened, closed]).toEqual([1, []]);
  });

  it('is opened anew as often as it is stale, but not for ever', async () => {
    let stale = 2;
    await use(() => ((stale -= 1) >= 0 ? Promise.reject(new Stale()) : Promise.resolve()));
    expect(opened).toBe(3);
    await expect(use(() => Promise.reject(new Stale()))).rejects.toThrow(Stale);
    expect(opened).toBe(6);
  });

  it('is not closed under one who uses it', async () => {
    let finish: () => void = () => undefined;
    const using = use(() => new Promise<void>((resolve) => (finish = resolve)));
    await setImmediate();
    await expect(use(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect([opened, closed]).toEqual([2, [2]]);
    finish();
    await using;
    await setImmediate();
    expect(closed).toEqual([2, 1]);
  });

  it('is left by one who does not wait any more, and kept for the others', async () => {
    const leaving = new AbortController();
    const left = current.use(() => new Promise<void>((_, reject) => leaving.signal.addEventListener('abort', () => reject(leaving.signal.reason as Error))), leaving.signal);
    await setImmediate();
    leaving.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    await fine();
    expect([opened, closed]).toEqual([1, []]);
  });

  it('is not kept where it cannot be opened', async () => {
    refused = new Error('unreachable');
    await expect(fine()).rejects.toThrow('unreachable');
    refused = undefined;
    await fine();
    expect(opened).toBe(1);
  });
});
