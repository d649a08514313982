/**
 * Answers that took long to make, for the next page of them: those that were used last.
 *
 * Invariant: they have no more than `mostRows` rows together, whatever repositories hold; only the last one may have more
 * alone, since it was made whole in any case.
 */
import { createHash } from 'node:crypto';

const mostRows = 100_000;

export class KeptAnswers<Answer> {
  readonly #most: number;
  readonly #rowsOf: (answer: Answer) => number;
  /** The map's order is that of last use. */
  readonly #kept = new Map<string, Answer>();

  /** `rowsOf`: records of an answer that are in memory as long as it is kept. */
  constructor(most: number, rowsOf: (answer: Answer) => number) {
    this.#most = most;
    this.#rowsOf = rowsOf;
  }

  /** `key`: whatever the answer depends on. What fails is not kept. */
  async get(key: readonly unknown[], make: () => Promise<Answer>): Promise<Answer> {
    const name = createHash('sha256').update(JSON.stringify(key)).digest('hex');
    const answer = this.#kept.get(name) ?? (await make());
    this.#kept.delete(name);
    this.#kept.set(name, answer);
    let rows = 0;
    for (const kept of this.#kept.values()) rows += this.#rowsOf(kept);
    for (const [oldest, kept] of this.#kept) {
      if (this.#kept.size <= this.#most && (rows <= mostRows || oldest === name)) break;
      rows -= this.#rowsOf(kept);
      this.#kept.delete(oldest);
    }
    return answer;
  }
}
