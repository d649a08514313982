/**
 * Version 2 tells of each plan until when its runs are settled, and has one pause for all plans. Version 1 knew neither:
 * what was due before its last run or change counts as settled.
 */
import { z } from 'zod';
import { migration } from '../migration.ts';

const earlier = z.strictObject({
  settings: z.unknown(),
  plans: z.array(z.looseObject({ updated_at: z.string(), last_run_at: z.string().nullable() })),
  repositories: z.unknown(),
});

export const plansSettle = migration(1, earlier, (document) => ({
  ...document,
  plans: document.plans.map((plan) => ({ ...plan, settled_until: plan.last_run_at !== null && plan.last_run_at > plan.updated_at ? plan.last_run_at : plan.updated_at })),
  plansPausedUntil: null,
}));
