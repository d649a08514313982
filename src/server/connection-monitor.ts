/**
 * The health of every TCP connection (interfaces, section 4), and the deadlines of open requests.
 *
 * Instead of counting in the path of the bytes, the monitor reads the sockets' own counters once a second and when it is
 * asked. Invariants: it never throws into what it watches: a failure of its own is counted and logged, nothing more;
 * keep-alive is set when a connection is accepted; closed connections stay in a ring of limited length.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../core/platform/clock.ts';
import type { Logger } from '../core/platform/logger.ts';
import type { ConnectionHealth, ConnectionRecord, ConnectionState, OpenRequest } from './connection-record.ts';
import { socketBytes, socketDescriptor } from './connection-record.ts';

export interface MonitorOptions {
  /** A request is open and no byte moved for this long: stalled. */
  readonly stalledAfterMs: number;
  /** An open request must move `progressBytes` within `progressMs`, or it expires. */
  readonly progressMs: number;
  readonly progressBytes: number;
  readonly sampleIntervalMs: number;
  readonly closedRingLength: number;
}

export const defaultMonitorOptions: MonitorOptions = {
  stalledAfterMs: 15_000,
  progressMs: 60_000,
  progressBytes: 1024,
  sampleIntervalMs: 1000,
  closedRingLength: 256,
};

const keepAliveDelayMs = 30_000;
const haltToleranceMs = 500;

export class ConnectionMonitor {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #options: MonitorOptions;
  readonly #records = new Map<Socket, ConnectionRecord>();
  readonly #closed: { readonly record: ConnectionRecord; readonly health: ConnectionHealth }[] = [];
  /** An interrupted upload ends shortly after its connection. */
  readonly #closedRecords = new WeakMap<Socket, ConnectionRecord>();
  #nextId = 1;
  #failures = 0;
  #accepted = 0;
  #sweptAt: number;

  constructor(clock: Clock, logger: Logger, options: MonitorOptions = defaultMonitorOptions) {
    this.#clock = clock;
    this.#logger = logger;
    this.#options = options;
    this.#sweptAt = clock.monotonic();
  }

  /** Failures of the monitor itself; 0 is what is expected. */
  get failures(): number {
    return this.#failures;
  }

  get size(): number {
    return this.#records.size;
  }

  /** Connections since the start. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Starts to watch a connection that was just accepted. */
  watch(socket: Socket): void {
    this.#safely(() => {
      socket.setKeepAlive(true, keepAliveDelayMs);
      const monotonic = this.#clock.monotonic();
      const record: ConnectionRecord = {
        id: `c${this.#nextId++}`,
        socket,
        fd: socketDescriptor(socket),
        remoteAddress: socket.remoteAddress ?? 'unknown',
        keepAlive: true,
        connectedAt: this.#clock.now(),
        connectedMonotonic: monotonic,
        clientId: null,
        userAgent: null,
        requests: 0,
        readErrors: 0,
        writeErrors: 0,
        lastError: null,
        partialClears: 0,
        bytesIn: 0,
        bytesOut: 0,
        lastRead: monotonic,
        lastWrite: monotonic,
        progressBytes: 0,
        progressAt: monotonic,
        sentPast: 0,
        sendingPast: undefined,
        open: new Set(),
      };
      this.#records.set(socket, record);
      this.#accepted += 1;
      socket.on('error', (error) => this.noteError(socket, error));
      socket.once('close', () => this.#remove(socket));
    });
  }

  /** A request begins; the returned function says that it is over. */
  beginRequest(socket: Socket, clientId: string | null, userAgent: string | null, request: OpenRequest): () => void {
    this.#safely(() => {
      const record = this.#records.get(socket);
      if (record === undefined) return;
      this.#sample(record);
      record.requests += 1;
      record.clientId = clientId ?? record.clientId;
      record.userAgent = userAgent ?? record.userAgent;
      if (record.open.size === 0) this.#noteProgress(record);
      record.open.add(request);
    });
    return () => this.#safely(() => void this.#records.get(socket)?.open.delete(request));
  }

  /** The user behind the connection, where the client sent no id of its own. */
  identify(socket: Socket, clientId: string): void {
    this.#safely(() => {
      const record = this.#records.get(socket);
      if (record !== undefined) record.clientId ??= clientId;
    });
  }

  /** An interrupted upload of this connection was removed. */
  notePartialClear(socket: Socket): void {
    this.#safely(() => {
      const record = this.#records.get(socket) ?? this.#closedRecords.get(socket);
      if (record !== undefined) record.partialClears += 1;
    });
  }

  /** Bytes go to the descriptor past the socket object: `sent` says how many, until the returned function is called. */
  beginSending(socket: Socket, sent: () => number): () => void {
    this.#safely(() => {
      const record = this.#records.get(socket);
      if (record !== undefined) record.sendingPast = sent;
    });
    return () =>
      this.#safely(() => {
        const record = this.#records.get(socket);
        if (record === undefined) return;
        record.sentPast += sent();
        record.sendingPast = undefined;
      });
  }

  noteError(socket: Socket, error: Error): void {
    this.#safely(() => {
      const record = this.#records.get(socket);
      if (record === undefined) return;
      const { syscall, code } = error as NodeJS.ErrnoException;
      if (syscall === 'write' || code === 'EPIPE') record.writeErrors += 1;
      else record.readErrors += 1;
      record.lastError = code ?? error.name;
    });
  }

  /** The map of section 4. A descriptor that the system has given out again already leaves its place to the id. */
  health(): Record<string, ConnectionHealth> {
    const map: Record<string, ConnectionHealth> = {};
    for (const record of this.#records.values()) {
      this.#safely(() => {
        this.#sample(record);
        const key = record.fd >= 0 && !Object.hasOwn(map, String(record.fd)) ? String(record.fd) : record.id;
        map[key] = this.#describe(record);
      });
    }
    return map;
  }

  /** Ends the connections without an open request, as the server stops. */
  endIdle(): void {
    for (const record of this.#records.values()) this.#safely(() => void (record.open.size === 0 && record.socket.destroySoon()));
  }

  /** Connections that ended, oldest first. */
  recentlyClosed(): readonly ConnectionHealth[] {
    return this.#closed.map(({ record, health }) => ({ ...health, partial_clears: record.partialClears }));
  }

  /** Watches until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#clock.sleep(this.#options.sampleIntervalMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      this.sweep();
    }
  }

  /** Reads all counters and ends the requests whose clients make no progress. */
  sweep(): void {
    const now = this.#clock.monotonic();
    // After a halt of this process (debugger, suspended machine, overload) the clients are not to blame.
    const wasHalted = now - this.#sweptAt > 3 * this.#options.sampleIntervalMs + haltToleranceMs;
    this.#sweptAt = now;
    for (const record of this.#records.values()) {
      this.#safely(() => {
        this.#sample(record);
        if (wasHalted) this.#noteProgress(record);
        else this.#enforceDeadline(record);
      });
    }
  }

  #enforceDeadline(record: ConnectionRecord): void {
    const waiting = [...record.open].filter((request) => request.waitsForClient());
    if (waiting.length === 0 || record.bytesIn + record.bytesOut - record.progressBytes >= this.#options.progressBytes) {
      this.#noteProgress(record);
      return;
    }
    if (this.#clock.monotonic() - record.progressAt < this.#options.progressMs) return;
    this.#noteProgress(record);
    record.lastError = 'ETIMEDOUT';
    record.readErrors += 1;
    for (const request of waiting) request.expire();
  }

  #noteProgress(record: ConnectionRecord): void {
    record.progressBytes = record.bytesIn + record.bytesOut;
    record.progressAt = this.#clock.monotonic();
  }

  #sample(record: ConnectionRecord): void {
    const { bytesIn, bytesOut: throughSocket } = socketBytes(record.socket);
    const bytesOut = throughSocket + record.sentPast + (record.sendingPast?.() ?? 0);
    const now = this.#clock.monotonic();
    if (bytesIn > record.bytesIn) record.lastRead = now;
    if (bytesOut > record.bytesOut) record.lastWrite = now;
    record.bytesIn = Math.max(record.bytesIn, bytesIn);
    record.bytesOut = Math.max(record.bytesOut, bytesOut);
  }

  #describe(record: ConnectionRecord): ConnectionHealth {
    const monotonic = this.#clock.monotonic();
    const wall = (then: number): string => new Date(this.#clock.now() - (monotonic - then)).toISOString();
    return {
      connection_id: record.id,
      fd: record.fd,
      remote_address: record.remoteAddress,
      client_id: record.clientId,
      user_agent: record.userAgent,
      connected_at: new Date(record.connectedAt).toISOString(),
      uptime_ms: Math.round(monotonic - record.connectedMonotonic),
      last_read_at: record.bytesIn === 0 ? null : wall(record.lastRead),
      last_write_at: record.bytesOut === 0 ? null : wall(record.lastWrite),
      idle_read_ms: Math.round(monotonic - record.lastRead),
      idle_write_ms: Math.round(monotonic - record.lastWrite),
      bytes_in: record.bytesIn,
      bytes_out: record.bytesOut,
      requests: record.requests,
      read_errors: record.readErrors,
      write_errors: record.writeErrors,
      last_error: record.lastError,
      keep_alive: record.keepAlive,
      partial_clears: record.partialClears,
      state: this.#stateOf(record, monotonic),
    };
  }

  #stateOf(record: ConnectionRecord, monotonic: number): ConnectionState {
    if (record.open.size === 0) return 'idle';
    return monotonic - Math.max(record.lastRead, record.lastWrite) >= this.#options.stalledAfterMs ? 'stalled' : 'active';
  }

  #remove(socket: Socket): void {
    this.#safely(() => {
      const record = this.#records.get(socket);
      if (record === undefined) return;
      this.#records.delete(socket);
      this.#sample(record);
      const health = this.#describe(record);
      this.#closedRecords.set(socket, record);
      this.#closed.push({ record, health });
      if (this.#closed.length > this.#options.closedRingLength) this.#closed.shift();
      this.#logger.debug({ ...health }, 'connection closed');
    });
  }

  #safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failures += 1;
      try {
        this.#logger.error({ reason: String(error) }, 'the connection monitor failed');
      } catch (second) {
        // Even a log that fails must not reach the transfer; the count above tells.
        void second;
      }
    }
  }
}
