/** Which snapshots are meant: by ids, or by hosts, paths and tags, as restic's `forget` and `tag` take them. */
import { matchesFilter, type SnapshotFilter, type StoredSnapshot } from '../repository/snapshots.ts';

export interface SnapshotChoice {
  /** Starts of ids, or `latest`; without any, every snapshot that the filters let through. */
  readonly ids: readonly string[];
  readonly filter: SnapshotFilter;
}

export interface Chosen {
  readonly snapshots: readonly StoredSnapshot[];
  /** Ids that name nothing, or more than one snapshot, and why; restic goes on without them. */
  readonly ignored: readonly { readonly selector: string; readonly why: string }[];
}

/** `snapshots`: all of the repository, by time ascending. Filters narrow `latest` and apply to no other id. */
export function chooseSnapshots(snapshots: readonly StoredSnapshot[], choice: SnapshotChoice): Chosen {
  const matching = snapshots.filter(({ snapshot }) => matchesFilter(snapshot, choice.filter));
  if (choice.ids.length === 0) return { snapshots: matching, ignored: [] };
  const chosen = new Map<string, StoredSnapshot>();
  const ignored: { selector: string; why: string }[] = [];
  for (const selector of choice.ids) {
    const found = selector === 'latest' ? matching.slice(-1) : snapshots.filter(({ id }) => id.startsWith(selector));
    const [one] = found;
    if (one !== undefined && found.length === 1) chosen.set(one.id, one);
    else ignored.push({ selector, why: whyNot(selector, found.length) });
  }
  return { snapshots: [...chosen.values()], ignored };
}

function whyNot(selector: string, found: number): string {
  if (selector === 'latest') return 'no snapshot matched given filter (Paths, Tags, Hosts)';
  return found === 0 ? `no matching ID found for prefix "${selector}"` : `multiple IDs with prefix "${selector}" found`;
}
