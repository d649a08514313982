/** A plan as a person changes it: kept until it is saved or discarded, also while they look at something else. */
import { create } from 'zustand';
import { newPlan } from '../../../shared/contract/schemas/plan.ts';
import type { NewPlan, Plan, Schedule } from '../../../shared/contract/schemas/plan.ts';

export type PlanDraft = NewPlan;

/** Stands for the plan that is not made yet. */
export const newPlanId = 'new';

interface Drafts {
  readonly drafts: Readonly<Record<string, PlanDraft>>;
  readonly keep: (id: string, draft: PlanDraft) => void;
  readonly discard: (id: string) => void;
}

export const usePlanDrafts = create<Drafts>()((set) => ({
  drafts: {},
  keep: (id, draft) => set(({ drafts }) => ({ drafts: { ...drafts, [id]: draft } })),
  discard: (id) => set(({ drafts }) => ({ drafts: Object.fromEntries(Object.entries(drafts).filter(([other]) => other !== id)) })),
}));

/** What a person may change of a plan. */
export function editableOf(plan: Plan): PlanDraft {
  const { plan_id: _id, created_at: _made, updated_at: _changed, paused_until: _paused, last_run_at: _run, last_job_id: _job, missed_since: _missed, next_runs: _next, ...editable } = plan;
  return editable;
}

export function emptyPlan(repositoryId: string): PlanDraft {
  return { ...newPlan.parse({ name: '-', repository_id: repositoryId, paths: ['/'], excludes: { presets: ['caches', 'trash'] }, schedule: { kind: 'hours', every: 1 } }), name: '', paths: [] };
}

export function isSame(one: PlanDraft, other: PlanDraft): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([key, part]) => [key, sorted(part)]),
  );
}

/** A schedule of another kind that keeps what both have. */
export function scheduleOfKind(kind: Schedule['kind'], before: Schedule): Schedule {
  const at = 'at' in before ? before.at : '20:00';
  const window = 'window' in before && before.window !== undefined ? { window: before.window } : {};
  switch (kind) {
    case 'minutes':
      return { kind, every: 30, ...window };
    case 'hours':
      return { kind, every: 1, ...window };
    case 'daily':
      return { kind, at };
    case 'weekly':
      return { kind, on: ['saturday'], at };
    case 'monthly':
      return { kind, day: 1, at };
    case 'cron':
      return { kind, expression: '0 20 * * *' };
    default:
      return { kind: 'manual' };
  }
}

/** Names of programs' files that people leave out: tiles that stand for patterns. */
export const patternGroups = {
  downloads: ['*.part', '*.crdownload', '*.download'],
  machines: ['*.vdi', '*.vmdk', '*.vhdx', '*.qcow2'],
} as const;
export type PatternGroup = keyof typeof patternGroups;

export function hasGroup({ excludes: { patterns } }: PlanDraft, group: PatternGroup): boolean {
  return patternGroups[group].every((pattern) => patterns.includes(pattern));
}

export function withGroup(draft: PlanDraft, group: PatternGroup, on: boolean): PlanDraft {
  const names: readonly string[] = patternGroups[group];
  const others = draft.excludes.patterns.filter((pattern) => !names.includes(pattern));
  return { ...draft, excludes: { ...draft.excludes, patterns: on ? [...others, ...names] : others } };
}

/** Patterns that no tile stands for. */
export function ownPatterns(draft: PlanDraft): readonly string[] {
  const grouped = (Object.keys(patternGroups) as PatternGroup[]).filter((group) => hasGroup(draft, group)).flatMap((group): readonly string[] => patternGroups[group]);
  return draft.excludes.patterns.filter((pattern) => !grouped.includes(pattern));
}
