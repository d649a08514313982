import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import type { Emit } from '../../shared/contract/events.ts';
import { events } from '../../shared/contract/events.ts';
import type { ConnectionHealth, DestinationHealth } from '../../shared/contract/schemas/connection-health.ts';
import type { Alert, Health, HealthStatus, SystemSample } from '../../shared/contract/schemas/observability.ts';
import { agentChecks, thresholds } from './agent-checks.ts';
import type { HealthInputs, ServerReach } from './agent-checks.ts';
import { AlertBoard } from './alert-board.ts';
import { HealthMonitor, alertStalled } from './health-monitor.ts';
import { Hysteresis } from './hysteresis.ts';
import { JobOutcomes } from './job-outcomes.ts';
import type { PastJob } from './job-outcomes.ts';

const gibibyte = 1024 ** 3;

/** A listener that holds every event against its schema. */
function listener(): { emit: Emit; alerts: Alert[]; changes: Health[] } {
  const alerts: Alert[] = [];
  const changes: Health[] = [];
  const emit: Emit = (name, payload) => {
    const checked = events[name].payload.parse(payload);
    if (name === 'alert') alerts.push(checked as Alert);
    if (name === 'health_changed') changes.push(checked as Health);
  };
  return { emit, alerts, changes };
}

describe('Hysteresis', () => {
  const run = (samples: readonly HealthStatus[], worseAfter = 3, betterAfter = 2): HealthStatus[] => {
    const hysteresis = new Hysteresis({ worseAfter, betterAfter });
    return samples.map((sample) => hysteresis.sample(sample));
  };

  it('turns worse after three bad samples in a row and better after two good ones', () => {
    expect(run(['degraded', 'degraded', 'degraded', 'healthy', 'healthy'])).toEqual(['healthy', 'healthy', 'degraded', 'degraded', 'healthy']);
  });

  it('does not flap at a threshold', () => {
    expect(new Set(run(['degraded', 'healthy', 'degraded', 'degraded', 'healthy', 'unhealthy', 'degraded', 'healthy']))).toEqual(new Set(['healthy']));
    expect(run(['degraded', 'degraded', 'degraded', 'healthy', 'degraded', 'healthy', 'degraded']).slice(2)).toEqual(Array.from({ length: 5 }, () => 'degraded'));
  });

  it('moves no further than all samples of the row agree on', () => {
    expect(run(['unhealthy', 'degraded', 'unhealthy'])).toEqual(['healthy', 'healthy', 'degraded']);
    expect(run(['unhealthy', 'unhealthy', 'unhealthy', 'degraded', 'healthy'])).toEqual(['healthy', 'healthy', 'unhealthy', 'unhealthy', 'degraded']);
  });

  it('begins a new row where the direction turns', () => {
    expect(run(['degraded', 'degraded', 'degraded', 'unhealthy', 'healthy', 'unhealthy', 'unhealthy', 'unhealthy'])).toEqual(['healthy', 'healthy', 'degraded', 'degraded', 'degraded', 'degraded', 'degraded', 'unhealthy']);
  });
});

describe('R14: AlertBoard', () => {
  const warning = { subject: '/home', severity: 'warning', code: 'disk_low', values: { folder: '/home', bytes: 5 }, message: 'little space' } as const;

  it('has one open alert for each kind and subject, and tells when it opens, worsens and ends', async () => {
    const clock = new FakeClock();
    const { emit, alerts } = listener();
    const board = new AlertBoard(clock, emit);
    board.raise('disk_nearly_full', warning);
    board.raise('disk_nearly_full', { ...warning, message: 'even less' });
    board.raise('disk_nearly_full', { ...warning, subject: '/other' });
    board.raise('disk_nearly_full', { ...warning, severity: 'critical' });
    await clock.advance(5000);
    board.resolve('disk_nearly_full', '/home');
    board.resolve('disk_nearly_full', '/home');
    expect(alerts.map(({ subject, severity, resolved_at }) => [subject, severity, resolved_at])).toEqual([
      ['/home', 'warning', null],
      ['/other', 'warning', null],
      ['/home', 'critical', null],
      ['/home', 'critical', '2024-01-02T03:04:10.000Z'],
    ]);
    expect(board.list().map(({ subject, resolved_at }) => [subject, resolved_at !== null])).toEqual([['/other', false], ['/home', true]]);
    // The same again later is a new alert.
    board.raise('disk_nearly_full', warning);
    expect(new Set(board.list().map(({ alert_id }) => alert_id)).size).toBe(3);
  });

  it('keeps the latest five hundred, and open ones before those that ended', () => {
    const board = new AlertBoard(new FakeClock(), () => undefined);
    board.raise('queue_damaged', { ...warning, subject: null, severity: 'critical', message: 'open' });
    for (let at = 0; at < 600; at++) {
      board.raise('stalled_connection', { ...warning, subject: `c${at}` });
      board.resolve('stalled_connection', `c${at}`);
    }
    const list = board.list();
    expect(list).toHaveLength(500);
    expect(list[0]?.subject).toBe('c599');
    expect(list.at(-1)?.kind).toBe('queue_damaged');
  });
});

describe('JobOutcomes', () => {
  it('raises after three failures in a row of a plan or a repository, and ends with a success', () => {
    const { emit, alerts } = listener();
    const outcomes = new JobOutcomes(new FakeClock(), new AlertBoard(new FakeClock(), emit));
    const job = (phase: 'FAILED' | 'COMPLETED' | 'PARTIAL' | 'CANCELLED', plan: string | null, repository = 'r1'): void =>
      outcomes.ended({ phase, plan_id: plan, repository_id: repository, error: phase === 'FAILED' ? { code: 'STORAGE_UNREACHABLE', message: 'The server cannot be reached' } : null });
    job('FAILED', 'p1');
    job('FAILED', 'p1', 'r2');
    job('CANCELLED', 'p1');
    expect(alerts).toEqual([]);
    job('FAILED', 'p1', 'r3');
    expect(alerts.map(({ subject, kind }) => [kind, subject])).toEqual([['repeated_failure', 'p1']]);
    job('FAILED', null);
    job('PARTIAL', null);
    job('FAILED', null);
    job('FAILED', null);
    expect(alerts).toHaveLength(1);
    job('FAILED', null);
    expect(alerts.at(-1)?.subject).toBe('r1');
    job('COMPLETED', 'p1', 'r3');
    expect(alerts.at(-1)).toMatchObject({ subject: 'p1', resolved_at: expect.any(String) as string });
    expect(outcomes.lately()).toEqual({ ended: 9, failed: 7 });
  });

  it('knows failures of an earlier agent by the history of the queue, but not of what was removed', () => {
    const { emit, alerts } = listener();
    const clock = new FakeClock();
    const outcomes = new JobOutcomes(clock, new AlertBoard(clock, emit));
    const past = (phase: PastJob['phase'], finishedAt: number | null, planId: string | null, repositoryId = 'r1'): PastJob => ({ phase, finishedAt, planId, repositoryId, error: phase === 'FAILED' ? { code: 'STORAGE_DENIED', message: 'no' } : null });
    // As the queue gives them: the newest that was asked for first.
    const records = [past('FAILED', 50, 'gone'), past('FAILED', 90, 'p1'), past('FAILED', 70, 'p1'), past('CANCELLED', 65, 'p1'), past('FAILED', 60, 'p1', 'r2'), past('COMPLETED', 40, 'p1'), past('FAILED', 30, 'gone'), past('FAILED', 20, 'gone')];
    outcomes.earlier(records, (id) => id !== 'gone' && id !== 'r1');
    expect(alerts).toMatchObject([{ kind: 'repeated_failure', subject: 'p1', at: new Date(90).toISOString(), resolved_at: null, message: expect.stringContaining('The last 3 jobs') as string }]);
    expect(outcomes.lately()).toEqual({ ended: 0, failed: 0 });
    outcomes.ended({ phase: 'COMPLETED', plan_id: 'p1', repository_id: 'r2', error: null });
    expect(alerts.at(-1)).toMatchObject({ subject: 'p1', resolved_at: expect.any(String) as string });
  });
});

const calm: SystemSample = { at: '2024-01-02T03:04:05.000Z', cpu: 0.1, rss: 100 * 1024 ** 2, event_loop_delay_p99_ms: 2, disk_free: 100 * gibibyte, load: 0.5 };

function watched(change: Partial<HealthInputs> = {}): ReturnType<typeof listener> & { monitor: HealthMonitor; board: AlertBoard; clock: FakeClock; rounds: (count: number) => Promise<void> } {
  const clock = new FakeClock();
  const heard = listener();
  const board = new AlertBoard(clock, heard.emit);
  const inputs: HealthInputs = {
    clock,
    system: () => calm,
    homeFolder: '/home/anna',
    repositoryFolder: '/home/anna/server',
    repositoryDiskFree: () => Promise.resolve(50 * gibibyte),
    server: () => ({ reach: 'reachable', url: 'http://127.0.0.1:1256', message: '', trouble: null }),
    connections: () => [],
    destinations: () => [],
    jobs: () => ({ ended: 10, failed: 0 }),
    oldestQueuedAt: () => undefined,
    ...change,
  };
  const monitor = new HealthMonitor({ clock, logger: silentLogger, emit: heard.emit, alerts: board, checks: agentChecks(inputs), system: inputs.system });
  const rounds = async (count: number): Promise<void> => {
    for (let round = 0; round < count; round++) await monitor.check();
  };
  return { ...heard, monitor, board, clock, rounds };
}

describe('R14: health of the agent', () => {
  it('is healthy while nothing is wrong, and says nothing', async () => {
    const { monitor, rounds, changes, alerts } = watched();
    await rounds(10);
    expect(monitor.report().status).toBe('healthy');
    expect(Object.keys(monitor.report().checks)).toEqual(['event_loop', 'memory', 'disk_free', 'repository_disk_free', 'server', 'queue', 'connections', 'destinations']);
    expect([changes, alerts]).toEqual([[], []]);
  });

  it('changes once for a late event loop, with an alert that ends again', async () => {
    let late = 5;
    const { monitor, rounds, changes, alerts } = watched({ system: () => ({ ...calm, event_loop_delay_p99_ms: late }) });
    late = 400;
    await rounds(2);
    expect(changes).toEqual([]);
    await rounds(5);
    expect(changes.map(({ status }) => status)).toEqual(['degraded']);
    expect(monitor.report().checks['event_loop']).toMatchObject({ status: 'degraded', value: 400, threshold: thresholds.event_loop_ms.degraded });
    late = 1500;
    await rounds(3);
    late = 5;
    await rounds(6);
    expect(changes.map(({ status }) => status)).toEqual(['degraded', 'unhealthy', 'healthy']);
    expect(alerts.map(({ kind, severity, resolved_at }) => [kind, severity, resolved_at !== null])).toEqual([
      ['event_loop_late', 'warning', false],
      ['event_loop_late', 'critical', false],
      ['event_loop_late', 'critical', true],
    ]);
  });

  it.each<[string, string, Partial<HealthInputs>, HealthStatus]>([
    ['memory', 'memory', { system: () => ({ ...calm, rss: 3 * gibibyte }) }, 'unhealthy'],
    ['the disk of the home folder', 'disk_free', { system: () => ({ ...calm, disk_free: gibibyte }) }, 'degraded'],
    ['the disk of the repository', 'repository_disk_free', { repositoryDiskFree: () => Promise.resolve(1000) }, 'unhealthy'],
    ['the server', 'server', { server: (): ServerReach => ({ reach: 'unreachable', url: 'u', message: 'It does not answer', trouble: 'hung' }) }, 'unhealthy'],
    ['failing jobs', 'queue', { jobs: () => ({ ended: 10, failed: 4 }) }, 'degraded'],
    ['nothing but failing jobs', 'queue', { jobs: () => ({ ended: 5, failed: 5 }) }, 'unhealthy'],
    ['a job that waits for days', 'queue', { oldestQueuedAt: () => Date.UTC(2024, 0, 1) }, 'degraded'],
    ['stalled connections', 'connections', { connections: () => [{ state: 'stalled' } as ConnectionHealth, { state: 'active' } as ConnectionHealth] }, 'degraded'],
    ['a destination with errors', 'destinations', { destinations: () => [destination('a', 60_000, null), destination('b', 60_000, 30_000)] }, 'degraded'],
    ['no destination without errors', 'destinations', { destinations: () => [destination('a', 60_000, 90_000)] }, 'unhealthy'],
  ])('notices %s', async (_, check, inputs, status) => {
    const { monitor, rounds } = watched(inputs);
    await rounds(3);
    const found = monitor.report().checks[check];
    expect(found?.status).toBe(status);
    expect(found?.message).toMatch(/\w/);
    expect(monitor.report().status).toBe(status);
  });

  it.each<[string, Partial<HealthInputs>]>([
    ['two failures', { jobs: () => ({ ended: 2, failed: 2 }) }],
    ['an old error', { destinations: () => [destination('a', 600_000, null)] }],
    ['a server that starts, or that nobody wants', { server: (): ServerReach => ({ reach: 'unused', url: '', message: '', trouble: null }) }],
    ['what cannot be measured yet', { system: () => undefined, repositoryDiskFree: () => Promise.resolve(undefined) }],
  ])('does not mind %s', async (_, inputs) => {
    const { monitor, rounds } = watched(inputs);
    await rounds(5);
    expect(monitor.report().status).toBe('healthy');
  });

  it('survives a check that fails', async () => {
    const { monitor, rounds } = watched({ repositoryDiskFree: () => Promise.reject(new Error('gone')) });
    await rounds(1);
    expect(monitor.report().checks['repository_disk_free']).toMatchObject({ status: 'unhealthy', value: null });
    expect(monitor.report().checks['memory']?.value).toBe(calm.rss);
  });

  it('ends the alert of an address that the server has no more', async () => {
    let url = 'http://127.0.0.1:1256';
    const { rounds, board } = watched({ server: () => ({ reach: 'unreachable', url, message: 'no answer', trouble: 'ended' }) });
    await rounds(2);
    url = 'http://127.0.0.1:1257';
    await rounds(1);
    expect(board.list().map(({ subject, resolved_at }) => [subject, resolved_at === null])).toEqual([['http://127.0.0.1:1257', true], ['http://127.0.0.1:1256', false]]);
  });

  it('checks every five seconds until it is stopped', async () => {
    let looks = 0;
    const { monitor, clock } = watched({ jobs: () => ({ ended: looks++, failed: 0 }) });
    const stop = new AbortController();
    const running = monitor.run(stop.signal);
    await clock.advance(11_000);
    expect(looks).toBe(3);
    stop.abort();
    await running;
  });

  it('alerts for each connection that stalls, until it moves or is gone', () => {
    const { emit, alerts } = listener();
    const board = new AlertBoard(new FakeClock(), emit);
    const connection = (id: string, state: ConnectionHealth['state']): ConnectionHealth => ({ connection_id: id, state, client_id: 'worker-1', remote_address: '127.0.0.1' }) as ConnectionHealth;
    alertStalled(board, [connection('c1', 'stalled'), connection('c2', 'stalled'), connection('c3', 'active')]);
    alertStalled(board, [connection('c1', 'stalled'), connection('c2', 'active')]);
    alertStalled(board, []);
    expect(alerts.map(({ subject, resolved_at }) => [subject, resolved_at === null])).toEqual([['c1', true], ['c2', true], ['c2', false], ['c1', false]]);
  });
});

/** Ages in milliseconds before the clock's beginning; null: never. */
function destination(location: string, errorAge: number, successAge: number | null): DestinationHealth {
  const at = (age: number): string => new Date(Date.UTC(2024, 0, 2, 3, 4, 5) - age).toISOString();
  return {
    repository_id: location,
    location,
    operations: 1,
    active: 0,
    failures: 1,
    retries: 0,
    bytes_in: 0,
    bytes_out: 0,
    bytes_per_second: 0,
    latency_ms: null,
    last_success_at: successAge === null ? null : at(successAge),
    last_error: { at: at(errorAge), kind: 'unreachable', message: 'refused' },
  };
}
