/** `settings.json` in the configuration folder: the document of everything that a person decided, with its copy. */
import { join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '../../core/platform/logger.ts';
import { timestamp } from '../../shared/contract/schemas/common.ts';
import { plan } from '../../shared/contract/schemas/plan.ts';
import { repository } from '../../shared/contract/schemas/repository.ts';
import { settings } from '../../shared/contract/schemas/settings.ts';
import { DocumentFile, type DocumentKind, type Repair } from './document-file.ts';
import { plansSettle } from './migrations/0001-plans-settle.ts';
import { weekLimitsBegin } from './migrations/0002-week-limits.ts';
import { retentionActs } from './migrations/0003-retention-acts.ts';
import type { SettingsDocument, SettingsFile } from './settings-port.ts';

export const settingsDocument = z.strictObject({
  settings,
  plans: z.array(plan.omit({ next_runs: true }).extend({ settled_until: timestamp })),
  repositories: z.array(repository),
  plansPausedUntil: z.union([z.number(), z.literal('resumed'), z.null()]),
}) satisfies z.ZodType<SettingsDocument>;

const kind: DocumentKind<SettingsDocument> = {
  title: 'settings',
  version: 4,
  migrations: [plansSettle, weekLimitsBegin, retentionActs],
  schema: settingsDocument,
  empty: () => ({ settings: settings.parse({}), plans: [], repositories: [], plansPausedUntil: null }),
};

export interface SettingsPorts {
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface OpenedSettings {
  readonly file: SettingsFile;
  /** For the alert `settings_restored`; undefined where there was nothing to repair. */
  readonly repair: Repair | undefined;
}

/** Opens the settings of a home folder's `configuration`. Failure CONFIGURATION where they are of a newer version or cannot be read. */
export function openSettings(configuration: string, ports: SettingsPorts): OpenedSettings {
  const stored = new DocumentFile(kind, { path: join(configuration, 'settings.json'), ...ports });
  return {
    repair: stored.repair,
    file: {
      get document() {
        return stored.content;
      },
      update: (change) => stored.replace(change(stored.content)),
    },
  };
}
