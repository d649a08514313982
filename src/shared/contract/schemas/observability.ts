/** Health, metrics, system samples, traces and alerts (interfaces, section 3). */
import { z } from 'zod';
import { byteCount, count, timestamp, traceId } from './common.ts';

export const healthStatus = z.enum(['healthy', 'degraded', 'unhealthy']);
export type HealthStatus = z.infer<typeof healthStatus>;

export const healthCheck = z.strictObject({ status: healthStatus, message: z.string(), value: z.number().nullable(), threshold: z.number().nullable() });

export const systemSample = z.strictObject({
  at: timestamp,
  cpu: z.number().nonnegative().describe('share of one core that this process used'),
  rss: byteCount,
  event_loop_delay_p99_ms: z.number().nonnegative(),
  disk_free: byteCount,
  load: z.number().nonnegative().describe('one-minute load average; 0 where the system has none'),
});
export type SystemSample = z.infer<typeof systemSample>;

export const health = z.strictObject({ status: healthStatus, checks: z.record(z.string(), healthCheck), system: systemSample });
export type Health = z.infer<typeof health>;

const distribution = z.strictObject({ count, sum: z.number(), min: z.number(), max: z.number(), p50: z.number(), p95: z.number(), p99: z.number() });

export const metrics = z.strictObject({
  window: z.number().int().describe('seconds'),
  counters: z.record(z.string(), z.strictObject({ count, sum: z.number() })),
  gauges: z.record(z.string(), z.strictObject({ value: z.number(), min: z.number(), max: z.number() })),
  timers: z.record(z.string(), distribution).describe('milliseconds'),
  histograms: z.record(z.string(), distribution),
});
export type MetricsSnapshot = z.infer<typeof metrics>;

export const span = z.strictObject({
  trace_id: traceId,
  span_id: z.string().regex(/^[0-9a-f]{16}$/),
  parent_span_id: z.string().regex(/^[0-9a-f]{16}$/).nullable(),
  name: z.string(),
  component: z.enum(['interface', 'agent', 'worker', 'server']),
  started_at: timestamp,
  duration_ms: z.number().nonnegative(),
  status: z.enum(['ok', 'error', 'unset']),
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export type Span = z.infer<typeof span>;

export const alertKind = z.enum(['server_unreachable', 'disk_nearly_full', 'repeated_failure', 'stalled_connection', 'event_loop_late', 'queue_damaged', 'fingerprint_changed', 'settings_restored', 'retention_frozen']);

/** What exactly an alert says: each is a sentence of its own in the interface's languages, with these `values`. */
export const alertCode = z.enum([
  'destination_unreachable', // place, reason
  'server_port_taken', // url
  'server_hung', // url
  'server_ended', // url, reason
  'disk_low', // folder, bytes
  'repeated_failure', // what: plan or repository; count, reason
  'connection_stalled', // client
  'agent_late', // ms
  'queue_set_aside', // files
  'damage_kept', // files, count
  'settings_repaired', // folder, outcome: restored, lost or renewed
  'check_failed', // check
  'retention_frozen', // place, repository_id, group, count, reasons: codes of oddities joined by commas; confirmation
]);
export type AlertCode = z.infer<typeof alertCode>;
export const alertValues = z.record(z.string(), z.union([z.string(), z.number()]));

export const alert = z.strictObject({
  alert_id: z.string(),
  kind: alertKind,
  code: alertCode,
  values: alertValues,
  severity: z.enum(['warning', 'critical']),
  message: z.string().describe('in English: what happened, what is safe, what to do'),
  at: timestamp,
  resolved_at: timestamp.nullable(),
  subject: z.string().nullable().describe('the job, repository, connection or folder it is about'),
});
export type Alert = z.infer<typeof alert>;
