/**
 * Uploads in progress: what `/api/partials` lists, and may abort.
 *
 * Vocabulary: a *partial* is an upload whose object is not visible yet; its bytes lie in a temporary file.
 */
import type { Clock } from '../core/platform/clock.ts';

export interface Partial {
  readonly id: string;
  readonly repository: string;
  /** As in URLs: `data/<id>`, `config`. */
  readonly name: string;
  readonly client_id: string;
  readonly bytes: number;
  readonly started_at: string;
}

export interface UploadDescription {
  readonly repository: string;
  readonly name: string;
  readonly clientId: string;
  readonly bytes: () => number;
}

/** Why an upload was ended before its time; `administrator` by `DELETE /api/partials/{id}`. */
export class UploadAborted extends Error {
  readonly by: 'client' | 'administrator' | 'deadline' | 'shutdown';

  constructor(by: UploadAborted['by'], message: string) {
    super(message);
    this.name = 'UploadAborted';
    this.by = by;
  }
}

export interface Upload {
  readonly signal: AbortSignal;
  readonly abort: (reason: UploadAborted) => void;
  /** Must be called once, when the temporary file is gone or has become the object. */
  readonly finish: () => void;
}

interface Entry extends UploadDescription {
  readonly id: string;
  readonly startedAt: number;
  readonly controller: AbortController;
  readonly finished: Promise<void>;
}

export class UploadRegistry {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  #nextId = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  begin(description: UploadDescription): Upload {
    const id = `u${this.#nextId++}`;
    const controller = new AbortController();
    const { promise: finished, resolve } = Promise.withResolvers<void>();
    this.#entries.set(id, { ...description, id, startedAt: this.#clock.now(), controller, finished });
    return {
      signal: controller.signal,
      abort: (reason) => controller.abort(reason),
      finish: () => {
        this.#entries.delete(id);
        resolve();
      },
    };
  }

  list(): Partial[] {
    return [...this.#entries.values()].map((entry) => ({
      id: entry.id,
      repository: entry.repository,
      name: entry.name,
      client_id: entry.clientId,
      bytes: entry.bytes(),
      started_at: new Date(entry.startedAt).toISOString(),
    }));
  }

  /** Aborts one upload and resolves when its temporary file is gone; false if there is no such upload. */
  async abort(id: string, reason: UploadAborted): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    entry.controller.abort(reason);
    await entry.finished;
    return true;
  }

  /** Aborts all and waits for them (shutdown). */
  async abortAll(reason: UploadAborted): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((id) => this.abort(id, reason)));
  }
}
