/**
 * The life of a reader process: opened once, asked many times (src/shared/reader-protocol.ts).
 *
 * Invariants: a question is answered once, or not at all after it was cancelled; the process ends by itself when it is told to
 * or when the agent is gone, whatever is still being answered: it only reads, and what it writes (caches, the catalogue) can be
 * left at any moment.
 */
import type { Clock } from '../../core/platform/clock.ts';
import { storageFailure } from '../../core/storage/storage-failure.ts';
import { withoutCredentials } from '../../core/storage/store-url.ts';
import { Failure } from '../../shared/errors.ts';
import { toReader, type FromReader, type ReaderQuestion, type ReaderTarget } from '../../shared/reader-protocol.ts';
import { channelLogger } from '../channel-logger.ts';
import type { Channel } from '../channel.ts';
import { startHeartbeat } from '../heartbeat.ts';
import { workerError } from '../worker-error.ts';
import { createAnswerers, type OpenAnswerers } from './answerers.ts';

export interface ReaderPorts {
  readonly channel: Channel<FromReader>;
  readonly clock: Clock;
  /** Ends the process. */
  readonly exit: (code: number) => void;
}

/** The reason with which questions are aborted that nobody waits for any more. */
class Cancelled extends Failure {
  constructor() {
    super('INTERRUPTED', { what: 'Nobody waits for this answer any more' });
    this.name = 'Cancelled';
  }
}

export class Reader {
  readonly #ports: ReaderPorts;
  readonly #asked = new Map<number, AbortController>();
  #opened: (OpenAnswerers & { readonly location: string }) | undefined;
  #over = false;
  #stopHeartbeat: () => void = () => undefined;

  constructor(ports: ReaderPorts) {
    this.#ports = ports;
  }

  begin(): void {
    const { channel, clock } = this.#ports;
    channel.onMessage((message) => this.#receive(message));
    channel.onClosed(() => this.stop());
    channel.send({ type: 'ready' });
    this.#stopHeartbeat = startHeartbeat(clock, channel);
  }

  stop(): void {
    this.#end(0);
  }

  /** An error that nobody waited for: a defect, unless it is only the echo of a cancellation. */
  stray(error: unknown): void {
    if (error instanceof Cancelled) return;
    process.stderr.write(`${withoutCredentials(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`);
    this.#end(1);
  }

  #receive(message: unknown): void {
    const parsed = toReader.safeParse(message);
    if (!parsed.success) {
      // The values stay out of it: they may be secrets.
      const issues = parsed.error.issues.map(({ path, code }) => `${path.join('.')}: ${code}`).join(', ');
      this.stray(new TypeError(`the agent sent a message that is none (${issues})`));
      return;
    }
    const { data } = parsed;
    if (data.type === 'open') this.#open(data.target);
    else if (data.type === 'ask') void this.#answer(data.id, data.question, data.input);
    else if (data.type === 'cancel') this.#asked.get(data.id)?.abort(new Cancelled());
    else this.stop();
  }

  #open(target: ReaderTarget): void {
    const { channel, clock } = this.#ports;
    const opened = createAnswerers(target, { clock, logger: channelLogger(channel), onCatalogue: (progress) => channel.send({ type: 'catalogue', ...progress }) });
    this.#opened = { ...opened, location: withoutCredentials(target.url) };
  }

  async #answer(id: number, question: ReaderQuestion, input: Record<string, unknown>): Promise<void> {
    const { channel } = this.#ports;
    const stopper = new AbortController();
    this.#asked.set(id, stopper);
    try {
      if (this.#opened === undefined) throw new TypeError('a question came before the repository');
      // The agent checked the input by the question's own schema; TypeScript does not follow an indexed union through a call.
      const answerer = this.#opened.answerers[question] as (input: unknown, signal: AbortSignal) => Promise<unknown>;
      const value = await answerer(input, stopper.signal);
      if (!stopper.signal.aborted) channel.send({ type: 'answer', id, value });
    } catch (error) {
      if (!stopper.signal.aborted) channel.send({ type: 'failure', id, failure: this.#failure(error) });
    } finally {
      this.#asked.delete(id);
    }
  }

  #failure(error: unknown): Extract<FromReader, { readonly type: 'failure' }>['failure'] {
    const explained = storageFailure(error, this.#opened?.location ?? 'in use');
    const { code, message, parts = { what: message } } = workerError(explained);
    if (code === 'INTERNAL') channelLogger(this.#ports.channel).error({ stack: error instanceof Error ? (error.stack ?? error.message) : String(error) }, 'a question could not be answered');
    const { what, safe, next } = parts;
    return {
      code,
      parts: { what, ...(safe === undefined ? {} : { safe }), ...(next === undefined ? {} : { next }) },
      ...(explained instanceof Failure && explained.path !== undefined ? { path: explained.path } : {}),
    };
  }

  #end(code: number): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopHeartbeat();
    const { channel, exit } = this.#ports;
    for (const stopper of this.#asked.values()) stopper.abort(new Cancelled());
    void Promise.allSettled([channel.flushed(), this.#opened?.close()]).then(() => exit(code));
  }
}
