/** Answers that took long to make, for the next page of them: as many as are used last. */
import { createHash } from 'node:crypto';

export class KeptAnswers<Answer> {
  readonly #most: number;
  /** The map's order is that of last use. */
  readonly #kept = new Map<string, Answer>();

  constructor(most: number) {
    this.#most = most;
  }

  /** `key`: whatever the answer depends on. What fails is not kept. */
  async get(key: readonly unknown[], make: () => Promise<Answer>): Promise<Answer> {
    const name = createHash('sha256').update(JSON.stringify(key)).digest('hex');
    const answer = this.#kept.get(name) ?? (await make());
    this.#kept.delete(name);
    this.#kept.set(name, answer);
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > this.#most && oldest.done !== true) this.#kept.delete(oldest.value);
    return answer;
  }
}
