/**
 * The agent's document of settings: everything that a person decided (settings, plans, repositories without secrets), in
 * one file beside the queue, with a copy.
 */
import type { Plan } from '../../shared/contract/schemas/plan.ts';
import type { Repository } from '../../shared/contract/schemas/repository.ts';
import type { Settings } from '../../shared/contract/schemas/settings.ts';

export type StoredPlan = Omit<Plan, 'next_runs'> & {
  /** ISO 8601: whatever was due until then has been started, skipped, or recorded as missed. */
  readonly settled_until: string;
};

export interface SettingsDocument {
  readonly settings: Settings;
  readonly plans: readonly StoredPlan[];
  readonly repositories: readonly Repository[];
  /** Milliseconds since the epoch until which no plan runs, `resumed` for until resumed; null while plans run. */
  readonly plansPausedUntil: number | 'resumed' | null;
}

export interface SettingsFile {
  readonly document: SettingsDocument;
  /** Replaces the document, on disk (both copies) before in memory; throws `QUEUE_FULL` where the disk is full, and changes nothing. */
  update(change: (document: SettingsDocument) => SettingsDocument): SettingsDocument;
}
