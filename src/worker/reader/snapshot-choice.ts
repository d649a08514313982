/** Which snapshots a question is about. */
import { matchesFilter, type StoredSnapshot } from '../../core/repository/snapshots.ts';
import { Failure } from '../../shared/errors.ts';

export interface SnapshotChoice {
  /** `latest`, or the beginning of an id. */
  readonly snapshot?: string | undefined;
  readonly host?: string | undefined;
  readonly tag?: string | undefined;
}

/** Of those given, by time ascending; all without a choice. Failure SNAPSHOT_NOT_FOUND where one is named that is none of them. */
export function chosenSnapshots(snapshots: readonly StoredSnapshot[], { snapshot: selector, host, tag }: SnapshotChoice): readonly StoredSnapshot[] {
  const filter = { ...(host === undefined ? {} : { hostnames: [host] }), ...(tag === undefined ? {} : { tags: [tag] }) };
  const matching = snapshots.filter(({ snapshot }) => matchesFilter(snapshot, filter));
  if (selector === undefined) return matching;
  const named = selector === 'latest' ? matching.slice(-1) : matching.filter(({ id }) => id.startsWith(selector));
  const [one] = named;
  if (one !== undefined && named.length === 1) return named;
  const what = one === undefined ? `No snapshot that was asked for is ${selector}` : `${named.length} snapshots' ids start with ${selector}`;
  throw new Failure('SNAPSHOT_NOT_FOUND', { what, next: 'List the snapshots: it may have been removed' }, { path: 'snapshot' });
}
