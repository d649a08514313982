/** The guard of a repository with what this machine remembers of it. */
import { Guard } from '../../core/retention/guard/guard.ts';
import { MemoryFile } from '../../core/retention/guard/memory.ts';
import type { AllSnapshots } from '../../core/retention/load-snapshots.ts';
import type { Repository } from '../../core/repository/repository.ts';
import type { CliContext } from '../context.ts';

export function openGuard(context: CliContext, { config, clock }: Repository, { snapshots, arrivals }: AllSnapshots): { readonly guard: Guard; readonly file: MemoryFile } {
  const file = new MemoryFile(context.home.configuration, config.id);
  return { guard: new Guard({ repository: config.id, memory: file.read(), present: snapshots, arrivals, now: clock.now() }), file };
}
