/**
 * What the server counts (specification of the REST protocol, section 10, and counters of our own).
 *
 * Reads count completed GETs and the bytes sent, writes successful POSTs, deletes only real ones; config and HEAD are
 * not counted.
 */
import type { MetricFamily, Sample } from './prometheus-text.ts';

export type BlobOperation = 'read' | 'write' | 'delete';

interface BlobCount {
  readonly labels: Readonly<Record<string, string>>;
  count: number;
  bytes: number;
}

const helps: Readonly<Record<BlobOperation, string>> = { read: 'read', write: 'written', delete: 'deleted' };

export class ServerMetrics {
  readonly #blobs: Readonly<Record<BlobOperation, Map<string, BlobCount>>> = { read: new Map(), write: new Map(), delete: new Map() };
  /** By method and status. */
  readonly #requests = new Map<string, { readonly labels: Readonly<Record<string, string>>; count: number; seconds: number }>();
  #partialClears = 0;
  #authenticationFailures = 0;

  get partialClears(): number {
    return this.#partialClears;
  }

  countBlob(operation: BlobOperation, labels: { readonly user: string; readonly repo: string; readonly type: string }, bytes: number): void {
    const key = JSON.stringify([labels.user, labels.repo, labels.type]);
    const counts = this.#blobs[operation];
    const entry = counts.get(key) ?? { labels, count: 0, bytes: 0 };
    counts.set(key, entry);
    entry.count += 1;
    entry.bytes += bytes;
  }

  countRequest(method: string, status: number, seconds: number): void {
    // A method that no route knows must not make a series of its own.
    const known = ['GET', 'HEAD', 'POST', 'DELETE'].includes(method) ? method : 'other';
    const key = `${known} ${status}`;
    const entry = this.#requests.get(key) ?? { labels: { method: known, status: String(status) }, count: 0, seconds: 0 };
    this.#requests.set(key, entry);
    entry.count += 1;
    entry.seconds += seconds;
  }

  countPartialClear(): void {
    this.#partialClears += 1;
  }

  countAuthenticationFailure(): void {
    this.#authenticationFailures += 1;
  }

  /** Everything counted here; gauges of the moment are the caller's. */
  families(): MetricFamily[] {
    const operations: BlobOperation[] = ['write', 'read', 'delete'];
    const requests = [...this.#requests.values()];
    return [
      ...operations.flatMap((operation) => {
        const counts = [...this.#blobs[operation].values()];
        return [
          counter(`rest_server_blob_${operation}_total`, `Objects ${helps[operation]}`, counts.map(({ labels, count }) => ({ labels, value: count }))),
          counter(`rest_server_blob_${operation}_bytes_total`, `Bytes of objects ${helps[operation]}`, counts.map(({ labels, bytes }) => ({ labels, value: bytes }))),
        ];
      }),
      counter('cyberbackup_server_requests_total', 'Requests answered', requests.map(({ labels, count }) => ({ labels, value: count }))),
      counter('cyberbackup_server_request_seconds_total', 'Seconds spent on requests', requests.map(({ labels, seconds }) => ({ labels, value: seconds }))),
      counter('cyberbackup_server_partial_clears_total', 'Interrupted uploads removed', [{ value: this.#partialClears }]),
      counter('cyberbackup_server_authentication_failures_total', 'Requests without valid credentials', [{ value: this.#authenticationFailures }]),
    ];
  }
}

export function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, help, type: 'counter', samples };
}

export function gauge(name: string, help: string, value: number, labels?: Readonly<Record<string, string>>): MetricFamily {
  return { name, help, type: 'gauge', samples: [labels === undefined ? { value } : { labels, value }] };
}
