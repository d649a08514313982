/**
 * Opens the store that a location names, with the behaviour that every client wants:
 * (tracing ∘) retry ∘ bandwidth limit ∘ metering ∘ adapter. Each repetition is limited and metered anew.
 */
import { readFileSync } from 'node:fs';
import { Failure } from '../../shared/errors.ts';
import type { Addon } from '../native/addon.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { Bandwidth, withBandwidth } from './bandwidth-limit.ts';
import type { Receivers } from './body-receiver.ts';
import type { TlsOptions } from './http-agent.ts';
import type { RequestIdentity } from './identity-headers.ts';
import { LocalStore } from './local-store.ts';
import type { ObjectFiles } from './local-store.ts';
import { ConnectionMeter, withMetering } from './metering.ts';
import type { ObjectStore } from './object-store.ts';
import { RestStore } from './rest-store.ts';
import { withRetry } from './retry.ts';
import type { RetryEvent } from './retry.ts';
import { parseStoreUrl } from './store-url.ts';
import type { StoreLocation } from './store-url.ts';
import { noteRetry, withTracing } from './tracing.ts';
import type { StorageTracing } from './tracing.ts';

export interface OpenStoreOptions extends RequestIdentity {
  readonly addon: Pick<Addon, keyof ObjectFiles | keyof Receivers>;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Bytes a second. */
  readonly limitUpload?: number;
  readonly limitDownload?: number;
  /** Limits that change while the store works; instead of the two above. */
  readonly bandwidth?: Bandwidth;
  /**
   * Credentials and trust that the location does not carry: `CYBERBACKUP_REST_USERNAME`, `CYBERBACKUP_REST_PASSWORD`,
   * `CYBERBACKUP_CACERT` (a PEM file), each with its `RESTIC_…` twin, and `CYBERBACKUP_TLS_FINGERPRINT`.
   */
  readonly env?: NodeJS.ProcessEnv;
  readonly onRetry?: (event: RetryEvent) => void;
  /** Shows the health of the connection. */
  readonly meter?: ConnectionMeter;
  /** Milliseconds within which an operation is tried again. */
  readonly retryBudget?: number;
  /** A span for each operation, and its ids in each request. */
  readonly tracing?: StorageTracing;
  /** Requests at once to a server. */
  readonly connections?: number;
  /** SHA-256 of the server's certificate: exactly this one is trusted, and another is `FINGERPRINT_CHANGED`. Goes before the environment's. */
  readonly certificateFingerprint?: string;
  /** Told the fingerprint of each connection's certificate, 64 hex digits, once that is trusted. */
  readonly onCertificate?: (fingerprint: string) => void;
}

/** Throws `Failure` USAGE or CONFIGURATION; does not connect yet. */
export function openStore(location: string, options: OpenStoreOptions): ObjectStore {
  const { clock, logger, limitUpload, limitDownload, onRetry, retryBudget, tracing } = options;
  const meter = options.meter ?? new ConnectionMeter(clock);
  let store = withMetering(openAdapter(parseStoreUrl(location), options), meter);
  const bandwidth = options.bandwidth ?? (limitUpload === undefined && limitDownload === undefined ? undefined : new Bandwidth(clock, { upload: limitUpload ?? 0, download: limitDownload ?? 0 }));
  if (bandwidth !== undefined) store = withBandwidth(store, bandwidth);
  const retried = withRetry(store, {
    clock,
    ...(retryBudget === undefined ? {} : { budget: retryBudget }),
    onRetry: (event) => {
      meter.retried();
      logger?.warn({ component: 'storage', operation: event.operation, kind: event.kind, attempt: event.attempt, delay_ms: event.delay, error: event.message }, 'storage is tried again');
      if (tracing !== undefined) noteRetry(tracing, event);
      onRetry?.(event);
    },
  });
  return tracing === undefined ? retried : withTracing(retried, tracing);
}

function openAdapter(location: StoreLocation, options: OpenStoreOptions): ObjectStore {
  const { addon, clock, env = {}, connections, clientId, tracing, onCertificate } = options;
  const traceparent = options.traceparent ?? (tracing === undefined ? undefined : () => tracing.tracer.active()?.traceparent);
  if (location.kind === 'local') return new LocalStore(location.path, { addon });
  const either = (name: string): string | undefined => [env[`CYBERBACKUP_${name}`], env[`RESTIC_${name}`]].find((value) => value !== undefined && value !== '');
  const named = location.username !== '' || location.password !== '';
  return new RestStore(location.url, {
    clock,
    receivers: addon,
    username: named ? location.username : (either('REST_USERNAME') ?? ''),
    password: named ? location.password : (either('REST_PASSWORD') ?? ''),
    tls: {
      ...tlsOptions(either('CACERT'), options.certificateFingerprint ?? env['CYBERBACKUP_TLS_FINGERPRINT']),
      ...(onCertificate === undefined ? {} : { onCertificate }),
    },
    ...(connections === undefined ? {} : { connections }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(traceparent === undefined ? {} : { traceparent }),
  });
}

function tlsOptions(caFile: string | undefined, fingerprint: string | undefined): TlsOptions {
  return {
    ...(caFile === undefined || caFile === '' ? {} : { ca: readCertificates(caFile) }),
    ...(fingerprint === undefined || fingerprint === '' ? {} : { fingerprint: checkedFingerprint(fingerprint) }),
  };
}

function readCertificates(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Failure('CONFIGURATION', { what: `The certificate file ${path} cannot be read`, next: 'Correct CYBERBACKUP_CACERT, or remove it to trust the authorities of the system' }, { cause: error });
  }
}

function checkedFingerprint(text: string): string {
  const plain = text.replaceAll(':', '').trim().toLowerCase();
  if (/^[0-9a-f]{64}$/.test(plain)) return plain;
  throw new Failure('CONFIGURATION', {
    what: 'The pinned fingerprint of the server is not a SHA-256 fingerprint',
    next: 'Copy the 64 hex digits that the server printed at its start (CYBERBACKUP_TLS_FINGERPRINT)',
  });
}
