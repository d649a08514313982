/** A reader in the test's own process: what it sends and gets crosses as it would between two, but nothing is started. */
import type { Clock } from '../../../core/platform/clock.ts';
import { Reader } from '../../../worker/reader/reader.ts';
import type { LaunchWorker, WorkerProcess } from '../../workers/worker-port.ts';

export interface InsideReader extends WorkerProcess {
  readonly ended: Promise<void>;
  /** As `kill -9` would. */
  crash(): void;
}

type Exit = Parameters<Parameters<WorkerProcess['onExit']>[0]>[0];

/** `started`: gets every reader. */
export function launchInside(clock: Clock, started: InsideReader[] = []): LaunchWorker {
  return () => {
    const reader = new InsideProcess(clock);
    started.push(reader);
    return reader;
  };
}

class InsideProcess implements InsideReader {
  readonly pid = undefined;
  readonly ended: Promise<void>;
  readonly #ended: () => void;
  #over = false;
  #toAgent: (message: unknown) => void = () => undefined;
  #toReader: (message: unknown) => void = () => undefined;
  #closed: () => void = () => undefined;
  #exit: (exit: Exit) => void = () => undefined;

  constructor(clock: Clock) {
    const { promise, resolve } = Promise.withResolvers<void>();
    [this.ended, this.#ended] = [promise, resolve];
    const reader = new Reader({
      channel: {
        send: (message) => this.#cross(message, (crossed) => this.#toAgent(crossed)),
        onMessage: (listener) => (this.#toReader = listener),
        onClosed: (listener) => (this.#closed = listener),
        flushed: () => Promise.resolve(),
      },
      clock,
      exit: (code) => this.#end({ code, signal: null, stderr: '' }),
    });
    setImmediate(() => reader.begin());
  }

  send(message: unknown): void {
    this.#cross(message, (crossed) => this.#toReader(crossed));
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#toAgent = listener;
  }

  onExit(listener: (exit: Exit) => void): void {
    this.#exit = listener;
  }

  terminate(): void {
    this.#closed();
  }

  kill(): void {
    this.crash();
  }

  crash(): void {
    this.#end({ code: null, signal: 'SIGKILL', stderr: '' });
    // What it holds must not stay open in the test.
    this.#closed();
  }

  #cross(message: unknown, deliver: (crossed: unknown) => void): void {
    const crossed: unknown = structuredClone(message);
    setImmediate(() => {
      if (!this.#over) deliver(crossed);
    });
  }

  #end(exit: Exit): void {
    if (this.#over) return;
    this.#over = true;
    this.#exit(exit);
    this.#ended();
  }
}
