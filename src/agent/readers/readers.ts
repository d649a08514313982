/**
 * Readers: a process for each repository that somebody looks into, so that what goes wrong there, a crash or memory that runs
 * out, costs one answer and nothing else.
 *
 * Vocabulary: a reader is *idle* while nothing is asked of it and its catalogue stands still.
 *
 * Invariants: at most `mostKept` idle readers live, none for longer than `idleLimit`; one whose repository was changed or
 * removed gets no more questions and ends after its last answer. A question whose reader is gone is asked once more, of a new one.
 */
import type { Target } from '../../core/repository/connect-repository.ts';
import type { CheckedInput, OperationOutput } from '../../shared/contract/operations.ts';
import type { CatalogueProgress, ReaderQuestion, ReaderTarget } from '../../shared/reader-protocol.ts';
import { ReaderGone, startReader, stopped, type ReaderProcess, type ReaderProcessPorts } from './reader-process.ts';

export interface ReadersPorts extends Omit<ReaderProcessPorts, 'onCatalogue'> {
  /** How a reader opens the repository. REPOSITORY_NOT_FOUND, PASSWORD_MISSING. */
  readonly target: (repositoryId: string) => Promise<ReaderTarget>;
  readonly onCatalogue: (repositoryId: string, progress: CatalogueProgress) => void;
}

const idleLimit = 5 * 60_000;
const mostKept = 4;

interface Kept {
  readonly process: ReaderProcess;
  uses: number;
  /** Whether it brings its catalogue up to date. */
  indexing: boolean;
  /** Aborted when something happens in it, or it is dropped. */
  idle: AbortController;
  dropped: boolean;
}

export class Readers {
  readonly #ports: ReadersPorts;
  /** Least recently used first. */
  readonly #kept = new Map<string, Kept>();
  readonly #live = new Set<ReaderProcess>();
  readonly #ending = new Set<Promise<void>>();
  #closed = false;

  constructor(ports: ReadersPorts) {
    this.#ports = ports;
  }

  /** Rejects with a `Failure`, and with the signal's reason. */
  async ask<Name extends ReaderQuestion>(question: Name, input: CheckedInput<Name>, signal?: AbortSignal): Promise<OperationOutput<Name>> {
    try {
      return await this.#askOnce(question, input, signal);
    } catch (error) {
      if (!(error instanceof ReaderGone) || this.#closed) throw error;
      signal?.throwIfAborted();
      return await this.#askOnce(question, input, signal);
    }
  }

  /** Ends the reader of a repository once it is not asked any more: the repository was changed or removed. */
  forget(repositoryId: string): void {
    const kept = this.#kept.get(repositoryId);
    if (kept !== undefined) this.#drop(repositoryId, kept);
  }

  /** Resolves when every process is gone; what is still asked fails. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const [id, kept] of this.#kept) this.#drop(id, kept);
    for (const process of this.#live) process.stop();
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }

  /** Process numbers, for tests and health. */
  get pids(): (number | undefined)[] {
    return [...this.#kept.values()].map(({ process }) => process.pid);
  }

  async #askOnce<Name extends ReaderQuestion>(question: Name, input: CheckedInput<Name>, signal: AbortSignal | undefined): Promise<OperationOutput<Name>> {
    const id = input.repository_id;
    const kept = await this.#take(id);
    try {
      // The reader answers in the shape of the contract, which whoever asked checks.
      return (await kept.process.ask(question, input, signal)) as OperationOutput<Name>;
    } finally {
      kept.uses -= 1;
      this.#restIfIdle(id, kept);
    }
  }

  async #take(id: string): Promise<Kept> {
    const target = this.#usable(id) === undefined ? await this.#ports.target(id) : undefined;
    if (this.#closed) throw stopped();
    const kept = this.#usable(id) ?? this.#start(id, target ?? (await this.#ports.target(id)));
    kept.idle.abort();
    kept.uses += 1;
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    for (const [other, one] of this.#kept) {
      if (this.#kept.size <= mostKept) break;
      if (isIdle(one)) this.#drop(other, one);
    }
    return kept;
  }

  #usable(id: string): Kept | undefined {
    const kept = this.#kept.get(id);
    return kept === undefined || kept.process.isOver ? undefined : kept;
  }

  #start(id: string, target: ReaderTarget): Kept {
    const onCatalogue = (progress: CatalogueProgress): void => {
      kept.indexing = progress.indexing;
      this.#restIfIdle(id, kept);
      this.#ports.onCatalogue(id, progress);
    };
    const kept: Kept = { process: startReader({ ...this.#ports, onCatalogue }, target), uses: 0, indexing: false, idle: new AbortController(), dropped: false };
    this.#live.add(kept.process);
    this.#track(
      kept.process.ended.then(() => {
        this.#live.delete(kept.process);
        this.#drop(id, kept);
      }),
    );
    return kept;
  }

  #restIfIdle(id: string, kept: Kept): void {
    kept.idle.abort();
    if (kept.uses > 0) return;
    if (kept.dropped) {
      kept.process.stop();
      return;
    }
    if (!isIdle(kept)) return;
    kept.idle = new AbortController();
    this.#track(this.#endLater(id, kept, kept.idle.signal));
  }

  async #endLater(id: string, kept: Kept, signal: AbortSignal): Promise<void> {
    try {
      await this.#ports.clock.sleep(idleLimit, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return;
    }
    this.#drop(id, kept);
  }

  #drop(id: string, kept: Kept): void {
    if (kept.dropped) return;
    kept.dropped = true;
    kept.idle.abort();
    if (this.#kept.get(id) === kept) this.#kept.delete(id);
    if (kept.uses === 0) kept.process.stop();
  }

  #track(work: Promise<void>): void {
    this.#ending.add(work);
    void work.finally(() => this.#ending.delete(work));
  }
}

function isIdle({ uses, indexing }: Kept): boolean {
  return uses === 0 && !indexing;
}

/** What a reader is told of a repository. */
export function readerTarget(repositoryId: string, { url, password, certificateFingerprint }: Target, cacheFolder: string): ReaderTarget {
  return { repositoryId, url, password, cacheFolder, ...(certificateFingerprint === undefined ? {} : { certificateFingerprint }) };
}
