/**
 * What a screen reader is told of jobs, through one polite region.
 *
 *     quiet ──news──▶ said at once ──▶ resting, ten seconds ──news waits──▶ all of it in one message ──▶ resting …
 *                                          └──nothing came──▶ quiet
 *
 * Invariants: one message in ten seconds, whatever many jobs do; of a job only the newest news waits, so that its end takes
 * the place of a quarter; no end is lost; ends come before the rest.
 */

/** The more important first. */
export type NewsRank = 'failed' | 'ended' | 'progress';

export interface AnnouncerPorts {
  readonly say: (text: string) => void;
  /** Calls back once, after so many milliseconds. */
  readonly later: (ms: number, act: () => void) => void;
  /** "and 4 more" */
  readonly more: (count: number) => string;
}

export const restMs = 10_000;
/** Sentences in a message: more than that nobody listens to. */
const mostSentences = 3;
const ranks: readonly NewsRank[] = ['failed', 'ended', 'progress'];

export class Announcer {
  readonly #ports: AnnouncerPorts;
  readonly #waiting = new Map<string, { readonly rank: NewsRank; readonly text: string }>();
  #resting = false;

  constructor(ports: AnnouncerPorts) {
    this.#ports = ports;
  }

  readonly tell = (jobId: string, rank: NewsRank, text: string): void => {
    this.#waiting.delete(jobId);
    this.#waiting.set(jobId, { rank, text });
    if (!this.#resting) this.#say();
  };

  #say(): void {
    this.#resting = this.#waiting.size > 0;
    if (!this.#resting) return;
    const texts = ranks.flatMap((rank) => [...this.#waiting.values()].filter((news) => news.rank === rank).map(({ text }) => text));
    this.#waiting.clear();
    const more = texts.length - mostSentences;
    this.#ports.say([...texts.slice(0, mostSentences), ...(more > 0 ? [this.#ports.more(more)] : [])].join('. '));
    this.#ports.later(restMs, () => this.#say());
  }
}
