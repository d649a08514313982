import { describe, expect, it } from 'vitest';
import { plan } from '../../../shared/contract/schemas/plan.ts';
import { testJob } from '../../lib/testing/test-job.ts';
import { planStates, protectionOf } from './protection.ts';

const now = new Date('2026-11-19T12:00:00.000Z');
const one = plan.parse({ name: 'Documents', repository_id: 'default', paths: ['/a'], plan_id: 'p', created_at: now.toISOString(), updated_at: now.toISOString(), paused_until: null, last_run_at: null, last_job_id: null, missed_since: null, next_runs: [] });
const ended = (id: string, phase: 'COMPLETED' | 'FAILED' | 'CANCELLED', at: string) => testJob({ job_id: id, plan_id: 'p', state: 'done', phase, finished_at: at });
const good = ended('good', 'COMPLETED', '2026-11-18T12:00:00.000Z');
const none: ReadonlySet<string> = new Set();
const unreachable = { repository_id: 'default', location: '', operations: 1, active: 0, failures: 1, retries: 1, bytes_in: 0, bytes_out: 0, bytes_per_second: 0, latency_ms: null, last_success_at: null, last_error: { at: now.toISOString(), kind: 'x', message: 'x' } };

describe('the one sentence', () => {
  it('says that nothing is protected only where there is nothing at all', () => {
    expect(protectionOf([], [], [], [], none)).toEqual({ kind: 'nothing' });
    expect(protectionOf(planStates([one], [], [], now), [], [], [], none).kind).toBe('ready');
  });

  it('names the place that a job waits for before anything else', () => {
    const waiting = testJob({ job_id: 'w', plan_id: 'p', state: 'waiting', phase: 'WAITING_RETRY' });
    expect(protectionOf(planStates([one], [waiting], [good], now), [waiting], [good], [unreachable], none)).toMatchObject({ kind: 'unreachable', repositoryId: 'default' });
    expect(protectionOf(planStates([one], [], [good], now), [], [good], [unreachable], none).kind).toBe('protected');
  });

  it('only names a plan that waits for its drive, until it is overdue', () => {
    const drives = new Set(['default']);
    const waiting = testJob({ job_id: 'w', plan_id: 'p', state: 'waiting', phase: 'WAITING_RETRY' });
    const sentence = (plan: typeof one, jobs: readonly ReturnType<typeof ended>[], active = [waiting]) => protectionOf(planStates([plan], active, jobs, now), active, jobs, [unreachable], drives);
    expect(sentence(one, [good])).toMatchObject({ kind: 'protected', away: [one] });
    const daily = { ...one, next_runs: ['2026-11-19T20:00:00.000Z', '2026-11-20T20:00:00.000Z'] };
    expect(sentence(daily, [ended('old', 'COMPLETED', '2026-11-10T12:00:00.000Z')])).toMatchObject({ kind: 'unreachable' });
    // A job without a plan was asked for now.
    expect(sentence(one, [good], [waiting, testJob({ job_id: 'x', plan_id: null, state: 'waiting', phase: 'WAITING_RETRY' })])).toMatchObject({ kind: 'unreachable' });
  });

  it('claims no protection that no plan gives', () => {
    const byHand = testJob({ job_id: 'h', plan_id: null, state: 'done', phase: 'COMPLETED', finished_at: '2026-11-18T12:00:00.000Z' });
    expect(protectionOf([], [], [byHand], [], none)).toEqual({ kind: 'unplanned', newest: new Date('2026-11-18T12:00:00.000Z') });
    expect(protectionOf(planStates([{ ...one, enabled: false }], [], [good], now), [], [good], [], none).kind).toBe('unplanned');
    expect(protectionOf(planStates([one], [], [byHand], now), [], [byHand], [], none).kind).toBe('ready');
    expect(protectionOf(planStates([{ ...one, last_run_at: '2026-11-01T12:00:00.000Z' }], [], [byHand], now), [], [byHand], [], none).kind).toBe('protected');
  });

  it('asks for attention after two failures; a cancelled run is none', () => {
    const failed = [ended('f1', 'FAILED', '2026-11-19T10:00:00.000Z'), ended('c', 'CANCELLED', '2026-11-19T09:30:00.000Z')];
    expect(protectionOf(planStates([one], [], [...failed, good], now), [], [...failed, good], [], none).kind).toBe('protected');
    const twice = [...failed, ended('f2', 'FAILED', '2026-11-19T09:00:00.000Z'), good];
    expect(protectionOf(planStates([one], [], twice, now), [], twice, [], none)).toMatchObject({ kind: 'attention', failing: [one], overdue: [] });
  });

  it('asks for attention when a plan is overdue, and only names it where another plan has a newer copy', () => {
    const daily = { ...one, next_runs: ['2026-11-19T20:00:00.000Z', '2026-11-20T20:00:00.000Z', '2026-11-21T20:00:00.000Z'] };
    const old = ended('old', 'COMPLETED', '2026-11-17T11:00:00.000Z');
    const sentence = (plans: readonly (typeof one)[], jobs: readonly ReturnType<typeof ended>[]) => protectionOf(planStates(plans, [], jobs, now), [], jobs, [], none);
    expect(sentence([daily], [{ ...old, finished_at: '2026-11-17T13:00:00.000Z' }])).toMatchObject({ kind: 'protected', lagging: [] });
    expect(sentence([daily], [old])).toEqual({ kind: 'attention', failing: [], overdue: [daily] });
    const other = { ...daily, plan_id: 'other', paths: ['/'] };
    const newer = { ...good, job_id: 'n', plan_id: 'other' };
    expect(sentence([daily, other], [old, newer])).toMatchObject({ kind: 'protected', lagging: [daily] });
    expect(sentence([daily, { ...other, paths: ['/b'] }], [old, newer])).toMatchObject({ kind: 'attention', overdue: [daily] });
    // What runs by hand, is switched off or paused is nobody's debt.
    for (const calm of [one, { ...daily, enabled: false }, { ...daily, paused_until: '9999-12-31T23:59:59.999Z' }]) expect(sentence([calm, other], [old, newer])).toMatchObject({ kind: 'protected', lagging: [] });
    // Without any copy it counts from when it was decided.
    expect(sentence([{ ...daily, updated_at: '2026-11-10T12:00:00.000Z' }], [])).toMatchObject({ kind: 'attention' });
    expect(sentence([daily], [])).toEqual({ kind: 'ready' });
  });

  it('marks the days of the strip, today last', () => {
    const days = planStates([one], [], [good], now)[0]?.days ?? [];
    expect(days).toHaveLength(30);
    expect(days.slice(-2)).toEqual(['complete', 'none']);
  });
});
