/**
 * Temporary folders, repositories in memory and restores with everything that they told, for the tests of this folder.
 */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts';
import { systemClock } from '../../platform/clock.ts';
import type { Repository } from '../../repository/repository.ts';
import type { StoredSnapshot } from '../../repository/snapshots.ts';
import { MemoryStore } from '../../repository/testing/memory-store.ts';
import type { RestoreAction, RestoreOptions, RestoreProgress, RestoreSummary } from '../options.ts';
import { restore } from '../restore.ts';
import { RawRepository } from './raw-repository.ts';

export interface ToldRestore {
  readonly summary: RestoreSummary;
  /** `during path: message` of each problem. */
  readonly problems: readonly string[];
  readonly actions: readonly RestoreAction[];
  readonly progress: readonly RestoreProgress[];
}

/** A temporary folder with a target `target` that does not exist yet. */
export class RestoreBench {
  readonly folder: string;
  readonly target: string;

  constructor(folder = temporaryFolder('restorer')) {
    this.folder = folder;
    this.target = path.join(this.folder, 'target');
  }

  at(...parts: string[]): string {
    return path.join(this.target, ...parts);
  }

  makeTarget(): void {
    mkdirSync(this.target, { recursive: true });
  }

  async memoryRepository(version: 1 | 2 = 2): Promise<{ readonly raw: RawRepository; readonly store: MemoryStore }> {
    const store = new MemoryStore();
    return { raw: await RawRepository.create(store, version), store };
  }

  async restore(repository: Repository, snapshot: StoredSnapshot, options: Partial<RestoreOptions> = {}, signal?: AbortSignal): Promise<ToldRestore> {
    const problems: string[] = [];
    const actions: RestoreAction[] = [];
    const progress: RestoreProgress[] = [];
    const all: RestoreOptions = { snapshot, target: Buffer.from(this.target), includes: [], excludes: [], overwrite: 'always', verify: false, dryRun: false, delete: false, ...options };
    const summary = await restore(repository, all, {
      clock: systemClock,
      ...(signal === undefined ? {} : { signal }),
      onError: ({ item, during, message }) => problems.push(`${during} ${item.toString('latin1')}: ${message}`),
      onAction: (action) => actions.push(action),
      onProgress: (told) => progress.push(told),
    });
    return { summary, problems, actions, progress };
  }

  cleanUp(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
