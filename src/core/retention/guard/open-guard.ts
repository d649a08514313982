/** The guard of a repository with what this machine remembers of it. */
import type { Repository } from '../../repository/repository.ts';
import type { AllSnapshots } from '../load-snapshots.ts';
import { Guard } from './guard.ts';
import { MemoryFile } from './memory.ts';

/** `folder`: that of the configuration. Failure CONFIGURATION where the memory cannot be used. */
export function openGuard(folder: string, { config, clock }: Pick<Repository, 'config' | 'clock'>, { snapshots, arrivals }: AllSnapshots): { readonly guard: Guard; readonly file: MemoryFile } {
  const file = new MemoryFile(folder, config.id);
  return { guard: new Guard({ repository: config.id, memory: file.read(), present: snapshots, arrivals, now: clock.now() }), file };
}
