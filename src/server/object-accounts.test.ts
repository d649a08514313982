import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ObjectAccounts } from './object-accounts.ts';
import type { Account } from './object-accounts.ts';
import { Quota, QuotaUsedUp } from './quota.ts';

const remove = (accounts: ObjectAccounts, quotas: readonly Quota[], key: string, bytes: number): Promise<boolean> => accounts.remove(key, bytes, quotas, () => Promise.resolve());

describe('the quota', () => {
  it('reserves for uploads at once, and frees what was not stored', () => {
    const accounts = new ObjectAccounts();
    const quota = new Quota(100, 10);
    const first = accounts.open('a', false, 60, [quota]);
    expect(() => accounts.open('b', false, 31, [quota])).toThrow(QuotaUsedUp);
    const second = accounts.open('b', false, 0, [quota]);
    expect(second.refusal(30)).toBeUndefined();
    expect(second.refusal(31)).toBeInstanceOf(QuotaUsedUp);
    first.close();
    expect(second.refusal(90)).toBeUndefined();
    expect(second.stored(90)).toBe(true);
    second.close();
    expect([quota.stored, quota.remaining]).toEqual([100, 0]);
    expect(accounts.open('b', true, 90, [quota]).stored(90)).toBe(false);
  });

  it('reserves in every quota or in none, and names the one that is full', () => {
    const accounts = new ObjectAccounts();
    const [all, annas] = [new Quota(100, 0), new Quota(50, 45, 'anna')];
    expect(() => accounts.open('anna/a', false, 6, [all, annas])).toThrow('of the user anna is used up: 50 bytes');
    expect(all.remaining).toBe(100);
    const account = accounts.open('anna/a', false, 5, [all, annas]);
    expect([all.remaining, annas.remaining]).toEqual([95, 0]);
    account.stored(5);
    account.close();
    expect([all.stored, annas.stored]).toEqual([5, 50]);
    // A limit that was lowered below what is stored leaves no room, and takes nothing away.
    annas.limit = 10;
    expect([annas.remaining, annas.stored]).toEqual([0, 50]);
  });

  it('counts every object once, in any order of uploads and removals', async () => {
    type Step = { readonly key: string; readonly does: 'begin' | 'succeed' | 'fail' | 'remove' };
    const step = fc.record({ key: fc.constantFrom('a', 'b'), does: fc.constantFrom('begin', 'succeed', 'fail', 'remove') }) as fc.Arbitrary<Step>;
    const size = (key: string): number => (key === 'a' ? 10 : 25);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const accounts = new ObjectAccounts();
        const quota = new Quota(undefined, 0);
        const stored = new Set<string>();
        const open: { readonly key: string; readonly account: Account }[] = [];
        for (const { key, does } of steps) {
          if (does === 'begin') {
            open.push({ key, account: accounts.open(key, stored.has(key), size(key), [quota]) });
          } else if (does === 'remove') {
            if (stored.delete(key)) await remove(accounts, [quota], key, size(key));
          } else {
            const at = open.findIndex((one) => one.key === key);
            const [one] = at === -1 ? [] : open.splice(at, 1);
            if (one !== undefined && does === 'succeed') expect(one.account.stored(size(key))).toBe(!stored.has(key));
            if (one !== undefined && does === 'succeed') stored.add(key);
            one?.account.close();
          }
          expect(quota.stored).toBe([...stored].reduce((sum, name) => sum + size(name), 0));
        }
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it('counts one of two removals at the same time', async () => {
    const accounts = new ObjectAccounts();
    const quota = new Quota(undefined, 50);
    const gate = Promise.withResolvers<void>();
    const first = accounts.remove('a', 20, [quota], () => gate.promise);
    const second = remove(accounts, [quota], 'a', 20);
    gate.resolve();
    expect([await first, await second]).toEqual([true, false]);
    expect(quota.stored).toBe(30);
  });
});
