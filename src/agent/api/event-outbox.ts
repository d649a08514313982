/**
 * Events on their way to one client.
 *
 * A client that reads slowly gets of each job only the newest update, and of health and connections only the newest state;
 * everything else arrives, in order. A client that draws what it gets asks for a *pace*: states wait for each other so long,
 * and come together. Invariants: what replaces an older state never overtakes an event that came before it; only states
 * wait; a client that leaves too much unread is let go, and finds everything again when it comes back.
 */
import type { Clock } from '../../core/platform/clock.ts';
import type { EventName, EventPayload, SentEvent } from '../../shared/contract/events.ts';

/** The connection, as far as the outbox needs it. */
export interface OutboxConnection {
  /** Everything sent so far has left this process. */
  isIdle(): boolean;
  /** Never an empty list. */
  send(events: readonly SentEvent[]): void;
  /** Events that were sent and have not left this process. */
  waiting(): number;
  drop(): void;
}

/** Cancelling a queue of 10,000 tells two events of each job at once. */
const mostWaiting = 25_000;
const states: ReadonlySet<EventName> = new Set<EventName>(['job_updated', 'health_changed', 'connection_health', 'plans_changed', 'repositories_changed']);

export class EventOutbox {
  readonly #connection: OutboxConnection;
  readonly #clock: Clock;
  readonly #paceMs: number;
  readonly #end = new AbortController();
  /** The newest of each state that could not be sent yet, in order of the newest. */
  readonly #pending = new Map<string, SentEvent>();
  #notBefore = -Infinity;
  #waits = false;

  /** `paceMs` 0: states are sent as soon as the client can take them. */
  constructor(connection: OutboxConnection, clock: Clock, paceMs: number) {
    this.#connection = connection;
    this.#clock = clock;
    this.#paceMs = paceMs;
  }

  push<Name extends EventName>(name: Name, payload: EventPayload<Name>): void {
    if (!states.has(name)) {
      this.#flush([name, payload]);
      if (this.#connection.waiting() > mostWaiting) this.#connection.drop();
      return;
    }
    const key = 'job_id' in payload && typeof payload.job_id === 'string' ? `${name} ${payload.job_id}` : name;
    this.#pending.delete(key);
    this.#pending.set(key, [name, payload]);
    this.#flushInTime();
  }

  /** To be called when everything sent has left this process. */
  drained(): void {
    this.#flushInTime();
  }

  /** Nothing is sent any more. */
  close(): void {
    this.#pending.clear();
    this.#end.abort();
  }

  #flushInTime(): void {
    if (this.#pending.size === 0 || this.#waits || !this.#connection.isIdle()) return;
    const wait = this.#notBefore - this.#clock.monotonic();
    if (wait <= 0) this.#flush();
    else void this.#flushAfter(wait);
  }

  async #flushAfter(wait: number): Promise<void> {
    this.#waits = true;
    try {
      await this.#clock.sleep(wait, this.#end.signal);
    } catch (error) {
      if (this.#end.signal.aborted) return;
      throw error;
    } finally {
      this.#waits = false;
    }
    this.#flushInTime();
  }

  #flush(...last: readonly SentEvent[]): void {
    const ready = [...this.#pending.values(), ...last];
    this.#pending.clear();
    if (this.#paceMs > 0) this.#notBefore = this.#clock.monotonic() + this.#paceMs;
    this.#connection.send(ready);
  }
}
