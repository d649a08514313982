/**
 * A bounded number of asynchronous operations at once.
 *
 * Invariants: results keep the order of the items; after the first failure, or an abort, nothing new is started, and the
 * call rejects only when everything that was started has ended, so nothing runs on behind its caller.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  limit: number,
  operation: (item: Item, index: number) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result[]> {
  const results: Result[] = [];
  const entries = items.entries();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const [index, item] of entries) {
      if (failed) return;
      try {
        signal?.throwIfAborted();
        results[index] = await operation(item, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: Math.max(1, Math.min(limit, items.length)) }, worker));
  for (const outcome of workers) if (outcome.status === 'rejected') throw outcome.reason;
  return results;
}
