/** What a person may set for the agent as a whole. */
import { z } from 'zod';

const kibPerSecond = z.number().int().min(0).max(10_000_000).describe('KiB/s; 0: no limit');

/** Hours of a week, from Monday's first to Sunday's last, each a digit: what holds in it. */
export const hoursOfWeek = 168;

/** Limits of uploads by the clock of this machine. */
export const weekLimits = z.strictObject({
  levels: z.tuple([kibPerSecond.min(1), kibPerSecond.min(1)]).describe('KiB/s'),
  hours: z
    .string()
    .regex(/^[0-3]{168}$/, 'a digit for each hour of the week: 0 no limit, 1 or 2 a level, 3 paused')
    .describe('168 digits, Monday 00:00 first: 0 no limit of its own, 1 and 2 the levels, 3 paused'),
});
export type WeekLimits = z.infer<typeof weekLimits>;

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day, as in "21:30"');

/** Which notifications of the system the desktop shows. */
export const notifications = z.strictObject({
  completed: z.boolean().default(true),
  failed: z.boolean().default(true),
  alerts: z.boolean().default(true),
  quiet: z.strictObject({ from: timeOfDay, to: timeOfDay }).nullable().default(null).describe('hours without any; an earlier end is on the next day'),
});
export type Notifications = z.infer<typeof notifications>;

export const embeddedServer = z.strictObject({
  enabled: z.boolean().default(true),
  listen: z.string().regex(/^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d{1,5}$/, 'a loopback address and a port').default('127.0.0.1:1256'),
  network: z.boolean().default(false).describe('other computers reach it, at an address of its own, with TLS and sign-in'),
  network_listen: z.string().regex(/^(\d+\.\d+\.\d+\.\d+|\[[0-9a-fA-F:]+\]):\d{1,5}$/, 'an address of this computer and a port').default('0.0.0.0:1257').describe('0.0.0.0: every address of this computer'),
  metrics: z.boolean().default(false).describe('/metrics for Prometheus, with the token of the administrator'),
});

export const settings = z.strictObject({
  concurrency: z.number().int().min(1).max(16).default(2).describe('jobs at the same time'),
  concurrency_per_repository: z.number().int().min(1).max(16).default(1),
  upload_limit: kibPerSecond.default(0),
  download_limit: kibPerSecond.default(0),
  week_limits: weekLimits.default({ levels: [58_594, 24_414], hours: '0'.repeat(hoursOfWeek) }),
  notifications: notifications.default({ completed: true, failed: true, alerts: true, quiet: null }),
  max_attempts: z.number().int().min(1).max(100).default(10),
  history_days: z.number().int().min(1).max(3650).default(90),
  history_jobs: z.number().int().min(10).max(100_000).default(10_000),
  embedded_server: embeddedServer.default({ enabled: true, listen: '127.0.0.1:1256', network: false, network_listen: '0.0.0.0:1257', metrics: false }),
});
export type Settings = z.infer<typeof settings>;
