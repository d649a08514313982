/**
 * Fetches ranges of packs, several at once, and has the addon write them to files.
 *
 * Vocabulary: a file's *token* is its entry number; a write is *lost* when its blob could not be had from the copy that
 * was planned, and *rescued* when the repository has another.
 *
 * Invariants: at most `workers` ranges are in memory, and no more of them are decoded at once than there are processors,
 * since each decoding has memory of its own; a file is registered with the addon just before its first write;
 * a file that failed gets no further writes. Damage concerns single files; a full target and an unreachable store end
 * everything.
 */
import { availableParallelism } from 'node:os';
import { Failure } from '../../shared/errors.ts';
import { writeSize } from '../native/addon.ts';
import type { RestoreFailure, RestoreFile, RestoreResult, RestoreRoot } from '../native/addon.ts';
import type { Repository } from '../repository/repository.ts';
import { StorageError } from '../storage/object-store.ts';
import { Semaphore } from '../storage/semaphore.ts';
import { kinds, states } from './entry-table.ts';
import type { EntryTable } from './entry-table.ts';
import { messageOf } from './problems.ts';
import type { Problems } from './problems.ts';
import type { RestoreCounts } from './progress.ts';
import { isFull, targetFull } from './target-failures.ts';
import { RangeMemory } from './range-memory.ts';
import type { PackRange, WritePlan } from './write-plan.ts';

const minimumWorkers = 2;
const maximumWorkers = 8;
/** Writes in one call of the addon, so that progress moves and cancelling is quick. */
const writesPerCall = 2048;

export interface FileWriterPorts {
  readonly repository: Repository;
  readonly root: RestoreRoot;
  readonly table: EntryTable;
  readonly problems: Problems;
  readonly counts: RestoreCounts;
  readonly owner: (entry: number) => boolean;
  readonly signal: AbortSignal;
}

export interface PlannedFiles {
  /** Sealed. */
  readonly plan: WritePlan;
  /** Writes of each file, by entry. */
  readonly writes: Uint32Array;
  /** Bytes of a file, by entry, that need no write because they are zeros. */
  readonly holes: ReadonlyMap<number, number>;
}

export class FileWriter {
  readonly #ports: FileWriterPorts;
  readonly #plan: WritePlan;
  readonly #writes: Uint32Array;
  readonly #holes: ReadonlyMap<number, number>;
  readonly #registered: Uint8Array;
  /** Positions in the plan of lost writes of which there may be another copy. */
  readonly #lost: number[] = [];
  readonly #decoders = new Semaphore(Math.max(minimumWorkers, availableParallelism()));
  #registering: Promise<unknown> = Promise.resolve();

  constructor(ports: FileWriterPorts, planned: PlannedFiles) {
    this.#ports = ports;
    this.#plan = planned.plan;
    this.#writes = planned.writes;
    this.#holes = planned.holes;
    this.#registered = new Uint8Array(ports.table.count);
  }

  /** Writes every file of the plan that is `pending`; each ends `done` or `failed`. */
  async run(): Promise<void> {
    await this.#registerWithoutWrites();
    const ranges = this.#plan.ranges();
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#ports.signal]);
    const work = async (): Promise<void> => {
      const memory = new RangeMemory(this.#ports.repository.addon);
      for (let next = ranges.next(); next.done !== true; next = ranges.next()) {
        signal.throwIfAborted();
        await this.#transfer(next.value, memory, signal);
      }
    };
    const count = Math.max(minimumWorkers, Math.min(maximumWorkers, this.#ports.repository.store.connections));
    this.#ports.counts.workers = count;
    await Promise.allSettled(
      Array.from({ length: count }, async () => {
        try {
          await work();
        } catch (error) {
          stop.abort(error);
          throw error;
        }
      }),
    );
    this.#ports.signal.throwIfAborted();
    // The first failure aborted the others with itself as the reason.
    stop.signal.throwIfAborted();
    await this.#rescue();
  }

  async #transfer(range: PackRange, memory: RangeMemory, signal: AbortSignal): Promise<void> {
    if (!this.#isWanted(range)) return;
    const { repository, counts } = this.#ports;
    const name = range.packId.toString('hex');
    const bytes = memory.take(range.end - range.start);
    try {
      await counts.measure('download', () => repository.store.getInto({ type: 'data', name }, range.start, bytes, signal), () => bytes.length);
    } catch (error) {
      signal.throwIfAborted();
      await this.#withoutRange(range, error, memory, signal);
      return;
    }
    for (let from = range.from; from < range.to; from += writesPerCall) {
      signal.throwIfAborted();
      await this.#deliver(bytes, range.start, from, Math.min(range.to, from + writesPerCall));
    }
  }

  /** A pack that is missing or too short: what is still there is read blob by blob. */
  async #withoutRange(range: PackRange, error: unknown, memory: RangeMemory, signal: AbortSignal): Promise<void> {
    if (!(error instanceof StorageError) || (error.kind !== 'not-found' && error.kind !== 'range' && error.kind !== 'mismatch')) throw error;
    const singles = error.kind === 'range' ? [...this.#plan.singleBlobs(range)] : [];
    if (singles.length > 1) {
      for (const single of singles) await this.#transfer(single, memory, signal);
      return;
    }
    const reason = `pack ${range.packId.toString('hex')} is ${error.kind === 'not-found' ? 'missing' : 'damaged'}`;
    for (let position = range.from; position < range.to; position += 1) this.#writeLost(position, reason);
  }

  #isWanted(range: PackRange): boolean {
    for (let position = range.from; position < range.to; position += 1) {
      if (this.#ports.table.state(this.#plan.token(position)) === states.pending) return true;
    }
    return false;
  }

  async #deliver(bytes: Buffer, start: number, from: number, to: number): Promise<void> {
    const { table, root, repository } = this.#ports;
    const isPending = (position: number): boolean => table.state(this.#plan.token(position)) === states.pending;
    const all = Array.from({ length: to - from }, (_, i) => from + i);
    await this.#registerFilesOf(all.filter(isPending));
    // A file that could not be registered is unknown to the addon.
    const positions = all.filter(isPending);
    if (positions.length === 0) return;
    const writes = Buffer.allocUnsafe(positions.length * writeSize);
    for (const [i, position] of positions.entries()) this.#plan.copyWrite(position, start, writes, i * writeSize);
    const release = await this.#decoders.acquire(this.#ports.signal);
    const write = (): Promise<RestoreResult> => root.writeRange(repository.keys, bytes, writes);
    const result = await this.#ports.counts.measure('write', write, ({ bytesWritten }) => bytesWritten).finally(release);
    this.#settle(result);
    if (result.failures.some(({ during }) => during === 'decode')) await this.#findLost(result.failures, bytes, start, positions);
  }

  /** The addon names the files that a damaged blob concerns, not the blob. */
  async #findLost(failures: readonly RestoreFailure[], bytes: Buffer, start: number, positions: readonly number[]): Promise<void> {
    const { addon, keys } = this.#ports.repository;
    const concerned = new Set(failures.filter(({ during }) => during === 'decode').map(({ token }) => token));
    const verdicts = new Map<string, string | undefined>();
    for (const position of positions) {
      if (!concerned.has(this.#plan.token(position))) continue;
      const blob = this.#plan.blob(position);
      const key = `${blob.offset}:${blob.id.toString('hex')}`;
      if (!verdicts.has(key)) {
        const sealed = bytes.subarray(blob.offset - start, blob.offset - start + blob.length);
        verdicts.set(key, await addon.decodeBlob(keys, sealed, blob.uncompressedLength, blob.id).then(() => undefined, messageOf));
      }
      const reason = verdicts.get(key);
      if (reason !== undefined) this.#writeLost(position, reason);
    }
  }

  #writeLost(position: number, reason: string): void {
    const { index } = this.#ports.repository;
    if (index.lookup('data', this.#plan.blob(position).id).length > 1) this.#lost.push(position);
    else this.#contentLost(this.#plan.token(position), reason);
  }

  /** Lost blobs once more, through the repository, which tries every copy; sealed anew, since the addon takes nothing else. */
  async #rescue(): Promise<void> {
    const { table, repository, root, signal } = this.#ports;
    const byBlob = Map.groupBy(this.#lost, (position) => this.#plan.blob(position).id.toString('hex'));
    for (const [id, positions] of byBlob) {
      const wanted = positions.filter((position) => table.state(this.#plan.token(position)) === states.pending);
      const first = wanted[0];
      if (first === undefined) continue;
      const { plainLength } = this.#plan.blob(first);
      let plain: Buffer;
      try {
        plain = await repository.readBlob('data', Buffer.from(id, 'hex'), signal);
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
        for (const position of wanted) this.#contentLost(this.#plan.token(position), error.text.what);
        continue;
      }
      if (plain.length !== plainLength) {
        // The offsets of what follows in the file were computed with the wrong length.
        for (const position of wanted) this.#contentLost(this.#plan.token(position), `the index gives blob ${id} a wrong length`);
        continue;
      }
      await this.#registerFilesOf(wanted);
      const known = wanted.filter((position) => table.state(this.#plan.token(position)) === states.pending);
      const sealed = repository.keys.seal(plain);
      const writes = Buffer.alloc(known.length * writeSize);
      for (const [i, position] of known.entries()) this.#plan.copyPlainWrite(position, sealed.length, writes, i * writeSize);
      this.#settle(await root.writeRange(repository.keys, sealed, writes));
    }
  }

  async #registerFilesOf(positions: readonly number[]): Promise<void> {
    const fresh: RestoreFile[] = [];
    for (const position of positions) {
      const token = this.#plan.token(position);
      if (this.#registered[token] === 0) fresh.push(this.#describe(token));
    }
    if (fresh.length > 0) this.#register(fresh);
    // Another worker may have begun to register a file of ours.
    await this.#registering;
  }

  #describe(token: number): RestoreFile {
    const { table, owner, counts } = this.#ports;
    this.#registered[token] = 1;
    counts.bytesRestored += this.#holes.get(token) ?? 0;
    return { token, path: table.path(token), size: table.size(token), writes: this.#writes[token] as number, metadata: table.metadata(token, owner(token)) };
  }

  #register(files: readonly RestoreFile[]): void {
    const before = this.#registering;
    this.#registering = (async () => {
      await before;
      this.#settle(await this.#ports.root.addFiles(files));
    })();
    // Awaited by every writer that follows; an early end of all of them must not leave it unhandled.
    this.#registering.catch(() => undefined);
  }

  /** Empty files and those that are nothing but holes. */
  async #registerWithoutWrites(): Promise<void> {
    const { table, signal } = this.#ports;
    let batch: RestoreFile[] = [];
    for (let entry = 0; entry < table.count; entry += 1) {
      if (!this.#needsNoWrite(entry)) continue;
      batch.push(this.#describe(entry));
      if (batch.length < writesPerCall) continue;
      signal.throwIfAborted();
      this.#register(batch);
      await this.#registering;
      batch = [];
    }
    if (batch.length > 0) this.#register(batch);
    await this.#registering;
  }

  #needsNoWrite(entry: number): boolean {
    const { table } = this.#ports;
    return table.kind(entry) === kinds.file && table.state(entry) === states.pending && this.#writes[entry] === 0;
  }

  #settle(result: RestoreResult): void {
    const { table, counts } = this.#ports;
    for (const failure of result.failures) this.#failed(failure);
    for (const token of result.finished) {
      table.setState(token, states.done);
      counts.filesRestored += 1;
    }
    counts.bytesRestored += result.bytesWritten;
    counts.tell();
  }

  #failed(failure: RestoreFailure): void {
    if (isFull(failure.code)) throw targetFull(failure.path);
    const { table, problems } = this.#ports;
    // Which of its blobs it was is found out by `#findLost`.
    if (failure.during === 'decode' || table.state(failure.token) !== states.pending) return;
    // The content is in place then and the file is among the finished ones; only something about it is not as it was.
    if (failure.during !== 'metadata') table.setState(failure.token, states.failed);
    problems.add(failure.path, failure.during === 'metadata' ? 'metadata' : 'write', failure.message);
  }

  #contentLost(token: number, reason: string): void {
    const { table, problems } = this.#ports;
    if (table.state(token) !== states.pending) return;
    table.setState(token, states.failed);
    problems.add(table.path(token), 'read', `part of its content is damaged: ${reason}`);
  }
}
