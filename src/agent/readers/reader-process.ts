/**
 * One reader process as the agent sees it (src/shared/reader-protocol.ts).
 *
 * Vocabulary: a reader *hangs* when no heartbeat came for 30 s while somebody waits. It is *gone* when its process has ended;
 * what was asked then fails with `ReaderGone`, and may be asked of another one.
 *
 * Invariants: every question is settled once; nothing is heard of a cancelled one; what a reader sends is checked, and what is
 * not of the protocol ends it; a reader that is told to stop and does not is ended by force.
 */
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import { Failure } from '../../shared/errors.ts';
import { fromReader, type CatalogueProgress, type FromReader, type ReaderQuestion, type ReaderTarget, type ToReader } from '../../shared/reader-protocol.ts';
import { crash, exitCause, type ProcessWords } from '../workers/exit-cause.ts';
import { hangLimit, ProcessLife } from '../workers/process-life.ts';
import type { LaunchWorker, WorkerProcess } from '../workers/worker-port.ts';

export interface ReaderProcessPorts {
  readonly launch: LaunchWorker;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly memoryKills: () => number | undefined;
  readonly onCatalogue: (progress: CatalogueProgress) => void;
}

/** Milliseconds. */
const terminateAfter = 2000;
const killAfter = 4000;

const words: ProcessWords = {
  name: 'process that reads the repository',
  safe: 'Nothing was changed',
  next: 'Try again; if it happens again, report it with the log of the agent',
  whenMemoryIsShort: 'Close other programs, then try again',
};

export function stopped(): Failure {
  return new Failure('INTERRUPTED', { what: 'The agent is being stopped', safe: words.safe, next: 'Ask again when it runs' });
}

/** The process ended while it was asked. */
export class ReaderGone extends Failure {}

/** Throws `ReaderGone` where no process can be had. */
export function startReader(ports: ReaderProcessPorts, target: ReaderTarget): ReaderProcess {
  try {
    return new ReaderProcess(ports, target);
  } catch (error) {
    const { code, message, parts = { what: message } } = exitCause({ code: null, signal: null, stderr: error instanceof Error ? error.message : String(error), memoryRanOut: false }, words);
    throw new ReaderGone(code, parts);
  }
}

interface Asked {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class ReaderProcess {
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  readonly #ports: ReaderProcessPorts;
  readonly #process: WorkerProcess;
  readonly #target: ReaderTarget;
  readonly #asked = new Map<number, Asked>();
  readonly #life: ProcessLife;
  /** Until the process is ready. */
  #waiting: ToReader[] | undefined = [];
  #nextId = 0;
  #stopping = false;
  /** Found about it before its end. */
  #fault: Failure | undefined;

  constructor(ports: ReaderProcessPorts, target: ReaderTarget) {
    this.#ports = ports;
    this.#target = target;
    const killsBefore = ports.memoryKills();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#process = ports.launch('reader');
    this.#life = new ProcessLife(this.#process, ports.clock, { terminateAfter, killAfter });
    this.#process.onMessage((message) => this.#receive(message));
    this.#process.onExit((exit) => {
      this.#life.ended();
      this.#settle({ ...exit, memoryRanOut: (ports.memoryKills() ?? 0) > (killsBefore ?? Infinity) });
      resolve();
    });
    void this.#life.watch(
      () => this.#asked.size > 0,
      () => this.#giveUp(crash('WORKER_HUNG', `The ${words.name} gave no sign of life for ${hangLimit / 1000} s`, words.next, words.safe)),
    );
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Whether it takes no more questions. */
  get isOver(): boolean {
    return this.#stopping || this.#fault !== undefined || this.#life.isGone;
  }

  /** Rejects with a `Failure`, `ReaderGone` among them, and with the signal's reason. */
  async ask(question: ReaderQuestion, input: Record<string, unknown>, signal: AbortSignal | undefined): Promise<unknown> {
    signal?.throwIfAborted();
    const id = this.#nextId;
    this.#nextId += 1;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#asked.set(id, { resolve, reject });
    if (this.#asked.size === 1) this.#life.heard();
    const onAbort = (): void => {
      this.#send({ type: 'cancel', id });
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      this.#send({ type: 'ask', id, question, input });
      return await promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#asked.delete(id);
    }
  }

  /** What is still asked fails. */
  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#reject(stopped());
    this.#send({ type: 'stop' });
    void this.#life.endByForce(true);
  }

  #send(message: ToReader): void {
    if (this.#waiting !== undefined) this.#waiting.push(message);
    else if (!this.#life.isGone) this.#process.send(message);
  }

  #receive(received: unknown): void {
    if (this.#fault !== undefined) return;
    const parsed = fromReader.safeParse(received);
    if (!parsed.success) {
      this.#giveUp(crash('WORKER_CRASHED', `The ${words.name} sent a message that this agent does not know`, 'Start the agent again, in case it was updated meanwhile', words.safe));
      return;
    }
    this.#life.heard();
    this.#take(parsed.data);
  }

  #take(message: FromReader): void {
    switch (message.type) {
      case 'ready': {
        if (this.#waiting === undefined) return;
        this.#process.send({ type: 'open', target: this.#target });
        const waiting = this.#waiting;
        this.#waiting = undefined;
        for (const one of waiting) this.#send(one);
        return;
      }
      case 'heartbeat':
        return;
      case 'answer':
        this.#asked.get(message.id)?.resolve(message.value);
        return;
      case 'failure': {
        const { code, parts, path } = message.failure;
        this.#asked.get(message.id)?.reject(new Failure(code, parts, path === undefined ? {} : { path }));
        return;
      }
      case 'catalogue':
        this.#ports.onCatalogue(message);
        return;
      default:
        this.#ports.logger[message.level]({ ...message.fields, repository: this.#target.repositoryId }, message.message);
    }
  }

  /** It cannot be talked to any more. */
  #giveUp({ code, message, parts = { what: message } }: ReturnType<typeof crash>): void {
    this.#fault = new ReaderGone(code, parts);
    this.#reject(this.#fault);
    void this.#life.endByForce(false);
  }

  #settle(exit: Parameters<typeof exitCause>[0]): void {
    const { code, message, parts = { what: message } } = exitCause(exit, words);
    this.#reject(this.#fault ?? new ReaderGone(code, parts));
  }

  #reject(error: Failure): void {
    for (const { reject } of this.#asked.values()) reject(error);
  }
}
