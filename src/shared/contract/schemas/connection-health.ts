/** Health of connections: the server's sockets (interfaces, section 4), its partial uploads, and this side's destinations. */
import { z } from 'zod';
import { byteCount, count, timestamp } from './common.ts';

export const connectionState = z.enum(['active', 'idle', 'stalled']);

export const connectionHealth = z.strictObject({
  connection_id: z.string(),
  fd: z.number().int(),
  remote_address: z.string(),
  client_id: z.string().nullable(),
  user_agent: z.string().nullable(),
  connected_at: timestamp,
  uptime_ms: count,
  last_read_at: timestamp.nullable(),
  last_write_at: timestamp.nullable(),
  idle_read_ms: count,
  idle_write_ms: count,
  bytes_in: byteCount,
  bytes_out: byteCount,
  requests: count,
  read_errors: count,
  write_errors: count,
  last_error: z.string().nullable(),
  keep_alive: z.boolean(),
  partial_clears: count,
  state: connectionState,
});
export type ConnectionHealth = z.infer<typeof connectionHealth>;

export const connectionHealthMap = z.record(z.string(), connectionHealth);

export const partialUpload = z.strictObject({ id: z.string(), repository: z.string(), name: z.string(), client_id: z.string().nullable(), bytes: byteCount, started_at: timestamp });

/** How this side sees one repository's storage: all workers that use it together. */
export const destinationHealth = z.strictObject({
  repository_id: z.string(),
  location: z.string().describe('without credentials'),
  operations: count,
  active: count,
  failures: count,
  retries: count,
  bytes_in: byteCount,
  bytes_out: byteCount,
  bytes_per_second: z.number().nonnegative(),
  latency_ms: z.number().nonnegative().nullable(),
  last_success_at: timestamp.nullable(),
  last_error: z.strictObject({ at: timestamp, kind: z.string(), message: z.string() }).nullable(),
});
export type DestinationHealth = z.infer<typeof destinationHealth>;
