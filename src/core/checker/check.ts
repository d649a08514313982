/**
 * Checking a repository: that everything is there and fits together, and with read-data that every stored byte is what
 * was written. Only reads.
 */
import { Failure } from '../../shared/errors.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Repository } from '../repository/repository.ts';
import { storageFailure } from '../storage/storage-failure.ts';
import { checkIndexes } from './check-indexes.ts';
import { checkPackFiles, hintUnlistedPacks, readPacks } from './check-packs.ts';
import type { BadCopies, ListedPack } from './check-packs.ts';
import { checkTrees } from './check-trees.ts';
import { Findings } from './findings.ts';
import type { CheckFinding, CheckReport } from './findings.ts';

export interface CheckOptions {
  readonly readData: boolean;
  /** Percent of the packs, chosen at random, above 0 and at most 100; means `readData`. */
  readonly readDataSubset?: number;
}

/** At most ten a second. */
export interface CheckProgress {
  readonly phase: 'index' | 'packs' | 'data' | 'trees';
  readonly packs_done: number;
  readonly packs_total: number;
  readonly bytes_done: number;
  readonly bytes_total: number;
  readonly trees_done: number;
  readonly error_count: number;
}

export interface CheckPorts {
  readonly clock: Clock;
  readonly logger?: Logger;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CheckProgress) => void;
  readonly onFinding?: (severity: 'error' | 'hint', finding: CheckFinding) => void;
  /** 0 (inclusive) to 1 (exclusive); picks the packs of a subset. */
  readonly random?: () => number;
}

const progressIntervalMs = 100;
const namedInFailure = 3;

/** Loads the index itself. Resolves with what was found; `checkFailure` makes the failure to end with. Throws `INTERRUPTED` and what the storage says. */
export async function check(repository: Repository, options: CheckOptions, ports: CheckPorts): Promise<CheckReport> {
  try {
    return await checkAll(repository, options, ports);
  } catch (error) {
    if (ports.signal?.aborted !== true) throw storageFailure(error, repository.store.location);
    if (ports.signal.reason instanceof Failure) throw ports.signal.reason;
    throw new Failure('INTERRUPTED', { what: 'The check was interrupted', safe: 'A check changes nothing' }, { cause: error });
  }
}

async function checkAll(repository: Repository, options: CheckOptions, ports: CheckPorts): Promise<CheckReport> {
  const { signal } = ports;
  const findings = new Findings(ports.onFinding);
  const progress = new Progress(ports, findings);
  const bad: BadCopies = new Map();
  await checkIndexes(repository, findings, signal);
  progress.enter('packs');
  const { present, unlisted } = await checkPackFiles(repository, findings, bad, signal);
  const toRead = options.readData || options.readDataSubset !== undefined ? chosenPacks(present, options.readDataSubset ?? 100, ports.random ?? Math.random) : [];
  progress.expect(toRead);
  // Before the trees, so that these can say which files a damaged pack concerns.
  await readPacks(repository, toRead, findings, bad, { signal, onPack: (bytes) => progress.packRead(bytes) });
  progress.enter('trees');
  const { snapshots, trees } = await checkTrees(repository, findings, bad, { signal, onTree: () => progress.treeRead() });
  hintUnlistedPacks(unlisted, findings);
  progress.tell(true);
  return {
    errors: findings.errors,
    hints: findings.hints,
    errorCount: findings.errorCount,
    packs: repository.index.packCount,
    blobs: repository.index.blobCount,
    snapshots,
    trees,
    packsRead: progress.packsDone,
    bytesRead: progress.bytesDone,
  };
}

/** The failure of a check that found errors: `CHECK_FAILED`, naming the first of them; undefined without errors. */
export function checkFailure(report: CheckReport): Failure | undefined {
  const [first] = report.errors;
  if (first === undefined) return undefined;
  const named = report.errors.slice(0, namedInFailure).map(({ what }) => what);
  const more = report.errorCount > named.length ? ` and ${report.errorCount - named.length} more` : '';
  return new Failure('CHECK_FAILED', {
    what: `The repository has ${report.errorCount} ${report.errorCount === 1 ? 'error' : 'errors'}: ${named.join('; ')}${more}`,
    safe: 'The check changed nothing, and files that no error names can be restored',
    next: first.next,
  });
}

/** At least one pack, where there is any, in the order given. */
function chosenPacks(packs: readonly ListedPack[], percent: number, random: () => number): ListedPack[] {
  if (percent >= 100 || packs.length === 0) return [...packs];
  let wanted = Math.max(1, Math.round((packs.length * percent) / 100));
  return packs.filter((_, i) => {
    // Selection sampling: every subset of this size is equally likely.
    const isChosen = random() * (packs.length - i) < wanted;
    if (isChosen) wanted -= 1;
    return isChosen;
  });
}

class Progress {
  packsDone = 0;
  bytesDone = 0;
  #packsTotal = 0;
  #bytesTotal = 0;
  #treesDone = 0;
  #phase: CheckProgress['phase'] = 'index';
  #toldAt = Number.NEGATIVE_INFINITY;
  readonly #ports: CheckPorts;
  readonly #findings: Findings;

  constructor(ports: CheckPorts, findings: Findings) {
    this.#ports = ports;
    this.#findings = findings;
    this.tell();
  }

  enter(phase: CheckProgress['phase']): void {
    this.#phase = phase;
    this.tell();
  }

  expect(packs: readonly ListedPack[]): void {
    if (packs.length === 0) return;
    this.#packsTotal = packs.length;
    this.#bytesTotal = packs.reduce((sum, { size }) => sum + (size ?? 0), 0);
    this.enter('data');
  }

  packRead(bytes: number): void {
    this.packsDone += 1;
    this.bytesDone += bytes;
    this.tell();
  }

  treeRead(): void {
    this.#treesDone += 1;
    this.tell();
  }

  tell(last = false): void {
    const now = this.#ports.clock.monotonic();
    if (this.#ports.onProgress === undefined || (!last && now - this.#toldAt < progressIntervalMs)) return;
    this.#toldAt = now;
    this.#ports.onProgress({
      phase: this.#phase,
      packs_done: this.packsDone,
      packs_total: this.#packsTotal,
      bytes_done: this.bytesDone,
      bytes_total: this.#bytesTotal,
      trees_done: this.#treesDone,
      error_count: this.#findings.errorCount,
    });
  }
}
