/** How long to wait before trying again (interfaces, section 5). */
const base = 500;
const jitter = 0.25;

/** The longest wait between two attempts, in milliseconds. */
export const retryCaps = { request: 30_000, job: 15 * 60_000 } as const;

/**
 * Milliseconds before repetition `attempt` (0 for the first): 500 ms doubled each time up to the cap, a quarter more or
 * less by `random` (0 to 1); at least what the other side asked for.
 */
export function retryDelay(attempt: number, random: number, retryAfter?: number, cap: number = retryCaps.request): number {
  const plain = Math.min(cap, base * 2 ** Math.min(attempt, 30));
  return Math.max(Math.round(plain * (1 - jitter + 2 * jitter * random)), retryAfter ?? 0);
}
