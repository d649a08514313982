/**
 * Calls that are made at about the same time, done as one: to ask the addon costs more than what it does for a small file.
 *
 * Vocabulary: a *batch* is what was asked for since the last one began, up to its largest size.
 * Invariant: every call gets its own outcome; a batch that fails as a whole fails each of its calls.
 */
interface Call<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export class GatheredCalls<Item, Result extends object | string | number | null> {
  readonly #run: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>;
  readonly #largest: number;
  #waiting: Call<Item, Result>[] = [];

  /** `run`: one outcome an item, in their order. */
  constructor(largest: number, run: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>) {
    this.#largest = largest;
    this.#run = run;
  }

  call(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      // When all that is ready to ask now has asked.
      if (this.#waiting.length === 1) setImmediate(() => this.#begin());
      if (this.#waiting.length === this.#largest) this.#begin();
    });
  }

  #begin(): void {
    const calls = this.#waiting;
    this.#waiting = [];
    if (calls.length > 0) void this.#settle(calls);
  }

  async #settle(calls: readonly Call<Item, Result>[]): Promise<void> {
    try {
      const outcomes = await this.#run(calls.map(({ item }) => item));
      for (const [i, { resolve, reject }] of calls.entries()) {
        const outcome = outcomes[i];
        if (outcome instanceof Error) reject(outcome);
        else if (outcome === undefined) reject(new Error('a call of a batch has no outcome'));
        else resolve(outcome);
      }
    } catch (error) {
      for (const { reject } of calls) reject(error);
    }
  }
}
