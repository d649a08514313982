/** Plans and their schedules. */
import { z } from 'zod';
import { operation } from '../operation.ts';
import { identifier, instant, success, timestamp } from '../schemas/common.ts';
import { newPlan, plan, schedule, timeZone } from '../schemas/plan.ts';

const onePlan = z.strictObject({ plan_id: identifier });

export const planOperations = {
  list_plans: operation({
    method: 'GET',
    path: '/api/plans',
    description: 'The plans, with their next five runs.',
    input: z.strictObject({}),
    output: z.strictObject({ plans: z.array(plan) }),
    errors: [],
  }),
  add_plan: operation({
    method: 'POST',
    path: '/api/plans',
    description: 'Makes a plan.',
    input: newPlan,
    output: plan,
    errors: ['REPOSITORY_NOT_FOUND', 'QUEUE_FULL'],
  }),
  get_plan: operation({ method: 'GET', path: '/api/plans/{plan_id}', description: 'One plan.', input: onePlan, output: plan, errors: ['PLAN_NOT_FOUND'] }),
  update_plan: operation({
    method: 'PUT',
    path: '/api/plans/{plan_id}',
    description: 'Replaces what a plan says.',
    input: onePlan.extend(newPlan.shape),
    output: plan,
    errors: ['PLAN_NOT_FOUND', 'REPOSITORY_NOT_FOUND', 'QUEUE_FULL'],
  }),
  remove_plan: operation({ method: 'DELETE', path: '/api/plans/{plan_id}', description: 'Removes a plan; its backups stay.', input: onePlan, output: success, errors: ['PLAN_NOT_FOUND'] }),
  restore_plan: operation({
    method: 'POST',
    path: '/api/plans/{plan_id}/restore',
    description: 'Brings back a plan that was removed since the agent started, with its history.',
    input: onePlan,
    output: plan,
    errors: ['PLAN_NOT_FOUND', 'REPOSITORY_NOT_FOUND', 'QUEUE_FULL'],
  }),
  run_plan: operation({
    method: 'POST',
    path: '/api/plans/{plan_id}/run',
    description: 'Starts the backup of a plan now.',
    input: onePlan,
    output: z.strictObject({ success: z.literal(true), job_id: identifier }),
    status: 202,
    errors: ['PLAN_NOT_FOUND', 'REPOSITORY_NOT_FOUND', 'QUEUE_FULL'],
  }),
  pause_plan: operation({
    method: 'POST',
    path: '/api/plans/{plan_id}/pause',
    description: 'Skips the runs of a plan until a time, or until resumed.',
    input: onePlan.extend({ until: instant.optional() }),
    output: plan,
    errors: ['PLAN_NOT_FOUND'],
  }),
  resume_plan: operation({ method: 'POST', path: '/api/plans/{plan_id}/resume', description: 'Lets a paused plan go on.', input: onePlan, output: plan, errors: ['PLAN_NOT_FOUND'] }),
  preview_schedule: operation({
    method: 'POST',
    path: '/api/plans/preview',
    description: 'Says when a schedule would run next, five times.',
    input: z.strictObject({ schedule, time_zone: timeZone.optional() }),
    output: z.strictObject({ next_runs: z.array(timestamp) }),
    errors: [],
  }),
} as const;
