import { expect, it } from 'vitest';
import type { Plan } from '../../../shared/contract/schemas/plan.ts';
import { newPlan } from '../../../shared/contract/schemas/plan.ts';
import { editableOf, emptyPlan, hasGroup, isSame, ownPatterns, scheduleOfKind, withGroup } from './plan-draft.ts';

const content = newPlan.parse({ name: 'Documents', repository_id: 'default', paths: ['/home/anna'], excludes: { patterns: ['*.tmp'] } });
const plan: Plan = { ...content, plan_id: 'p1', created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z', paused_until: null, last_run_at: null, last_job_id: null, missed_since: null, next_runs: [] };

it('takes of a plan what may be sent back', () => {
  expect(editableOf(plan)).toEqual(content);
  expect(newPlan.parse(editableOf(plan))).toEqual(content);
});

it('sees a change, and no other order of fields', () => {
  const { name, ...rest } = content;
  expect(isSame(content, { ...rest, name })).toBe(true);
  expect(isSame(content, { ...content, paths: ['/home/anna', '/home/ben'] })).toBe(false);
  expect(isSame(content, { ...content, excludes: { ...content.excludes, larger_than: undefined } as typeof content.excludes })).toBe(true);
});

it('begins without a name and without folders', () => {
  expect(emptyPlan('r1')).toMatchObject({ name: '', paths: [], repository_id: 'r1', schedule: { kind: 'hours', every: 1 } });
});

it('keeps the time of a schedule when its kind changes', () => {
  expect(scheduleOfKind('weekly', { kind: 'daily', at: '06:15' })).toEqual({ kind: 'weekly', on: ['saturday'], at: '06:15' });
  expect(scheduleOfKind('minutes', { kind: 'hours', every: 2, window: { from: '08:00', to: '20:00' } })).toEqual({ kind: 'minutes', every: 30, window: { from: '08:00', to: '20:00' } });
  expect(scheduleOfKind('manual', { kind: 'daily', at: '06:15' })).toEqual({ kind: 'manual' });
});

it('knows patterns that a tile stands for', () => {
  const with_ = withGroup(content, 'downloads', true);
  expect(hasGroup(with_, 'downloads')).toBe(true);
  expect(ownPatterns(with_)).toEqual(['*.tmp']);
  expect(withGroup(with_, 'downloads', false)).toEqual(content);
  expect(hasGroup(withGroup(content, 'machines', true), 'downloads')).toBe(false);
});
