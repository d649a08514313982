/** Hands every event to everyone who listens. A listener that throws costs the sender and the other listeners nothing. */
import type { Emit, EventName, EventPayload } from '../shared/contract/events.ts';
import type { Logger } from '../core/platform/logger.ts';

export type EventListener = <Name extends EventName>(name: Name, payload: EventPayload<Name>) => void;

export class EventHub {
  readonly #listeners = new Set<EventListener>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  readonly emit: Emit = (name, payload) => {
    for (const listener of this.#listeners) {
      try {
        listener(name, payload);
      } catch (error) {
        this.#logger.error({ event: name, reason: String(error) }, 'an event could not be delivered');
      }
    }
  };

  /** Returns what ends the listening. */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
