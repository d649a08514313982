/**
 * The history of one series: a cell for each second of the last hour in which something happened.
 *
 * Memory is bounded by time, not by events: an idle second has no cell, a busy one has one.
 */
export const historySeconds = 3600;

export interface Cell {
  /** Of the monotonic clock. */
  readonly second: number;
}

export class Seconds<C extends Cell> {
  readonly #make: (second: number) => C;
  readonly #seal: (cell: C) => void;
  #cells: C[] = [];
  #head = 0;

  /** `seal` is told of a cell that gets no more values. */
  constructor(make: (second: number) => C, seal: (cell: C) => void = () => undefined) {
    this.#make = make;
    this.#seal = seal;
  }

  /** The cell of this second, which is not before that of any earlier call. */
  at(second: number): C {
    const newest = this.#cells.at(-1);
    if (newest !== undefined && newest.second >= second) return newest;
    if (newest !== undefined) this.#seal(newest);
    const cell = this.#make(second);
    this.#cells.push(cell);
    this.#forget(second - historySeconds);
    return cell;
  }

  /** Cells later than `second`, oldest first. */
  *after(second: number): Generator<C> {
    let at = this.#cells.length;
    while (at > this.#head && (this.#cells[at - 1]?.second ?? 0) > second) at--;
    for (; at < this.#cells.length; at++) {
      const cell = this.#cells[at];
      if (cell !== undefined) yield cell;
    }
  }

  #forget(second: number): void {
    while (this.#head < this.#cells.length && (this.#cells[this.#head]?.second ?? 0) <= second) this.#head++;
    // Moved only now and then, so that a step costs the same on average however long the history is.
    if (this.#head <= this.#cells.length / 2) return;
    this.#cells = this.#cells.slice(this.#head);
    this.#head = 0;
  }
}
