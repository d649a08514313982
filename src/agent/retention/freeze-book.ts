/**
 * Groups of snapshots that are frozen, as the last look found them: told as events and alerts, and kept over a restart in
 * `retention/frozen.json` in the folder of the configuration.
 *
 * Invariants: there is an open alert for each frozen group of a repository that the agent knows, and no other; a group is
 * frozen since the first look that found it so. The file only remembers what to tell: a look decides, so one that cannot be
 * read is no loss.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../core/platform/clock.ts';
import { makePrivateFolder } from '../../core/platform/home.ts';
import type { Logger } from '../../core/platform/logger.ts';
import { replaceFiles } from '../../core/platform/replace-files.ts';
import type { Emit } from '../../shared/contract/events.ts';
import { keptFreezes, type KeptFreezes, type RetentionFreeze, type RetentionScope } from '../../shared/contract/schemas/retention.ts';
import type { AlertBoard } from '../health/alert-board.ts';
import { shownFreeze, type FoundFreeze } from './find-freezes.ts';

export interface FreezeBookPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: Emit;
  readonly alerts: AlertBoard;
  /** That of the configuration. */
  readonly folder: string;
  /** What a person calls the repository; undefined for one that the agent does not know any more. */
  readonly nameOf: (repositoryId: string) => string | undefined;
}

type Entry = KeptFreezes['repositories'][string];

const nothing: Entry = { freezes: [], scopes: [] };

export class FreezeBook {
  readonly #ports: FreezeBookPorts;
  readonly #entries: Map<string, Entry>;

  constructor(ports: FreezeBookPorts) {
    this.#ports = ports;
    this.#entries = new Map(Object.entries(this.#read()).filter(([id]) => ports.nameOf(id) !== undefined));
    this.#alert();
  }

  freezes(repositoryId: string): RetentionFreeze[] {
    return [...(this.#entries.get(repositoryId) ?? nothing).freezes];
  }

  scopes(repositoryId: string): readonly RetentionScope[] {
    return (this.#entries.get(repositoryId) ?? nothing).scopes;
  }

  /** What a look has found; `scopes`: those that it looked with. */
  note(repositoryId: string, found: readonly FoundFreeze[], scopes: readonly RetentionScope[]): void {
    // It may have been removed while somebody looked.
    if (this.#ports.nameOf(repositoryId) === undefined) return;
    const known = this.#entries.get(repositoryId) ?? nothing;
    const before = known.freezes;
    const now = this.#ports.clock.now();
    const freezes = found.map((one) => {
      const shown = shownFreeze(one, now);
      const earlier = before.find(({ group }) => JSON.stringify(group) === JSON.stringify(shown.group));
      return earlier === undefined ? shown : { ...shown, since: earlier.since };
    });
    const entry = freezes.length === 0 ? nothing : { freezes, scopes: [...scopes] };
    if (freezes.length === 0) this.#entries.delete(repositoryId);
    else this.#entries.set(repositoryId, entry);
    const codes = (list: readonly RetentionFreeze[]): string => JSON.stringify(list.map(({ confirmation }) => confirmation));
    if (codes(before) !== codes(freezes)) this.#changed(repositoryId, freezes);
    else if (!isDeepStrictEqual(known, entry)) this.#write();
  }

  /** Of a repository that the agent does not know any more. */
  forget(repositoryId: string): void {
    if (this.#entries.delete(repositoryId)) this.#changed(repositoryId, []);
  }

  #changed(repositoryId: string, freezes: RetentionFreeze[]): void {
    this.#write();
    this.#alert();
    this.#ports.emit('retention_frozen', { repository_id: repositoryId, freezes });
  }

  #alert(): void {
    const { alerts, nameOf } = this.#ports;
    const subjects = new Set<string>();
    for (const [repositoryId, { freezes }] of this.#entries) {
      for (const { name, oddities, since, confirmation } of freezes) {
        const subject = `${repositoryId} ${name}`;
        subjects.add(subject);
        const place = nameOf(repositoryId) ?? repositoryId;
        const odd = new Set(oddities.flatMap(({ snapshots }) => snapshots));
        alerts.raise('retention_frozen', {
          subject,
          severity: 'critical',
          code: 'retention_frozen',
          values: { place, repository_id: repositoryId, group: name, count: odd.size, reasons: oddities.map(({ code }) => code).join(','), confirmation },
          message: `Snapshots in ${place} are odd (${name}): ${oddities.map(({ sentence }) => sentence).join('; ')}. Somebody may have forged them or spoilt your files. Nothing is forgotten on their account. Look at these snapshots; remove what is not yours, or confirm that all is yours`,
          at: Date.parse(since),
        });
      }
    }
    alerts.resolveOthers('retention_frozen', subjects);
  }

  get #path(): string {
    return join(this.#ports.folder, 'retention', 'frozen.json');
  }

  #read(): Readonly<Record<string, Entry>> {
    try {
      return keptFreezes.parse(JSON.parse(readFileSync(this.#path, 'utf8'))).repositories;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
      this.#ports.logger.warn({ file: this.#path, error: String(error) }, 'which snapshots are odd is found out anew by the next look');
      return {};
    }
  }

  #write(): void {
    try {
      makePrivateFolder(join(this.#ports.folder, 'retention'));
      replaceFiles([this.#path], JSON.stringify({ version: 1, repositories: Object.fromEntries(this.#entries) } satisfies KeptFreezes));
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      this.#ports.logger.warn({ file: this.#path, error: error.message }, 'which snapshots are odd is not kept over a restart');
    }
  }
}
