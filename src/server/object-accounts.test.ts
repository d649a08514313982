import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ObjectAccounts } from './object-accounts.ts';
import type { Account } from './object-accounts.ts';
import { Quota } from './quota.ts';

const remove = (accounts: ObjectAccounts, key: string, bytes: number): Promise<boolean> => accounts.remove(key, bytes, () => Promise.resolve());

describe('the quota', () => {
  it('reserves for uploads at once, and frees what was not stored', () => {
    const accounts = new ObjectAccounts(new Quota(100, 10));
    const first = accounts.open('a', false, 60);
    expect(accounts.open('b', false, 31)).toBeUndefined();
    const second = accounts.open('b', false, 0);
    expect(second?.reservation.grow(30)).toBe(true);
    expect(second?.reservation.grow(31)).toBe(false);
    first?.close();
    expect(second?.reservation.grow(90)).toBe(true);
    expect(second?.stored(90)).toBe(true);
    second?.close();
    expect([accounts.quota.stored, accounts.quota.remaining]).toEqual([100, 0]);
    expect(accounts.open('b', true, 90)?.stored(90)).toBe(false);
  });

  it('counts every object once, in any order of uploads and removals', async () => {
    type Step = { readonly key: string; readonly does: 'begin' | 'succeed' | 'fail' | 'remove' };
    const step = fc.record({ key: fc.constantFrom('a', 'b'), does: fc.constantFrom('begin', 'succeed', 'fail', 'remove') }) as fc.Arbitrary<Step>;
    const size = (key: string): number => (key === 'a' ? 10 : 25);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const accounts = new ObjectAccounts(new Quota(undefined, 0));
        const stored = new Set<string>();
        const open: { readonly key: string; readonly account: Account }[] = [];
        for (const { key, does } of steps) {
          if (does === 'begin') {
            const account = accounts.open(key, stored.has(key), size(key));
            if (account !== undefined) open.push({ key, account });
          } else if (does === 'remove') {
            if (stored.delete(key)) await remove(accounts, key, size(key));
          } else {
            const at = open.findIndex((one) => one.key === key);
            const [one] = at === -1 ? [] : open.splice(at, 1);
            if (one !== undefined && does === 'succeed') expect(one.account.stored(size(key))).toBe(!stored.has(key));
            if (one !== undefined && does === 'succeed') stored.add(key);
            one?.account.close();
          }
          expect(accounts.quota.stored).toBe([...stored].reduce((sum, name) => sum + size(name), 0));
        }
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it('counts one of two removals at the same time', async () => {
    const accounts = new ObjectAccounts(new Quota(undefined, 50));
    const gate = Promise.withResolvers<void>();
    const first = accounts.remove('a', 20, () => gate.promise);
    const second = remove(accounts, 'a', 20);
    gate.resolve();
    expect([await first, await second]).toEqual([true, false]);
    expect(accounts.quota.stored).toBe(30);
  });
});
