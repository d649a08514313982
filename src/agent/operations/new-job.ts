/** Jobs made of what a person asked for and of what a plan says. */
import type { CheckedInput } from '../../shared/contract/operations.ts';
import type { Excludes, Plan } from '../../shared/contract/schemas/plan.ts';
import type { RetentionScope } from '../../shared/contract/schemas/retention.ts';
import type { NewJob } from '../queue/job-record.ts';

const noExcludes: Excludes = { presets: [], patterns: [], ignore_case_patterns: [], one_file_system: false };

/** What of a plan goes into its jobs. */
export type PlannedBackup = Pick<Plan, 'plan_id' | 'excludes' | 'tags' | 'priority'>;

/** What a job gets that its payload does not say. */
export interface JobSettings {
  readonly repositoryId: string;
  readonly maxAttempts: number;
  readonly traceId: string;
}

/** A backup of the given paths; a plan adds its excludes and tags, and its priority where none is given. */
export function backupJob(input: CheckedInput<'start_backup'>, plan: PlannedBackup | undefined, settings: JobSettings): NewJob {
  return {
    ...settings,
    payload: { kind: 'backup', paths: input.paths, excludes: mergedExcludes(plan?.excludes ?? noExcludes, givenExcludes(input)), tags: [...new Set([...(plan?.tags ?? []), ...(input.tags ?? [])])] },
    planId: plan?.plan_id ?? null,
    priority: input.priority ?? plan?.priority ?? 0,
  };
}

/** A run of a plan. */
export function planJob(plan: PlannedBackup & Pick<Plan, 'paths'>, settings: JobSettings): NewJob {
  return backupJob({ paths: plan.paths }, plan, settings);
}

export function restoreJob(input: CheckedInput<'start_restore'>, settings: JobSettings): NewJob {
  const { snapshot, subpath, target, overwrite = 'always', verify = false, priority = 0 } = input;
  return {
    ...settings,
    payload: { kind: 'restore', snapshot, ...(subpath === undefined ? {} : { subpath }), include: asList(input.include), exclude: asList(input.exclude), target, overwrite, verify },
    planId: null,
    priority,
  };
}

export function checkJob(input: CheckedInput<'start_check'>, settings: JobSettings): NewJob {
  return { ...settings, payload: { kind: 'check', read_data_percent: input.read_data_percent ?? 0 }, planId: null, priority: input.priority ?? 0 };
}

/** A forget by policy. */
export function forgetJob({ scope, prune, dry_run, priority = 0 }: { readonly scope: RetentionScope } & Pick<CheckedInput<'start_forget'>, 'prune' | 'dry_run' | 'priority'>, settings: JobSettings): NewJob {
  return { ...settings, payload: { kind: 'forget', what: { by: 'policy', ...scope }, prune: prune ? {} : null, dry_run }, planId: null, priority };
}

/** A forget of these very snapshots, by their full ids. */
export function removalJob(snapshots: string[], { prune, priority = 0 }: Pick<CheckedInput<'remove_snapshots'>, 'prune' | 'priority'>, settings: JobSettings): NewJob {
  return { ...settings, payload: { kind: 'forget', what: { by: 'ids', snapshots }, prune: prune ? {} : null, dry_run: false }, planId: null, priority };
}

export function pruneJob({ repository_id: _repository, priority = 0, dry_run, ...options }: CheckedInput<'start_prune'>, settings: JobSettings): NewJob {
  return { ...settings, payload: { kind: 'prune', options, dry_run }, planId: null, priority };
}

/** The excludes of a request as an object; patterns alone may come as a list. */
function givenExcludes({ excludes = noExcludes }: CheckedInput<'start_backup'>): Excludes {
  return Array.isArray(excludes) ? { ...noExcludes, patterns: excludes } : excludes;
}

function mergedExcludes(a: Excludes, b: Excludes): Excludes {
  const largest = Math.min(a.larger_than ?? Infinity, b.larger_than ?? Infinity);
  return {
    presets: [...new Set([...a.presets, ...b.presets])],
    patterns: [...a.patterns, ...b.patterns],
    ignore_case_patterns: [...a.ignore_case_patterns, ...b.ignore_case_patterns],
    one_file_system: a.one_file_system || b.one_file_system,
    ...(largest === Infinity ? {} : { larger_than: largest }),
  };
}

function asList(patterns: string | readonly string[] | undefined): string[] {
  return patterns === undefined ? [] : typeof patterns === 'string' ? [patterns] : [...patterns];
}
