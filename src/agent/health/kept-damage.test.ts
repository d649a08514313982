import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import { openQueue } from '../queue/open-queue.ts';
import { openSettings } from '../settings/settings-file.ts';
import { AlertBoard } from './alert-board.ts';
import { raiseKeptDamage } from './kept-damage.ts';

it('says again what was set aside at an earlier start, until the file is gone or a month has passed', () => {
  const folder = temporaryFolder('kept-damage');
  try {
    const clock = new FakeClock();
    const ports = { clock, logger: silentLogger, now: () => clock.now() };
    const board = (): AlertBoard => new AlertBoard(clock, () => undefined);
    const found = (now = Date.now()): AlertBoard => {
      const alerts = board();
      raiseKeptDamage(alerts, 'queue_damaged', folder, ['queue.sqlite'], now);
      raiseKeptDamage(alerts, 'settings_restored', folder, ['settings.', 'secrets.'], now);
      return alerts;
    };
    for (const name of ['queue.sqlite', 'queue.sqlite-wal', 'settings.json']) writeFileSync(path.join(folder, name), 'damaged');
    expect(found().list()).toEqual([]);
    const { queue, damage } = openQueue(path.join(folder, 'queue.sqlite'), ports);
    queue.close();
    const { repair } = openSettings(folder, ports);
    const later = found();
    expect(later.list().map(({ kind, subject, severity }) => [kind, subject, severity])).toEqual([
      ['settings_restored', folder, 'warning'],
      ['queue_damaged', folder, 'warning'],
    ]);
    // The log beside the database is not a file of its own.
    expect(later.list()[1]?.message).toContain(`delete ${damage?.movedTo[0] ?? ''},`);
    expect(Math.abs(Date.parse(later.list()[1]?.at ?? '') - Date.now())).toBeLessThan(600_000);

    const fresh = board();
    fresh.raise('queue_damaged', { subject: folder, severity: 'critical', code: 'queue_set_aside', values: {}, message: 'now' });
    raiseKeptDamage(fresh, 'queue_damaged', folder, ['queue.sqlite'], Date.now());
    expect(fresh.list().map(({ message }) => message)).toEqual(['now']);

    expect(found(Date.now() + 31 * 86_400_000).list()).toEqual([]);
    for (const moved of [...(damage?.movedTo ?? []), ...(repair?.setAside ?? [])]) rmSync(moved);
    expect(found().list()).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
