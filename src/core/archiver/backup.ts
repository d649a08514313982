/**
 * Backing up: from targets to a snapshot.
 *
 * Order of work (specification section 16): lock and snapshots, index, then packs, index files, snapshot, unlock. The
 * lock's second look, 200 ms after it was written, is waited for only before the first index file. Snapshots are looked
 * at while the lock is taken: should one go away meanwhile, only time is lost.
 *
 * Invariants: a snapshot is written only when everything it reaches is stored and listed; whatever ends the backup early
 * leaves the repository as valid as it was, with nothing visible half-written; the lock is released in every case, and
 * nothing that happens while it is released changes how the backup is said to have ended.
 */
import { realpathSync } from 'node:fs';
import { Failure } from '../../shared/errors.ts';
import { withDeadline } from '../platform/deadline.ts';
import { acquireLock, type Lock } from '../repository/lock.ts';
import type { Repository } from '../repository/repository.ts';
import { saveSnapshot, type Snapshot, type StoredSnapshot } from '../repository/snapshots.ts';
import { formatTime, instantFromMilliseconds } from '../repository/times.ts';
import { storageFailure } from '../storage/storage-failure.ts';
import { BackupRun } from './backup-run.ts';
import { byteString, bytesOf, thisPlatform } from './byte-path.ts';
import { loadExcludes, type Excludes } from './excludes.ts';
import { Estimate } from './estimate.ts';
import type { BackupOptions, BackupPorts, BackupSummary } from './options.ts';
import { chooseParent } from './parent.ts';
import { prepareTargets, type PreparedTargets } from './prepared-targets.ts';
import { ProgressReport } from './progress.ts';
import { defaultThreads } from './stage-rates.ts';
import { standardInput, standardInputPath, storeStandardInput, type StandardInput } from './standard-input.ts';
import { Tally } from './tally.ts';
import { runWalk } from './run-walk.ts';
import { usualWindUp } from './wind-up.ts';

/** What there is to back up, once the disk was asked. */
interface Source {
  readonly targets: PreparedTargets;
  readonly standardInput: StandardInput | undefined;
}

interface Job {
  readonly repository: Repository;
  readonly options: BackupOptions;
  readonly ports: BackupPorts;
  readonly excludes: Excludes;
  readonly tally: Tally;
  /** Of the snapshot, nanoseconds since 1970. */
  readonly time: bigint;
  /** Aborted by whatever ends the backup early: the caller, the lock, the first failure. Its reason tells how the backup ended; what follows from it does not. */
  readonly stopper: AbortController;
}

/**
 * Stores the targets as a new snapshot. A file that cannot be stored is told to `onError`, counted in `errors`, and does
 * not stop the rest. Failures: USAGE, PATH_NOT_FOUND, SNAPSHOT_NOT_FOUND (parent), REPOSITORY_LOCKED, LOCK_LOST,
 * STORAGE_…, DAMAGED, INTERRUPTED.
 */
export async function backup(repository: Repository, options: BackupOptions, ports: BackupPorts): Promise<BackupSummary> {
  const started = ports.clock.monotonic();
  const startedAt = ports.clock.now();
  const stopper = new AbortController();
  const forgetCaller = whenAborted(ports.signal, (reason) => stopper.abort(interruption(reason)));
  const explain = (error: unknown): unknown => {
    stopper.abort(error);
    return storageFailure(stopper.signal.reason, repository.store.location);
  };
  let lock: Lock | undefined;
  try {
    const tally = new Tally(ports.onError);
    const excludes = await loadExcludes(options.excludes ?? {}, options.environment ?? process.env, thisPlatform);
    const job: Job = { repository, options, ports, excludes, tally, time: instantFromMilliseconds(options.time ?? startedAt), stopper };
    const prepared = await prepare(job);
    lock = prepared.lock;
    const { source, parent } = prepared;
    const root = await storeSource(job, source, parent, lock);
    const summary = tally.summary((ports.clock.monotonic() - started) / 1000);
    if (options.dryRun === true) return summary;
    const ended = instantFromMilliseconds(ports.clock.now());
    const snapshot = describe(job, source, root, parent, { ...summary, backup_start: formatTime(instantFromMilliseconds(startedAt)), backup_end: formatTime(ended) });
    stopper.signal.throwIfAborted();
    return { ...summary, snapshot_id: await saveSnapshot(repository, snapshot, stopper.signal) };
  } catch (error) {
    throw explain(error);
  } finally {
    forgetCaller();
    await releaseLock(ports, lock);
  }
}

/** Calls back once, at once where the signal is aborted already; returns what takes that back. */
function whenAborted(signal: AbortSignal | undefined, call: (reason: unknown) => void): () => void {
  if (signal === undefined) return () => undefined;
  const listener = (): void => call(signal.reason);
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

/** A lock that stays behind changes nothing about how the backup ended; the next one removes it when it is stale. */
async function releaseLock({ logger, clock, signal, windUp = usualWindUp }: BackupPorts, lock: Lock | undefined): Promise<void> {
  try {
    if (signal?.aborted === true) await withDeadline(clock, windUp(interruption(signal.reason)).lock, undefined, (deadline) => lock?.release(deadline) ?? Promise.resolve());
    else await lock?.release();
  } catch (error) {
    logger.warn({ error: String(error) }, 'the lock of this backup could not be removed');
  }
}

interface Prepared {
  readonly source: Source;
  readonly parent: StoredSnapshot | undefined;
  readonly lock: Lock | undefined;
}

/** Looks at the targets and at earlier snapshots while the lock is taken. */
async function prepare(job: Job): Promise<Prepared> {
  const [sources, lock] = await Promise.allSettled([prepareSources(job), job.options.dryRun === true ? undefined : takeLock(job)]);
  if (sources.status === 'fulfilled' && lock.status === 'fulfilled') return { ...sources.value, lock: lock.value };
  const reason: unknown = lock.status === 'rejected' ? lock.reason : (sources as PromiseRejectedResult).reason;
  // Before the lock goes, which would be a reason too.
  job.stopper.abort(reason);
  if (lock.status === 'fulfilled') await releaseLock(job.ports, lock.value);
  throw reason;
}

async function takeLock({ repository, options, stopper }: Job): Promise<Lock> {
  const lock = await acquireLock(repository, { exclusive: false, hostname: options.hostname, removeStale: true }, stopper.signal);
  lock.confirmed.catch((error: unknown) => stopper.abort(error));
  whenAborted(lock.signal, (reason) => stopper.abort(reason));
  return lock;
}

async function prepareSources(job: Job): Promise<Omit<Prepared, 'lock'>> {
  const source = await prepareSource(job);
  return { source, parent: await chooseParent(job.repository, job.options, source.targets.paths, job.time, job.stopper.signal) };
}

async function prepareSource({ options, tally, repository }: Job): Promise<Source> {
  if (options.stdin !== undefined) {
    const input = standardInput(options.stdin.filename, options.stdin.descriptor, thisPlatform);
    return { standardInput: input, targets: { nodes: [], paths: [bytesOf(standardInputPath(input)).toString('utf8')] } };
  }
  // As raw bytes, which `process.cwd` does not give.
  const folder = options.folder === undefined ? realpathSync.native('.', { encoding: 'buffer' }) : Buffer.from(options.folder);
  const targets = await prepareTargets(options.targets, { addon: repository.addon, tally, folder: byteString(folder), platform: thisPlatform });
  return { standardInput: undefined, targets };
}

/** Everything but the snapshot; the id of its root tree. */
async function storeSource(job: Job, source: Source, parent: StoredSnapshot | undefined, lock: Lock | undefined): Promise<Buffer> {
  const { repository, options, ports, excludes, tally, stopper } = job;
  const { signal } = stopper;
  // The index after the lock, since what it lists must stay, and after the snapshots: the other way round could miss the
  // index of one that appears in between.
  const report = await repository.loadIndex(signal, { tolerateDamage: true });
  for (const { name, failure } of report.damaged) ports.logger.warn({ index: name, error: failure.text.what }, 'an index file is damaged; what only it lists is stored again');
  const run = new BackupRun({ repository, options, lock, stopper, windUp: ports.windUp ?? usualWindUp });
  const estimate = new Estimate({ addon: repository.addon, clock: ports.clock, excludes, tally, oneFileSystem: options.oneFileSystem === true });
  const progress = startProgress(job, run, estimate, source);
  try {
    return await run.run((feed, stopped) =>
      source.standardInput === undefined
        ? runWalk({ repository, excludes, tally, oneFileSystem: options.oneFileSystem === true, signal: stopped }, feed, source.targets.nodes, parent)
        : storeStandardInput(source.standardInput, job.time, feed, tally),
    );
  } finally {
    await progress.end();
  }
}

function startProgress({ ports, tally, options }: Job, run: BackupRun, estimate: Estimate, source: Source): { end(): Promise<void> } {
  const { onProgress, clock } = ports;
  if (onProgress === undefined) return { end: () => Promise.resolve() };
  const report = new ProgressReport({
    clock,
    tally,
    counters: () => ({ ...run.engine.counters(), ...run.packed() }),
    threads: options.threads ?? defaultThreads(),
    isFinishing: () => run.isFinishing,
    totals: () => estimate.totals(),
    currentFiles: () => run.feed.current(2),
    onProgress,
  });
  const running = [report.run(), estimate.run(source.targets.nodes).catch((error: unknown) => run.stop(error))];
  return {
    async end() {
      estimate.end();
      report.end();
      await Promise.all(running);
    },
  };
}

function describe({ options, time }: Job, source: Source, root: Buffer, parent: StoredSnapshot | undefined, summary: BackupSummary & { backup_start: string; backup_end: string }): Snapshot {
  const { errors: _, total_duration: __, ...stored } = summary;
  return {
    time: formatTime(time),
    ...(parent === undefined ? {} : { parent: parent.id }),
    tree: root.toString('hex'),
    paths: [...source.targets.paths],
    hostname: options.hostname,
    username: options.username,
    // Windows has no such numbers; 0 is left out.
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    excludes: (options.excludes?.patterns ?? []).map((pattern) => (typeof pattern === 'string' ? pattern : bytesOf(byteString(pattern)).toString('utf8'))),
    tags: [...(options.tags ?? [])],
    program_version: options.programVersion,
    summary: stored,
  };
}

/** What a person is told after an abort: a failure as it is, anything else as an interruption. */
function interruption(reason: unknown): Failure {
  if (reason instanceof Failure) return reason;
  return new Failure(
    'INTERRUPTED',
    { what: 'The backup was interrupted', safe: 'No snapshot was made; earlier ones are untouched, and what was stored already is used by the next run', next: 'Run the same command again' },
    { cause: reason },
  );
}
