/**
 * What could not be restored, named one by one.
 *
 * Vocabulary: a *problem* concerns one item of the snapshot and does not stop the rest. Every problem is reported the
 * moment it is known; only the first few are kept for the summary, all are counted.
 */
import { Failure } from '../../shared/errors.ts';

export interface RestoreProblem {
  /** Path below the target, without a leading slash; a slash alone is the root. Raw bytes. */
  readonly item: Buffer;
  readonly during: 'tree' | 'name' | 'read' | 'write' | 'metadata' | 'link' | 'verify' | 'delete';
  readonly message: string;
}

const keptForSummary = 100;
const namedInFailure = 5;

export class Problems {
  readonly #report: ((problem: RestoreProblem) => void) | undefined;
  readonly #kept: RestoreProblem[] = [];
  #count = 0;

  constructor(report?: (problem: RestoreProblem) => void) {
    this.#report = report;
  }

  get count(): number {
    return this.#count;
  }

  /** The first hundred. */
  get kept(): readonly RestoreProblem[] {
    return this.#kept;
  }

  add(item: Buffer, during: RestoreProblem['during'], message: string): void {
    const problem = { item, during, message };
    this.#count += 1;
    if (this.#kept.length < keptForSummary) this.#kept.push(problem);
    this.#report?.(problem);
  }
}

/** The failure for a restore that ended with problems: `RESTORE_INCOMPLETE`, naming the first of them. */
export function incompleteFailure(problems: { readonly count: number; readonly kept: readonly RestoreProblem[] }): Failure {
  const named = problems.kept.slice(0, namedInFailure).map((problem) => `${problem.item.toString('utf8')} (${problem.message})`);
  const more = problems.count > named.length ? ` and ${problems.count - named.length} more` : '';
  return new Failure('RESTORE_INCOMPLETE', {
    what: `${problems.count} ${problems.count === 1 ? 'item was' : 'items were'} not restored: ${named.join(', ')}${more}`,
    safe: 'Everything else was restored and verified; the repository was not changed',
    next: 'Run "check --read-data" to see what is damaged, and try an older snapshot for what is missing',
  });
}

/** The message of anything thrown, for a problem: of a failure only what happened, since what to do is said once for all. */
export function messageOf(error: unknown): string {
  if (error instanceof Failure) return error.text.what;
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a native or system error; undefined if it has none. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
