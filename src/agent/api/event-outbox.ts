/**
 * Events on their way to one client.
 *
 * A client that reads slowly gets of each job only the newest update, and of health and connections only the newest state;
 * everything else arrives, in order. Invariants: what replaces an older state never overtakes an event that came before
 * it; a client that leaves too much unread is let go, and finds everything again when it comes back.
 */
import type { EventName, EventPayload } from '../../shared/contract/events.ts';

/** The connection, as far as the outbox needs it. */
export interface OutboxConnection {
  /** Everything sent so far has left this process. */
  isIdle(): boolean;
  send(name: EventName, payload: unknown): void;
  /** Events that were sent and have not left this process. */
  waiting(): number;
  drop(): void;
}

/** Cancelling a queue of 10,000 tells two events of each job at once. */
const mostWaiting = 25_000;
const states: ReadonlySet<EventName> = new Set<EventName>(['job_updated', 'health_changed', 'connection_health', 'plans_changed', 'repositories_changed']);

export class EventOutbox {
  readonly #connection: OutboxConnection;
  /** The newest of each state that could not be sent yet, in order of the newest. */
  readonly #pending = new Map<string, { readonly name: EventName; readonly payload: unknown }>();

  constructor(connection: OutboxConnection) {
    this.#connection = connection;
  }

  push<Name extends EventName>(name: Name, payload: EventPayload<Name>): void {
    if (!states.has(name)) {
      this.#flush();
      this.#connection.send(name, payload);
      if (this.#connection.waiting() > mostWaiting) this.#connection.drop();
      return;
    }
    const key = 'job_id' in payload && typeof payload.job_id === 'string' ? `${name} ${payload.job_id}` : name;
    this.#pending.delete(key);
    this.#pending.set(key, { name, payload });
    if (this.#connection.isIdle()) this.#flush();
  }

  /** To be called when everything sent has left this process. */
  drained(): void {
    this.#flush();
  }

  #flush(): void {
    const ready = [...this.#pending.values()];
    this.#pending.clear();
    for (const { name, payload } of ready) this.#connection.send(name, payload);
  }
}
