/**
 * The guard of retention: looks at a group before a policy may remove anything of it (decision 14).
 *
 * Vocabulary: a *look* compares the snapshots of a group with what was seen before; what is *known* was seen at an earlier
 * look or confirmed by a person.
 *
 * Invariants: a group with an oddity is frozen until a person confirms these oddities of these very snapshots; a later one
 * freezes it anew. Nothing of a frozen group is remembered. With an unreadable memory no look succeeds.
 */
import type { StoredSnapshot } from '../../repository/snapshots.ts';
import { groupText, type SnapshotGroup } from '../groups.ts';
import { emptyPolicy, isEmptyPolicy, type RetentionPolicy } from '../policy.ts';
import { frozenGroup } from './frozen-group.ts';
import type { Confirmation, Memory, SeenSnapshot } from './memory.ts';
import { firstLookWindow, oddContent } from './odd-content.ts';
import { floodAmong, oddPace, type PaceFacts } from './odd-pace.ts';
import { oddTimes, timedSnapshots, timeOf, type Timed } from './odd-times.ts';
import type { FrozenGroup, Oddity } from './oddity.ts';

/** Snapshots that are gone and still remembered, for each host, paths and tags. */
const goneRemembered = 200;
const confirmationsRemembered = 1000;

export interface Look {
  /** Id of the repository. */
  readonly repository: string;
  /** Undefined at the first look. */
  readonly memory: Memory | undefined;
  /** Every snapshot of the repository. */
  readonly present: readonly StoredSnapshot[];
  /** When the storage got a snapshot, by id, in milliseconds since the epoch; nothing where it does not tell. */
  readonly arrivals: ReadonlyMap<string, number>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Looks at groups of the snapshots of one repository. */
export class Guard {
  readonly #look: Look;
  readonly #known: ReadonlySet<string>;
  readonly #edited: ReadonlySet<string>;
  /** Known, or an edited copy of what is. */
  readonly #settled: ReadonlySet<string>;
  /** Of the groups that were looked at. */
  readonly #timed = new WeakMap<readonly StoredSnapshot[], readonly Timed[]>();
  readonly #lineages = new Lineages();
  readonly #gone: readonly (readonly [lineage: string, seen: SeenSnapshot])[];

  constructor(look: Look) {
    this.#look = look;
    const { memory, present } = look;
    const seen = Object.entries(memory?.seen ?? {}).flatMap(([lineage, list]) => list.map((one) => [lineage, one] as const));
    this.#known = new Set([...seen.map(([, { id }]) => id), ...(memory?.confirmed ?? []).flatMap(({ snapshots }) => snapshots)]);
    const ids = new Set(present.map(({ id }) => id));
    this.#gone = seen.filter(([, { id }]) => !ids.has(id));
    this.#edited = editedCopies(present, this.#known, this.#gone.map(([, one]) => one));
    this.#settled = new Set([...this.#known, ...this.#edited]);
  }

  /** The group with its oddities, or undefined where there is none. Without a policy nothing can be pushed out. */
  frozen({ key, snapshots }: SnapshotGroup, policy: RetentionPolicy = emptyPolicy): FrozenGroup | undefined {
    const { arrivals, now } = this.#look;
    const timed = this.#timedOf(snapshots);
    const earlier = this.#earlier(snapshots);
    const oddities: Oddity[] = [
      ...oddTimes(timed, { now, arrivals, known: this.#known, edited: this.#edited, lookedAt: earlier?.lookedAt }),
      ...oddContent(timed, ({ id, time }) => !this.#settled.has(id) && (earlier !== undefined || time > now - firstLookWindow)),
    ];
    if (!isEmptyPolicy(policy)) oddities.push(...oddPace({ ...this.#pace(snapshots), policy }));
    return oddities.length === 0 ? undefined : frozenGroup(key, oddities);
  }

  /** Whether there are more new snapshots than the rhythm explains, whatever a policy would remove for them. */
  isFlooded({ snapshots }: SnapshotGroup): boolean {
    return floodAmong(this.#pace(snapshots)).length > 0;
  }

  /** Undefined for a group without a known snapshot: nobody can say what was there before. */
  #earlier(snapshots: readonly StoredSnapshot[]): Memory | undefined {
    return snapshots.some(({ id }) => this.#known.has(id)) ? this.#look.memory : undefined;
  }

  #pace(snapshots: readonly StoredSnapshot[]): Omit<PaceFacts, 'policy'> {
    const { now } = this.#look;
    const earlier = this.#earlier(snapshots);
    const gone = earlier === undefined ? [] : this.#goneTimes(snapshots);
    return { timed: this.#timedOf(snapshots), gone, known: earlier === undefined ? undefined : this.#settled, since: earlier?.since ?? now, now };
  }

  #timedOf(snapshots: readonly StoredSnapshot[]): readonly Timed[] {
    const known = this.#timed.get(snapshots);
    if (known !== undefined) return known;
    const timed = timedSnapshots(snapshots);
    this.#timed.set(snapshots, timed);
    return timed;
  }

  /** Times of remembered snapshots of the same hosts, paths and tags that are gone, ascending. */
  #goneTimes(snapshots: readonly StoredSnapshot[]): number[] {
    if (this.#gone.length === 0) return [];
    const lineages = new Set(snapshots.map((stored) => this.#lineages.of(stored)));
    return this.#gone.flatMap(([lineage, { time }]) => (lineages.has(lineage) ? [time] : [])).sort((a, b) => a - b);
  }

  /** The memory after a look at these groups; those that were frozen have been confirmed by a person. */
  remembered(groups: readonly { readonly group: SnapshotGroup; readonly confirmed?: FrozenGroup }[]): Memory {
    const { memory, repository, now, present } = this.#look;
    const stored = new Map(present.map((one) => [one.id, one]));
    const seen = new Map(Object.entries(memory?.seen ?? {}).map(([lineage, list]) => [lineage, new Map(list.map((one) => [one.id, one]))]));
    for (const { id } of groups.flatMap(({ group }) => group.snapshots)) {
      // The snapshot as it is stored: that of a group has its tags and paths sorted.
      const one = stored.get(id);
      if (one === undefined) continue;
      const lineage = this.#lineages.of(one);
      seen.set(lineage, (seen.get(lineage) ?? new Map<string, SeenSnapshot>()).set(id, seenSnapshot(one)));
    }
    return {
      version: 1,
      repository,
      since: memory?.since ?? now,
      lookedAt: now,
      seen: Object.fromEntries([...seen].map(([lineage, list]) => [lineage, withoutLongGone([...list.values()], stored)])),
      confirmed: [...(memory?.confirmed ?? []), ...groups.flatMap(({ confirmed }) => (confirmed === undefined ? [] : [confirmation(confirmed, now)]))].slice(-confirmationsRemembered),
    };
  }
}

function confirmation({ key, oddities }: FrozenGroup, at: number): Confirmation {
  return { group: groupText(key), codes: oddities.map(({ code }) => code), snapshots: [...new Set(oddities.flatMap(({ snapshots }) => snapshots))], at };
}

function seenSnapshot(stored: StoredSnapshot): SeenSnapshot {
  const { id, snapshot } = stored;
  return { id, time: timeOf(stored), original: snapshot.original ?? id };
}

function withoutLongGone(list: readonly SeenSnapshot[], present: ReadonlyMap<string, unknown>): SeenSnapshot[] {
  const sorted = list.toSorted((a, b) => a.time - b.time);
  const gone = sorted.filter(({ id }) => !present.has(id)).slice(-goneRemembered);
  return [...sorted.filter(({ id }) => present.has(id)), ...gone];
}

/** Where snapshots belong in memory, however they are grouped. */
class Lineages {
  /** Snapshots have few different lists: each is sorted once. */
  readonly #texts = new Map<string, string>();

  of({ snapshot: { hostname = '', paths, tags = [] } }: StoredSnapshot): string {
    const stored = groupText({ host: hostname, paths, tags });
    let text = this.#texts.get(stored);
    if (text === undefined) this.#texts.set(stored, (text = groupText({ host: hostname, paths: paths.toSorted(), tags: tags.toSorted() })));
    return text;
  }
}

/** Ids of new snapshots that replace a known one of the same time, which is gone: tags were changed, or a path was purged. */
function editedCopies(present: readonly StoredSnapshot[], known: ReadonlySet<string>, gone: readonly SeenSnapshot[]): Set<string> {
  const replaced = new Map<string, number[]>();
  for (const { id, original, time } of gone) for (const name of new Set([id, original])) replaced.set(name, [...(replaced.get(name) ?? []), time]);
  const edited = new Set<string>();
  for (const stored of present) {
    const { original } = stored.snapshot;
    if (original === undefined || known.has(stored.id)) continue;
    const { time } = seenSnapshot(stored);
    const times = replaced.get(original) ?? [];
    const at = times.indexOf(time);
    if (at < 0) continue;
    // One for one: a second copy of the same snapshot is none.
    times.splice(at, 1);
    edited.add(stored.id);
  }
  return edited;
}
