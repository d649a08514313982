/** Repositories of an agent in a temporary home, with real folders, and the pieces around them. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts';
import { insideRepository } from '../../../cli/testing/test-repository.ts';
import { backup } from '../../../core/archiver/backup.ts';
import type { Clock } from '../../../core/platform/clock.ts';
import { systemClock } from '../../../core/platform/clock.ts';
import { homeFolders, type Home } from '../../../core/platform/home.ts';
import { silentLogger, type Logger } from '../../../core/platform/logger.ts';
import type { OperationOutput } from '../../../shared/contract/operations.ts';
import type { CatalogueProgress } from '../../../shared/reader-protocol.ts';
import { Readers, readerTarget } from '../../readers/readers.ts';
import { launchInside, type InsideReader } from '../../readers/testing/inside-reader.ts';
import { openSettings } from '../../settings/settings-file.ts';
import type { SettingsFile } from '../../settings/settings-port.ts';
import { Repositories, type RepositoriesPorts } from '../repositories.ts';
import { FileSecretStore } from '../secret-store.ts';

export class RepositoriesWorld {
  readonly folder = temporaryFolder('repositories');
  readonly home: Home = homeFolders(join(this.folder, 'home'), {});
  readonly settings: SettingsFile;
  readonly secrets: FileSecretStore;
  readonly repositories: Repositories;
  readonly readers: Readers;
  /** Every reader that was started. */
  readonly started: InsideReader[] = [];
  /** Every line of the log, as text. */
  readonly log: string[] = [];
  readonly users = new Map<string, string>();
  readonly catalogue: CatalogueProgress[] = [];
  readonly changes: (string | undefined)[] = [];

  constructor(clock: Clock = systemClock) {
    const write: Logger['info'] = (fields, message) => this.log.push(JSON.stringify({ ...fields, message }));
    const logger: Logger = { ...silentLogger, info: write, warn: write, error: write };
    const now = (): number => clock.now();
    this.settings = openSettings(this.home.configuration, { logger, now }).file;
    this.secrets = new FileSecretStore(this.home.configuration, { logger, now });
    const ports: RepositoriesPorts = {
      settings: this.settings,
      secrets: this.secrets,
      home: this.home,
      clock,
      logger,
      usedBy: (id) => this.users.get(id),
      onChange: (changed) => {
        this.changes.push(changed);
        if (changed !== undefined) this.readers.forget(changed);
      },
    };
    this.repositories = new Repositories(ports);
    this.readers = new Readers({
      launch: launchInside(clock, this.started),
      clock,
      logger,
      memoryKills: () => undefined,
      target: async (id) => readerTarget(id, await this.repositories.target(id), this.home.cache),
      onCatalogue: (_, progress) => this.catalogue.push(progress),
    });
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** Newest first. */
  async listSnapshots(id: string): Promise<OperationOutput<'list_snapshots'>['snapshots']> {
    return (await this.readers.ask('list_snapshots', { repository_id: id })).snapshots;
  }

  /** Writes files below a folder; resolves with the id of its snapshot in the repository. */
  async backUp(url: string, source: string, files: Readonly<Record<string, string>>): Promise<string> {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(source, name, '..'), { recursive: true });
      writeFileSync(join(source, name), content);
    }
    const { snapshot_id } = await insideRepository(url, async (repository) => {
      await repository.loadIndex();
      return await backup(repository, { targets: [Buffer.from(source)], hostname: 'test', username: 'test', programVersion: 'test' }, { clock: systemClock, logger: silentLogger });
    });
    return snapshot_id ?? '';
  }

  async dispose(): Promise<void> {
    await this.readers.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
