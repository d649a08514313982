/**
 * bcrypt on a thread of its own: one comparison takes 50 ms and more, and must not hold up running transfers.
 *
 * Invariants: one comparison at a time, a bounded queue; the thread starts with the first comparison and does not keep
 * the process alive.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/** The thread's program is text, since a bundle has no worker file to point at; it only loads the package by its path. */
const program = `
const { parentPort, workerData } = require('node:worker_threads');
const { compareSync } = require(workerData.library);
parentPort.on('message', ({ id, password, hash }) => {
  let equal = false;
  let failure;
  try { equal = compareSync(password, hash); } catch (error) { failure = String(error); }
  parentPort.postMessage({ id, equal, failure });
});
`;

interface Answer {
  readonly id: number;
  readonly equal: boolean;
  readonly failure: string | undefined;
}

interface Waiting {
  readonly resolve: (equal: boolean) => void;
  readonly reject: (error: Error) => void;
}

export class BcryptThread {
  readonly #capacity: number;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #nextId = 0;

  /** `capacity`: how many comparisons may run and wait. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** True when another comparison would not fit. */
  get busy(): boolean {
    return this.#waiting.size >= this.#capacity;
  }

  /** Whether the password belongs to the hash; rejects when the thread fails. */
  compare(password: string, hash: string): Promise<boolean> {
    const worker = (this.#worker ??= this.#start());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage({ id, password, hash });
    });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#failAll(new Error('the server is stopping'));
    await worker?.terminate();
  }

  #start(): Worker {
    const library = createRequire(import.meta.url).resolve('bcryptjs');
    const worker = new Worker(program, { eval: true, workerData: { library } });
    worker.on('message', (answer: Answer) => this.#settle(worker, answer));
    worker.on('error', (error) => this.#drop(worker, error));
    worker.on('exit', () => this.#drop(worker, new Error('the password thread ended')));
    return worker;
  }

  #settle(worker: Worker, answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) worker.unref();
    if (answer.failure === undefined) waiting?.resolve(answer.equal);
    else waiting?.reject(new Error(answer.failure));
  }

  /** The next comparison starts a fresh thread. */
  #drop(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#failAll(error instanceof Error ? error : new Error(String(error)));
  }

  #failAll(error: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
