/** What a server is started with; `options.ts` makes it from the command line. */
import { defaultMonitorOptions } from './connection-monitor.ts';
import type { LogLevel } from '../telemetry/log.ts';
import type { TlsFiles } from './tls-files.ts';

export interface ServerLimits {
  /** Connections beyond it are answered 503. */
  readonly maximumConnections: number;
  /** Bytes of a request's header together; beyond it 431. */
  readonly maximumHeaderBytes: number;
  readonly maximumHeaders: number;
  /** A header must be complete this long after the connection, or the header's first byte. */
  readonly headersMs: number;
  /** An open request must move so many bytes in so long; there is no limit on its total time. */
  readonly progressMs: number;
  readonly progressBytes: number;
  /** restic keeps idle connections for 90 s. */
  readonly keepAliveMs: number;
  /** How long running requests may take to end when the server stops. */
  readonly graceMs: number;
  /** Bytes of the buffers of all uploads and downloads together. */
  readonly transferMemory: number;
  /** Wrong passwords that one address may send at once, and the time until one more. */
  readonly passwordBurst: number;
  readonly passwordRefillMs: number;
  /** bcrypt comparisons that run or wait. */
  readonly passwordQueue: number;
}

export const defaultLimits: ServerLimits = {
  maximumConnections: 4096,
  maximumHeaderBytes: 16 * 1024,
  maximumHeaders: 100,
  headersMs: 20_000,
  progressMs: defaultMonitorOptions.progressMs,
  progressBytes: defaultMonitorOptions.progressBytes,
  keepAliveMs: 120_000,
  graceMs: 30_000,
  transferMemory: 96 * 1024 * 1024,
  passwordBurst: 10,
  passwordRefillMs: 5000,
  passwordQueue: 32,
};

export interface ServerOptions {
  /** Name or address to listen on. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly dataFolder: string;
  readonly authentication: { readonly kind: 'none' } | { readonly kind: 'htpasswd'; readonly file: string; readonly usersFile?: string };
  readonly privateRepositories: boolean;
  readonly appendOnly: boolean;
  /** Absent: plain HTTP. */
  readonly tls?: TlsFiles;
  /** A second address, for other computers: always with TLS. */
  readonly network?: { readonly host: string; readonly port: number; readonly tls: TlsFiles };
  /** Bytes of all objects together; absent: no limit. */
  readonly quota?: number;
  readonly prometheus: boolean;
  readonly adminTokenFile?: string;
  /** The process ends when its standard input does. */
  readonly stopWithInput?: boolean;
  readonly log: { readonly level: LogLevel; readonly format: 'json' | 'readable' | 'auto' };
  readonly limits: ServerLimits;
}
