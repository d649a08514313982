/**
 * The guard of a repository with what this machine remembers of it: for one who only looks, and for one who goes on to
 * remember what he saw.
 *
 * Invariant: from reading what is remembered to writing it no other program writes it: an agent, its workers and commands
 * would otherwise make each other's confirmations and looks unseen.
 */
import type { Repository } from '../../repository/repository.ts';
import type { AllSnapshots } from '../load-snapshots.ts';
import { Guard } from './guard.ts';
import { MemoryFile, type Memory } from './memory.ts';

type GuardedRepository = Pick<Repository, 'config' | 'clock'>;

/** What of a look is to be remembered once the body has ended well, as `Guard.remembered` takes it; the last call counts. */
export type Remember = (groups: Parameters<Guard['remembered']>[0]) => void;

/** `folder`: that of the configuration. Failure CONFIGURATION where the memory cannot be used. */
export function openGuard(folder: string, repository: GuardedRepository, all: AllSnapshots): Guard {
  return guardOf(new MemoryFile(folder, repository.config.id), repository, all);
}

/** Failures: as `openGuard`, those of `MemoryFile.alone`, and the body's. */
export async function withGuard<T>(folder: string, repository: GuardedRepository, all: AllSnapshots, body: (guard: Guard, remember: Remember) => Promise<T>, signal?: AbortSignal): Promise<T> {
  const file = new MemoryFile(folder, repository.config.id);
  return await file.alone(
    repository.clock,
    async () => {
      const guard = guardOf(file, repository, all);
      let memory: Memory | undefined;
      const result = await body(guard, (groups) => {
        memory = guard.remembered(groups);
      });
      return { result, memory };
    },
    signal,
  );
}

function guardOf(file: MemoryFile, { config, clock }: GuardedRepository, { snapshots, arrivals }: AllSnapshots): Guard {
  return new Guard({ repository: config.id, memory: file.read(), present: snapshots, arrivals, now: clock.now() });
}
