/** Retention without snapshots: every question has one answer. */
import type { Retention } from '../operations/ports.ts';
import type { Faults } from './faults.ts';
import { epoch } from './faults.ts';

const old = 'c'.repeat(64);
const copy = 'd'.repeat(64);

export function fakeRetention(faults: Faults): Retention {
  const reach = (): void => {
    if (faults.repositories !== undefined) throw faults.repositories;
  };
  const group = { host: 'laptop', paths: ['/home'], tags: null };
  return {
    async previewForget() {
      reach();
      return [{ group, keep: [{ id: copy, time: epoch, reasons: ['daily snapshot'] }], remove: [{ id: old, time: epoch }], frozen: null }];
    },
    async simulate(_id, _scope, days) {
      reach();
      return { groups: [{ group, seconds_between_backups: 86_400, kept: [{ id: null, time: epoch, reasons: ['daily snapshot'] }] }], bytes_stored: 5, days: Array.from({ length: days + 1 }, () => ({ at: epoch, snapshots: 1, bytes_low: 4, bytes_expected: 5, bytes_high: 6 })) };
    },
    async chosen() {
      reach();
      return [old];
    },
    async pin() {
      reach();
      return copy;
    },
    async tag() {
      reach();
      return [{ old_snapshot_id: old, new_snapshot_id: copy }];
    },
    async freezes() {
      reach();
      return [{ group, name: 'host laptop, path [/home]', since: epoch, confirmation: '12345678', oddities: [{ code: 'time-in-future', snapshots: [old], sentence: 'cccccccc: has a time in the future' }] }];
    },
    async confirm() {
      reach();
    },
  };
}
