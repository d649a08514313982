/** What a person may set for the agent as a whole. */
import { z } from 'zod';

const kibPerSecond = z.number().int().min(0).max(10_000_000).describe('KiB/s; 0: no limit');

export const settings = z.strictObject({
  concurrency: z.number().int().min(1).max(16).default(2).describe('jobs at the same time'),
  concurrency_per_repository: z.number().int().min(1).max(16).default(1),
  upload_limit: kibPerSecond.default(0),
  download_limit: kibPerSecond.default(0),
  max_attempts: z.number().int().min(1).max(100).default(10),
  history_days: z.number().int().min(1).max(3650).default(90),
  history_jobs: z.number().int().min(10).max(100_000).default(10_000),
  embedded_server: z.strictObject({ enabled: z.boolean().default(true), listen: z.string().regex(/^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d{1,5}$/, 'a loopback address and a port').default('127.0.0.1:1256') }).default({ enabled: true, listen: '127.0.0.1:1256' }),
});
export type Settings = z.infer<typeof settings>;
