import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import type { DestinationHealth } from '../../shared/contract/schemas/connection-health.ts';
import { AlertBoard } from './alert-board.ts';
import { DestinationAlerts } from './destination-alerts.ts';

const companion = 'http://127.0.0.1:1256';
const away = 'rest:https://backup.example:8000/mine/';

function destination(location: string, failedAt: number | null, wellAt: number | null): DestinationHealth {
  const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  const failed = iso(failedAt);
  return {
    repository_id: 'r',
    location,
    operations: 1,
    active: 0,
    failures: 1,
    retries: 1,
    bytes_in: 0,
    bytes_out: 0,
    bytes_per_second: 0,
    latency_ms: null,
    last_success_at: iso(wellAt),
    last_error: failed === null ? null : { at: failed, kind: 'unreachable', message: 'connect ECONNREFUSED' },
  };
}

/** One round of `look` for each state; the open alerts' subjects after each. */
function rounds(...states: DestinationHealth[][]): (string | null)[][] {
  const clock = new FakeClock();
  const board = new AlertBoard(clock, () => undefined);
  const alerts = new DestinationAlerts(board);
  return states.map((state) => {
    alerts.look(state, companion, clock.now());
    return board.list().filter(({ resolved_at }) => resolved_at === null).map(({ subject }) => subject);
  });
}

describe('R14: alerts of destinations', () => {
  const now = new FakeClock().now();
  const failing = [destination(away, now - 1000, now - 2000)];
  const well = [destination(away, now - 2000, now - 1000)];

  it('tell of one that fails for three rounds, until something goes well', () => {
    expect(rounds(failing, failing, failing, failing, well)).toEqual([[], [], [away], [away], []]);
  });

  it('do not tell of a short break', () => {
    expect(rounds(failing, failing, well, failing, failing)).toEqual([[], [], [], [], []]);
  });

  it('end when nobody tries any more, and when the destination is gone', () => {
    const old = [destination(away, now - 300_001, null)];
    expect(rounds(failing, failing, failing, old)).toEqual([[], [], [away], []]);
    expect(rounds(failing, failing, failing, [])).toEqual([[], [], [away], []]);
  });

  it('leave the companion server to its own alert', () => {
    const own = [destination(`rest:${companion}/default/`, now, null), destination('/media/disk/backup', now, null)];
    expect(rounds(own, own, own)).toEqual([[], [], ['/media/disk/backup']]);
  });
});
