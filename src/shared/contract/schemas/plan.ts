/**
 * Plans: what to back up, where to, and when.
 *
 * Vocabulary: a *schedule* names local times in a time zone; a *window* is the part of a day in which runs may start; a
 * run is *missed* when its time came while nothing could start it (the machine slept, the agent was not there).
 */
import { z } from 'zod';
import { identifier, timestamp } from './common.ts';
import { planRetention } from './retention.ts';

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day, as in "21:30"');
export const timeZone = z.string().min(1).max(64).describe('IANA name, as in "Europe/Berlin"');
export const weekday = z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']);
const window = z.strictObject({ from: timeOfDay, to: timeOfDay.describe('earlier than "from": past midnight') });

export const schedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('manual') }),
  z.strictObject({ kind: z.literal('minutes'), every: z.number().int().min(5).max(1440), window: window.optional() }),
  z.strictObject({ kind: z.literal('hours'), every: z.number().int().min(1).max(168), window: window.optional() }),
  z.strictObject({ kind: z.literal('daily'), at: timeOfDay }),
  z.strictObject({ kind: z.literal('weekly'), on: z.array(weekday).min(1).max(7), at: timeOfDay }),
  z.strictObject({ kind: z.literal('monthly'), day: z.number().int().min(1).max(31).describe('in shorter months their last day'), at: timeOfDay }),
  z.strictObject({ kind: z.literal('cron'), expression: z.string().min(9).max(128).describe('five fields: minute hour day month weekday') }),
]);
export type Schedule = z.infer<typeof schedule>;

export const excludePreset = z.enum(['caches', 'build-output', 'trash']);
export type ExcludePreset = z.infer<typeof excludePreset>;

export const excludes = z.strictObject({
  presets: z.array(excludePreset).default([]),
  patterns: z.array(z.string().min(1).max(4096)).max(1000).default([]),
  ignore_case_patterns: z.array(z.string().min(1).max(4096)).max(1000).default([]),
  larger_than: z.number().int().positive().optional().describe('bytes'),
  one_file_system: z.boolean().default(false),
});
export type Excludes = z.infer<typeof excludes>;

/** What must hold when a run starts; not looked at yet where the platform does not tell. */
export const conditions = z.strictObject({
  on_battery: z.enum(['run', 'skip']).default('run'),
  metered_network: z.enum(['run', 'skip']).default('run'),
  drive_present: z.string().max(4096).optional().describe('a path that must exist'),
});

const editable = {
  name: z.string().trim().min(1).max(120),
  repository_id: identifier,
  paths: z.array(z.string().min(1).max(65_536)).min(1).max(1000),
  excludes: excludes.default({ presets: [], patterns: [], ignore_case_patterns: [], one_file_system: false }),
  tags: z.array(z.string().min(1).max(256)).max(100).default([]),
  schedule: schedule.default({ kind: 'manual' }),
  time_zone: timeZone.optional().describe("default: the machine's"),
  catch_up: z.boolean().default(true).describe('run soon after a run was missed'),
  retention: planRetention.default({}),
  conditions: conditions.default({ on_battery: 'run', metered_network: 'run' }),
  enabled: z.boolean().default(true),
  priority: z.number().int().min(-100).max(100).default(0),
};

export const newPlan = z.strictObject(editable);
export type NewPlan = z.infer<typeof newPlan>;

export const plan = z.strictObject({
  ...editable,
  plan_id: identifier,
  created_at: timestamp,
  updated_at: timestamp,
  paused_until: timestamp.nullable().describe('the year 9999: until resumed'),
  last_run_at: timestamp.nullable(),
  last_job_id: identifier.nullable(),
  missed_since: timestamp.nullable().describe('the first missed run that was not made up for'),
  next_runs: z.array(timestamp).max(5),
});
export type Plan = z.infer<typeof plan>;
