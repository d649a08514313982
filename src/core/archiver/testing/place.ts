/**
 * A temporary place for tests of the archiver: a repository in a folder that opens at once (cheap key derivation), and
 * restic to judge it.
 */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { resticPrograms } from '../../../../test/support/restic.ts';
import { run, type RunResult } from '../../../../test/support/run-program.ts';
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts';
import type { Addon, BackupEngineOptions } from '../../native/addon.ts';
import { loadAddon } from '../../native/load-addon.ts';
import { systemClock, type Clock } from '../../platform/clock.ts';
import { silentLogger, type Logger } from '../../platform/logger.ts';
import { createRepository, openRepository, type Repository } from '../../repository/repository.ts';
import { LocalStore } from '../../storage/local-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { backup } from '../backup.ts';
import type { BackupError, BackupOptions, BackupPorts, BackupSummary } from '../options.ts';
import { ReferenceEngine, type ReferenceSettings } from './reference-engine.ts';

export const password = 'correct horse';
const kdf = { N: 2, r: 1, p: 1 };

/** Every restic that can judge here. */
export const restics: readonly string[] = resticPrograms().map(({ program }) => program);

export class Place {
  readonly root = temporaryFolder('archiver');
  readonly source = path.join(this.root, 'source');
  readonly repositoryPath = path.join(this.root, 'repository');
  readonly errors: BackupError[] = [];
  #repository: Repository | undefined;

  async open(version: 1 | 2 = 2): Promise<Repository> {
    mkdirSync(this.source, { recursive: true });
    const addon = loadAddon();
    const ports = { store: new LocalStore(this.repositoryPath, { addon }), addon, clock: systemClock };
    this.#repository = await createRepository(ports, { password: Buffer.from(password), kdf, version });
    return this.#repository;
  }

  /** The same repository through another store or with another addon, clock or logger. */
  async reopen(options: { readonly store?: ObjectStore; readonly addon?: Addon; readonly clock?: Clock; readonly logger?: Logger } = {}): Promise<Repository> {
    const addon = options.addon ?? loadAddon();
    const store = options.store ?? new LocalStore(this.repositoryPath, { addon });
    return openRepository({ store, addon, clock: options.clock ?? systemClock, logger: options.logger ?? silentLogger }, { password: Buffer.from(password) });
  }

  /** The same repository with an engine for tests; `engines` are those made so far. */
  async withReference(settings: ReferenceSettings = {}, store?: ObjectStore): Promise<{ readonly repository: Repository; readonly engines: readonly ReferenceEngine[] }> {
    const engines: ReferenceEngine[] = [];
    const native = loadAddon();
    const createBackupEngine = (options: BackupEngineOptions): ReferenceEngine => {
      const engine = new ReferenceEngine(native, options, settings);
      engines.push(engine);
      return engine;
    };
    const repository = await this.reopen({ addon: { ...native, createBackupEngine }, ...(store === undefined ? {} : { store }) });
    return { repository, engines };
  }

  async close(): Promise<void> {
    await this.#repository?.close();
    await this.#repository?.store.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Backs up `source`, as a relative target, unless told otherwise: folders above it change with every other test. Errors are collected in `errors`. */
  async backup(repository: Repository, options: Partial<BackupOptions> = {}, ports: Partial<BackupPorts> = {}): Promise<BackupSummary> {
    this.errors.length = 0;
    return backup(
      repository,
      { targets: [Buffer.from('source')], folder: this.root, hostname: 'host', username: 'tester', programVersion: 'cyberbackup test', ...options },
      { clock: systemClock, logger: silentLogger, onError: (error) => this.errors.push(error), ...ports },
    );
  }

  /** Runs restic on the repository, in UTC. */
  restic(program: string, args: readonly string[], options: { readonly cwd?: string; readonly input?: string; readonly repository?: string } = {}): Promise<RunResult> {
    const { repository, ...rest } = options;
    const env = { ...process.env, RESTIC_PASSWORD: password, RESTIC_REPOSITORY: repository ?? this.repositoryPath, TZ: 'UTC', HOME: this.root, RESTIC_CACHE_DIR: path.join(this.root, 'cache') };
    return run(program, ['--no-cache', ...args], { ...rest, env });
  }

  async check(program: string, ...args: readonly string[]): Promise<void> {
    const answer = await this.restic(program, ['check', ...args]);
    if (answer.code !== 0) throw new Error(`${program} check says ${answer.stdout}${answer.stderr}`);
  }

  /** The root tree's id of the newest snapshot, according to restic. */
  async tree(program: string, snapshot = 'latest'): Promise<string> {
    const { stdout } = await this.restic(program, ['snapshots', '--json', snapshot]);
    const [found] = JSON.parse(stdout) as { tree: string }[];
    return found?.tree ?? '';
  }
}
