/**
 * From version 4 on a plan's retention is acted upon where it says so (`enabled`), and a repository tells when it was pruned. What earlier
 * versions kept as rules was never acted upon, and is not now; a duration that nobody could count with is left out.
 */
import { z } from 'zod';
import { migration } from '../migration.ts';

const earlier = z.looseObject({ plans: z.array(z.looseObject({ retention: z.looseObject({ keep_within: z.string().optional() }).optional() })) });

export const retentionActs = migration(3, earlier, (document) => ({
  ...document,
  plans: document.plans.map((plan) => {
    const { keep_within: within, ...retention } = plan.retention ?? {};
    const isUsable = within !== undefined && within.length <= 64 && /^(\d{1,9}[ymdh])+$/.test(within);
    return { ...plan, retention: { ...retention, ...(isUsable ? { keep_within: within } : {}) } };
  }),
}));
