import { afterEach, describe, expect, it } from 'vitest';
import { newPlan, plan as planSchema } from '../../shared/contract/schemas/plan.ts';
import { ScheduleWorld } from './testing/schedule-world.ts';

let world: ScheduleWorld;
afterEach(() => world.stop());
const base = { name: 'Documents', repository_id: 'default', paths: ['/home/anna'] };

describe('the plans', () => {
  it('are what the contract says, with five runs told in advance', () => {
    world = new ScheduleWorld('2026-05-01T12:00:00Z');
    const made = world.book.add(newPlan.parse({ ...base, schedule: { kind: 'daily', at: '09:00' }, time_zone: 'Asia/Kathmandu' }));
    expect(planSchema.parse(made)).toEqual(made);
    expect(made.next_runs).toHaveLength(5);
    expect(made.next_runs[0]).toBe('2026-05-02T03:15:00.000Z');
    expect(world.book.list()).toEqual([made]);
    expect(world.book.preview({ kind: 'daily', at: '09:00' }, 'Asia/Kathmandu').map((at) => new Date(at).toISOString())).toEqual(made.next_runs);
    expect(world.book.preview({ kind: 'manual' }, undefined)).toEqual([]);
    expect(world.book.add(newPlan.parse({ ...base, enabled: false, schedule: { kind: 'hours', every: 1 } })).next_runs).toEqual([]);
  });

  it('keep what happened when they are replaced, and nothing of what they said', () => {
    world = new ScheduleWorld('2026-05-01T12:00:00Z');
    const made = world.book.add(newPlan.parse({ ...base, schedule: { kind: 'daily', at: '09:00' }, time_zone: 'Asia/Kathmandu', tags: ['a'] }));
    world.book.note(made.plan_id, { last_run_at: '2026-05-01T12:00:00.000Z', last_job_id: 'job-1' });
    const changed = world.book.update(made.plan_id, newPlan.parse({ ...base, name: 'Other' }));
    expect(changed).toMatchObject({ name: 'Other', tags: [], last_job_id: 'job-1', created_at: made.created_at, schedule: { kind: 'manual' } });
    expect(changed.time_zone).toBeUndefined();
  });

  it.each([
    [{ paths: ['/home', 'relative'] }, 'INVALID_INPUT', 'paths.1'],
    [{ paths: ['/with\0nul'] }, 'INVALID_INPUT', 'paths.0'],
    [{ conditions: { drive_present: 'drive' } }, 'INVALID_INPUT', 'conditions.drive_present'],
    [{ excludes: { patterns: ['[a'] } }, 'INVALID_INPUT', 'excludes.patterns.0'],
    [{ schedule: { kind: 'cron', expression: '0 0 31 2 *' } }, 'INVALID_INPUT', 'schedule.expression'],
    [{ time_zone: 'Mars/Olympus' }, 'INVALID_INPUT', 'time_zone'],
    [{ repository_id: 'unknown' }, 'REPOSITORY_NOT_FOUND', 'repository_id'],
  ])('refuse %j', (wrong, code, path) => {
    world = new ScheduleWorld('2026-05-01T12:00:00Z');
    const good = world.book.add(newPlan.parse(base));
    const input = newPlan.parse({ ...base, ...wrong });
    const refusal = expect.objectContaining({ code, path }) as Error;
    expect(() => world.book.add(input)).toThrow(refusal);
    expect(() => world.book.update(good.plan_id, input)).toThrow(refusal);
    expect(world.book.list()).toEqual([good]);
  });

  it('come back as they were after they were removed', () => {
    world = new ScheduleWorld('2026-05-01T12:00:00Z');
    const { book } = world;
    const made = book.add(newPlan.parse({ ...base, schedule: { kind: 'daily', at: '09:00' }, time_zone: 'UTC' }));
    book.note(made.plan_id, { last_run_at: '2026-05-01T12:00:00.000Z', last_job_id: 'job-1' });
    const before = book.get(made.plan_id);
    book.remove(made.plan_id);
    expect(book.list()).toEqual([]);
    expect(book.restore(made.plan_id)).toEqual(before);
    expect(book.list()).toEqual([before]);
    expect(() => book.restore(made.plan_id)).toThrow(expect.objectContaining({ code: 'PLAN_NOT_FOUND' }) as Error);
  });

  it('know only what there is', () => {
    world = new ScheduleWorld('2026-05-01T12:00:00Z');
    const unknown = expect.objectContaining({ code: 'PLAN_NOT_FOUND' }) as Error;
    const { book } = world;
    for (const call of [() => book.get('x'), () => book.update('x', newPlan.parse(base)), () => book.remove('x'), () => book.restore('x'), () => book.pause('x', null), () => book.resume('x')]) expect(call).toThrow(unknown);
  });
});
