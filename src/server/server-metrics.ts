/**
 * What the server counts (specification of the REST protocol, section 10, and numbers of our own).
 *
 * Reads count completed GETs and the bytes sent, writes successful POSTs, deletes only real ones; config and HEAD are
 * not counted.
 */
import type { Clock } from '../core/platform/clock.ts';
import { MetricsRegistry } from '../telemetry/metrics-registry.ts';

export type BlobOperation = 'read' | 'write' | 'delete';

const partialClears = 'cyberbackup_server_partial_clears_total';
const authenticationFailures = 'cyberbackup_server_authentication_failures_total';
/** Users times repositories times types; the rest are counted together. */
const blobSeries = 3000;

const helps: Readonly<Record<string, string>> = {
  rest_server_blob_write_total: 'Objects written',
  rest_server_blob_write_bytes_total: 'Bytes of objects written',
  rest_server_blob_read_total: 'Objects read',
  rest_server_blob_read_bytes_total: 'Bytes of objects read',
  rest_server_blob_delete_total: 'Objects deleted',
  rest_server_blob_delete_bytes_total: 'Bytes of objects deleted',
  cyberbackup_server_requests_total: 'Requests answered',
  cyberbackup_server_request_seconds_total: 'Seconds spent on requests',
  cyberbackup_server_request_ms: 'Milliseconds spent on a request',
  [partialClears]: 'Interrupted uploads removed',
  [authenticationFailures]: 'Requests without valid credentials',
};

export class ServerMetrics {
  readonly registry: MetricsRegistry;

  constructor(clock: Clock) {
    this.registry = new MetricsRegistry({ clock, helps, labelSets: blobSeries });
    // What never happened is zero, not unknown.
    for (const name of [partialClears, authenticationFailures]) this.registry.count(name, 0);
  }

  get partialClears(): number {
    return this.registry.total(partialClears);
  }

  countBlob(operation: BlobOperation, labels: { readonly user: string; readonly repo: string; readonly type: string }, bytes: number): void {
    this.registry.count(`rest_server_blob_${operation}_total`, 1, labels);
    this.registry.count(`rest_server_blob_${operation}_bytes_total`, bytes, labels);
  }

  countRequest(method: string, status: number, milliseconds: number): void {
    const labels = { method: knownMethod(method), status };
    this.registry.count('cyberbackup_server_requests_total', 1, labels);
    this.registry.count('cyberbackup_server_request_seconds_total', milliseconds / 1000, labels);
    this.registry.time('cyberbackup_server_request_ms', milliseconds, { method: labels.method });
  }

  countPartialClear(): void {
    this.registry.count(partialClears);
  }

  countAuthenticationFailure(): void {
    this.registry.count(authenticationFailures);
  }
}

/** A method that no route knows must not make a series, or a name of a span, of its own. */
export function knownMethod(method: string): string {
  return ['GET', 'HEAD', 'POST', 'DELETE'].includes(method) ? method : 'other';
}
