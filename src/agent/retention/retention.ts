/**
 * Retention for one who looks and decides: what a policy would do now and later, pins and tags, and which snapshots are meant.
 * What removes anything is a job.
 */
import { setImmediate } from 'node:timers/promises';
import { hostName } from '../../core/platform/identity.ts';
import type { Logger } from '../../core/platform/logger.ts';
import type { Repository } from '../../core/repository/repository.ts';
import type { StoredSnapshot } from '../../core/repository/snapshots.ts';
import { withLock } from '../../core/repository/with-lock.ts';
import { planForget, refusePinned } from '../../core/retention/forget.ts';
import { groupSnapshots, type SnapshotGroup } from '../../core/retention/groups.ts';
import { openGuard } from '../../core/retention/guard/open-guard.ts';
import { loadAllSnapshots } from '../../core/retention/load-snapshots.ts';
import { isPinned, pinTag } from '../../core/retention/pins.ts';
import { rulesOf, selectSnapshots } from '../../core/retention/scope.ts';
import { simulateByDays, type Range, type Simulation } from '../../core/retention/simulate.ts';
import { changeTags, type TagChange } from '../../core/retention/tags.ts';
import type { OperationOutput } from '../../shared/contract/operations.ts';
import type { ForgetPreview, RetentionScope, RetentionSimulation } from '../../shared/contract/schemas/retention.ts';
import { Failure } from '../../shared/errors.ts';
import { shownFrozen, shownKey } from './find-freezes.ts';
import type { RetentionWatch, UseRepository } from './retention-watch.ts';

export interface RetentionPorts {
  readonly use: UseRepository;
  readonly watch: RetentionWatch;
  readonly logger: Logger;
  /** The folder of the configuration. */
  readonly folder: string;
  /** Aborted when the agent stops. */
  readonly closing: AbortSignal;
}

/** As a person asks for it: `set` excludes the others. */
export interface TagWish {
  readonly set?: readonly string[] | undefined;
  readonly add?: readonly string[] | undefined;
  readonly remove?: readonly string[] | undefined;
}

/** Milliseconds of simulating after which other things of this process have their turn. */
const turn = 20;

export class Retention {
  readonly #ports: RetentionPorts;

  constructor(ports: RetentionPorts) {
    this.#ports = ports;
  }

  /** Failures as of a forget. */
  async previewForget(repositoryId: string, scope: RetentionScope, signal?: AbortSignal): Promise<ForgetPreview[]> {
    return await this.#use(repositoryId, signal, async (repository, leaving) => {
      const all = await loadAllSnapshots(repository, leaving);
      const guard = openGuard(this.#ports.folder, repository, all);
      return planForget(selectSnapshots(all.snapshots, scope.selection), rulesOf(scope), guard, repository.clock.now()).map(({ group, keep, remove, frozen }) => ({
        group: shownKey(group.key),
        keep: keep.map(({ item: { id, snapshot }, reasons }) => ({ id, time: snapshot.time, reasons: [...reasons] })),
        remove: remove.map(({ id, snapshot: { time } }) => ({ id, time })),
        frozen: frozen === undefined ? null : shownFrozen(frozen),
      }));
    });
  }

  /** Failure USAGE for more than can be simulated. */
  async simulate(repositoryId: string, scope: RetentionScope, days: number, signal?: AbortSignal): Promise<RetentionSimulation> {
    return await this.#use(repositoryId, signal, async (repository, leaving) => {
      const [{ snapshots }, stored] = await Promise.all([loadAllSnapshots(repository, leaving), storedBytes(repository, leaving)]);
      const { policy, groupBy } = rulesOf(scope);
      const now = repository.clock.now();
      const simulated: { readonly group: SnapshotGroup; readonly simulation: Simulation }[] = [];
      for (const group of groupSnapshots(selectSnapshots(snapshots, scope.selection), groupBy)) {
        simulated.push({ group, simulation: await inTurns(repository, simulateByDays({ snapshots: group.snapshots, policy, now, days, alone: new Map() }), leaving) });
      }
      return {
        groups: simulated.map(({ group, simulation: { rhythm, kept } }) => ({
          group: shownKey(group.key),
          seconds_between_backups: rhythm === undefined ? null : rhythm.pace / 1000,
          kept: kept.map(({ id = null, time, reasons }) => ({ id, time, reasons: [...reasons] })),
        })),
        bytes_stored: stored,
        days: roomByDay(simulated.map(({ simulation }) => simulation), stored),
      };
    });
  }

  /** Full ids of what is meant. Failures SNAPSHOT_NOT_FOUND and SNAPSHOT_PINNED. */
  async chosen(repositoryId: string, starts: readonly string[], signal?: AbortSignal): Promise<string[]> {
    return await this.#use(repositoryId, signal, async (repository, leaving) => {
      const found = named((await loadAllSnapshots(repository, leaving)).snapshots, starts);
      refusePinned(found);
      return found.map(({ id }) => id);
    });
  }

  /** The new id; the old one where nothing changed. Failures SNAPSHOT_NOT_FOUND, REPOSITORY_LOCKED. */
  async pin(repositoryId: string, start: string, pinned: boolean, signal?: AbortSignal): Promise<string> {
    const change = pinned ? { set: [], add: [pinTag], remove: [] } : { set: [], add: [], remove: [pinTag] };
    const [changed] = await this.#change(repositoryId, [start], () => change, signal);
    if (changed === undefined) throw new TypeError('One snapshot was asked for');
    return changed.new_snapshot_id;
  }

  /** Those that changed. A pin stays. Failures SNAPSHOT_NOT_FOUND, REPOSITORY_LOCKED. */
  async tag(repositoryId: string, starts: readonly string[], { set, add = [], remove = [] }: TagWish, signal?: AbortSignal): Promise<OperationOutput<'tag_snapshots'>['changed']> {
    const changes = await this.#change(repositoryId, starts, ({ snapshot }) => {
      if (set === undefined) return { set: [], add, remove };
      const wanted = [...new Set([...set, ...(isPinned(snapshot) ? [pinTag] : [])])];
      const present = snapshot.tags ?? [];
      return { set: [], add: wanted, remove: present.filter((tag) => !wanted.includes(tag)) };
    }, signal);
    return changes.filter(({ old_snapshot_id: before, new_snapshot_id: after }) => before !== after);
  }

  /** `signal`: of one who may leave. What is done for him ends when the agent stops, too. */
  async #use<T>(repositoryId: string, signal: AbortSignal | undefined, body: (repository: Repository, leaving: AbortSignal) => Promise<T>): Promise<T> {
    const { use, closing } = this.#ports;
    return await use(repositoryId, body, signal === undefined ? closing : AbortSignal.any([signal, closing]));
  }

  async #change(repositoryId: string, starts: readonly string[], changeOf: (snapshot: StoredSnapshot) => TagChange, signal: AbortSignal | undefined): Promise<OperationOutput<'tag_snapshots'>['changed']> {
    const { logger, watch } = this.#ports;
    const changed = await this.#use(repositoryId, signal, async (repository, leaving) => {
      const onKept = (error: unknown): void => logger.warn({ error }, 'the lock of a change of tags could not be removed');
      return await withLock(repository, { exclusive: true, hostname: hostName(), onKept, signal: leaving }, async (lock) => {
        const ending = AbortSignal.any([leaving, lock.signal]);
        const chosen = named((await loadAllSnapshots(repository, ending)).snapshots, starts);
        await lock.confirmed;
        const done = [];
        for (const stored of chosen) {
          ending.throwIfAborted();
          // One that is begun is ended: between storing the copy and removing the old one the snapshot is there twice.
          done.push({ old_snapshot_id: stored.id, new_snapshot_id: (await changeTags(repository, stored, changeOf(stored), lock.signal)) ?? stored.id });
        }
        return done;
      });
    });
    // An alert may name a snapshot that has another id now.
    watch.jobEnded(repositoryId, undefined);
    return changed;
  }
}

/** Each snapshot once. */
function named(snapshots: readonly StoredSnapshot[], starts: readonly string[]): StoredSnapshot[] {
  const found = starts.map((start) => {
    const [one, other] = snapshots.filter(({ id }) => id.startsWith(start));
    if (one !== undefined && other === undefined) return one;
    throw new Failure('SNAPSHOT_NOT_FOUND', {
      what: one === undefined ? `There is no snapshot ${start}` : `Several snapshots begin with ${start}`,
      safe: 'Nothing was changed',
      next: 'List the snapshots again: a change of tags or pins gives a snapshot a new id',
    });
  });
  return [...new Set(found)];
}

/** What all packs together take. */
async function storedBytes(repository: Repository, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  for await (const { size } of repository.store.list('data', signal)) bytes += size;
  return bytes;
}

async function inTurns({ clock }: Repository, steps: ReturnType<typeof simulateByDays>, signal: AbortSignal): Promise<Simulation> {
  for (let began = clock.monotonic(); ; ) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (clock.monotonic() - began < turn) continue;
    await setImmediate();
    signal.throwIfAborted();
    began = clock.monotonic();
  }
}

/** The room of the whole repository at the end of each day. */
function roomByDay(simulations: readonly Simulation[], stored: number): RetentionSimulation['days'] {
  return (simulations[0]?.forecasts ?? []).map(({ at }, day) => {
    const all = simulations.flatMap(({ forecasts }) => forecasts[day] ?? []);
    const sum = (member: keyof Range): number => Math.max(0, Math.round(all.reduce((total, { change }) => total + change[member], stored)));
    return { at: new Date(at).toISOString(), snapshots: all.reduce((total, { snapshots }) => total + snapshots, 0), bytes_low: sum('low'), bytes_expected: sum('expected'), bytes_high: sum('high') };
  });
}
