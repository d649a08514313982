/**
 * One watched TCP connection (interfaces, section 4).
 *
 * Vocabulary: a byte *moved* when it was read from the socket or handed to the operating system for sending. A request is
 * *open* from its header to the end of its body and of its answer.
 */
import type { Socket } from 'node:net';

export type ConnectionState = 'active' | 'idle' | 'stalled';

/** What others see; times are ISO 8601 in UTC, durations milliseconds. */
export interface ConnectionHealth {
  readonly connection_id: string;
  /** -1 where the platform does not tell it. */
  readonly fd: number;
  readonly remote_address: string;
  readonly client_id: string | null;
  readonly user_agent: string | null;
  readonly connected_at: string;
  readonly uptime_ms: number;
  readonly last_read_at: string | null;
  readonly last_write_at: string | null;
  readonly idle_read_ms: number;
  readonly idle_write_ms: number;
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly requests: number;
  readonly read_errors: number;
  readonly write_errors: number;
  readonly last_error: string | null;
  readonly keep_alive: boolean;
  readonly partial_clears: number;
  readonly state: ConnectionState;
}

/** Watches one open request for its deadline. */
export interface OpenRequest {
  /** True while the server waits for bytes from the client, or for it to take some. */
  waitsForClient(): boolean;
  /** The client moved too few bytes for too long. */
  expire(): void;
}

export interface ConnectionRecord {
  readonly id: string;
  readonly socket: Socket;
  readonly fd: number;
  readonly remoteAddress: string;
  readonly keepAlive: boolean;
  readonly connectedAt: number;
  readonly connectedMonotonic: number;
  clientId: string | null;
  userAgent: string | null;
  requests: number;
  readErrors: number;
  writeErrors: number;
  lastError: string | null;
  partialClears: number;
  bytesIn: number;
  bytesOut: number;
  /** Monotonic times of the last byte, or of the connection's start where none moved yet. */
  lastRead: number;
  lastWrite: number;
  /** Bytes moved in all when progress was last sufficient, and when that was. */
  progressBytes: number;
  progressAt: number;
  /** Bytes that went to the descriptor past the socket object: those of ended transfers, and of the one that runs. */
  sentPast: number;
  sendingPast: (() => number) | undefined;
  readonly open: Set<OpenRequest>;
}

/** Counters of a socket at this moment. */
export function socketBytes(socket: Socket): { readonly bytesIn: number; readonly bytesOut: number } {
  // What Node counts as written includes what still waits in this process; a stalled reader must not look busy.
  const handle = (socket as unknown as { readonly _handle?: { readonly bytesWritten?: unknown; readonly writeQueueSize?: unknown } | null })._handle;
  const dispatched = handle?.bytesWritten;
  const queued = handle?.writeQueueSize;
  const bytesOut = typeof dispatched === 'number' && typeof queued === 'number' ? dispatched - queued : socket.bytesWritten - socket.writableLength;
  return { bytesIn: socket.bytesRead, bytesOut: Math.max(0, bytesOut) };
}

/** The descriptor, which Node knows but does not document; -1 on Windows and after the end. */
export function socketDescriptor(socket: Socket): number {
  const fd = (socket as unknown as { readonly _handle?: { readonly fd?: unknown } | null })._handle?.fd;
  return typeof fd === 'number' && Number.isInteger(fd) && fd >= 0 ? fd : -1;
}
