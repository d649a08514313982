/**
 * The tour: real files, a real server on a free port of this machine, real backups over HTTP, one cancelled in the
 * middle, a restore, and a comparison byte by byte. Everything lies below one folder, which the caller removes.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { backup } from '../../core/archiver/backup.ts';
import type { BackupSummary } from '../../core/archiver/options.ts';
import { check } from '../../core/checker/check.ts';
import { loadAddon } from '../../core/native/load-addon.ts';
import { createRepository, openRepository, type Repository } from '../../core/repository/repository.ts';
import { findSnapshot } from '../../core/repository/snapshots.ts';
import { restore } from '../../core/restorer/restore.ts';
import { openStore } from '../../core/storage/open-store.ts';
import { readServerOptions } from '../../server/options.ts';
import { startServer, type RunningServer } from '../../server/server.ts';
import { Failure } from '../../shared/errors.ts';
import { backupView } from '../commands/backup.ts';
import type { CliContext } from '../context.ts';
import { generatePassword } from '../../agent/repositories/default-repository.ts';
import { thisHost, thisUser } from '../identity.ts';
import { formatBytes, formatCount, formatCounted, formatDuration, formatSpeed, shortId } from '../output/format.ts';
import { ProgressDisplay } from '../progress/progress-display.ts';
import { compareTrees } from './compare-trees.ts';
import { editDemoFiles, makeDemoFiles, makeLargeFile } from './demo-files.ts';
import { askRestic } from './restic-witness.ts';

const largeFile = 64_000_000;
/** Bytes a second at which the job runs that is cancelled: slow enough to watch. */
const slowUpload = 16_000_000;
/** Part of the large file, read, after which the job is cancelled. */
const cancelAfter = 0.6;
/** Bytes; packs of the usual size would hold the whole file before the first is sent. */
const smallPack = 2 * 1024 * 1024;

export class Tour {
  readonly #context: CliContext;
  readonly #folder: string;
  readonly #password = generatePassword();
  readonly #figures: [string, string][] = [];
  #step = 0;

  constructor(context: CliContext, folder: string) {
    this.#context = context;
    this.#folder = folder;
  }

  /** Figures for the summary, in order. */
  get figures(): readonly (readonly [string, string])[] {
    return this.#figures;
  }

  async run(): Promise<void> {
    const home = join(this.#folder, 'home');
    await this.#makeFiles(home);
    const server = await this.#startServer();
    try {
      await this.#firstBackup(server.url, home);
      await this.#secondBackup(server.url, home);
      await this.#cancelledBackup(server.url, home);
      await this.#restoreAndCompare(server.url, home);
      await this.#verify(server.url);
    } finally {
      await server.close();
    }
  }

  #title(text: string): void {
    const { terminal } = this.#context;
    this.#step += 1;
    terminal.line();
    terminal.line(terminal.style.bold(`${this.#step}  ${text}`));
  }

  #say(text: string): void {
    this.#context.terminal.line(`   ${text}`);
  }

  #figure(name: string, value: string): void {
    this.#figures.push([name, value]);
  }

  async #makeFiles(home: string): Promise<void> {
    this.#title('Files to protect');
    const made = await makeDemoFiles(home, this.#context.signal);
    this.#say(`${formatCounted(made.files, 'file')}, ${formatBytes(made.bytes)}: letters, photos (some twice), projects, mail`);
    this.#figure('Files', `${formatCount(made.files)}, ${formatBytes(made.bytes)}`);
  }

  async #startServer(): Promise<RunningServer> {
    this.#title('A backup server');
    const data = join(this.#folder, 'server');
    await mkdir(data, { mode: 0o700 });
    const options = readServerOptions({ listen: '127.0.0.1:0', data, auth: false }, { defaultDataFolder: data });
    const server = await startServer(options, { clock: this.#context.clock });
    this.#say(`listens on ${server.url}; it stores only encrypted bytes and never sees a key`);
    return server;
  }

  /** Opens the repository anew, as each command does, and closes everything afterwards. */
  async #withRepository<T>(url: string, options: { readonly create?: boolean; readonly limitUpload?: number }, body: (repository: Repository) => Promise<T>): Promise<T> {
    const { clock, signal } = this.#context;
    const addon = loadAddon();
    const store = openStore(`rest:${url}/demo/`, { addon, clock, ...(options.limitUpload === undefined ? {} : { limitUpload: options.limitUpload }) });
    const password = Buffer.from(this.#password);
    try {
      const ports = { store, addon, clock };
      const repository = options.create === true ? await createRepository(ports, { password, hostname: thisHost(), username: thisUser() }, signal) : await openRepository(ports, { password }, signal);
      try {
        return await body(repository);
      } finally {
        await repository.close();
      }
    } finally {
      password.fill(0);
      await store.close();
    }
  }

  /** One backup with its progress shown; `slow` makes small packs and hears how much of the bytes is done, from 0 to 1. */
  async #backup(repository: Repository, folder: string, signal: AbortSignal, slow?: { readonly onPart: (part: number) => void }): Promise<BackupSummary> {
    const { terminal, clock, logger, programVersion } = this.#context;
    const display = new ProgressDisplay(terminal, clock, { quiet: false });
    try {
      return await backup(
        repository,
        {
          targets: [Buffer.from(folder)],
          hostname: thisHost(),
          username: thisUser(),
          programVersion: `cyberbackup ${programVersion}`,
          ...(slow === undefined ? {} : { packSize: smallPack }),
        },
        {
          clock,
          logger,
          signal,
          onProgress: (progress) => {
            display.update(backupView(progress));
            if (progress.totals_known && progress.total_bytes > 0) slow?.onPart(progress.bytes_done / progress.total_bytes);
          },
        },
      );
    } finally {
      await display.end();
    }
  }

  async #firstBackup(url: string, home: string): Promise<void> {
    this.#title('The first backup');
    const summary = await this.#withRepository(url, { create: true }, (repository) => this.#backup(repository, home, this.#context.signal));
    const speed = summary.total_bytes_processed / Math.max(summary.total_duration, 0.001);
    this.#say(`snapshot ${shortId(summary.snapshot_id ?? '')}: ${formatCounted(summary.total_files_processed, 'file')} in ${formatDuration(summary.total_duration)}, ${formatSpeed(speed)}`);
    this.#say(`${formatBytes(summary.total_bytes_processed)} became ${formatBytes(summary.data_added_packed)}: equal parts are kept once, text is compressed, everything is encrypted`);
    this.#figure('First backup', `${formatDuration(summary.total_duration)}, ${formatSpeed(speed)}`);
    this.#figure('Stored as', formatBytes(summary.data_added_packed));
  }

  async #secondBackup(url: string, home: string): Promise<void> {
    this.#title('An hour later');
    const edited = await editDemoFiles(home);
    const summary = await this.#withRepository(url, {}, (repository) => this.#backup(repository, home, this.#context.signal));
    this.#say(`${edited} files edited; the second backup took ${formatDuration(summary.total_duration)} and added ${formatBytes(summary.data_added_packed)}`);
    this.#figure('Second backup', `${formatDuration(summary.total_duration)}, ${formatBytes(summary.data_added_packed)} added`);
  }

  async #cancelledBackup(url: string, home: string): Promise<void> {
    this.#title('A job cancelled in the middle');
    await makeLargeFile(join(home, 'Photos', 'holiday.mov'), largeFile);
    const cancel = new AbortController();
    const signal = AbortSignal.any([this.#context.signal, cancel.signal]);
    let part = 0;
    const cancelled = new Failure('INTERRUPTED', { what: 'Cancelled by the demo' });
    const outcome = await this.#withRepository(url, { limitUpload: slowUpload }, async (repository) => {
      try {
        await this.#backup(repository, join(home, 'Photos', 'holiday.mov'), signal, {
          onPart: (done) => {
            part = done;
            if (done >= cancelAfter) cancel.abort(cancelled);
          },
        });
        return 'finished';
      } catch (error) {
        if (!cancel.signal.aborted || this.#context.signal.aborted) throw error;
        return 'cancelled';
      }
    });
    const percent = `${Math.floor(part * 100)} %`;
    this.#say(outcome === 'cancelled' ? `a film of ${formatBytes(largeFile)} over a slow line, cancelled at ${percent}` : 'the job finished before it could be cancelled');
    const report = await this.#withRepository(url, {}, (repository) => check(repository, { readData: false }, { clock: this.#context.clock, signal: this.#context.signal }));
    if (report.errorCount > 0) throw new Failure('CHECK_FAILED', { what: `The repository has ${formatCounted(report.errorCount, 'error')} after the cancelled job` });
    this.#say(`check: no errors, ${formatCounted(report.snapshots, 'snapshot')}, nothing half-written`);
    const summary = await this.#withRepository(url, {}, (repository) => this.#backup(repository, home, this.#context.signal));
    this.#say(`the same job again: done in ${formatDuration(summary.total_duration)}, ${formatBytes(summary.data_added_packed)} added`);
    this.#figure('Cancelled job', outcome === 'cancelled' ? `at ${percent}; repository valid, done by the next run` : 'finished before it could be cancelled');
  }

  async #restoreAndCompare(url: string, home: string): Promise<void> {
    this.#title('Everything back');
    const { clock, signal } = this.#context;
    const target = join(this.#folder, 'restored');
    const summary = await this.#withRepository(url, {}, async (repository) => {
      const snapshot = await findSnapshot(repository, 'latest', {}, signal);
      return await restore(
        repository,
        { snapshot, subpath: Buffer.from(home), target: Buffer.from(target), includes: [], excludes: [], overwrite: 'always', verify: false, dryRun: false, delete: false },
        { clock, signal },
      );
    });
    const speed = summary.bytes_restored / Math.max(summary.total_duration, 0.001);
    this.#say(`restored ${formatCounted(summary.files_restored, 'file')}, ${formatBytes(summary.bytes_restored)} in ${formatDuration(summary.total_duration)}, ${formatSpeed(speed)}`);
    const compared = await compareTrees(home, target, signal);
    if (compared.differences.length > 0 || summary.errors > 0) {
      throw new Failure('RESTORE_INCOMPLETE', { what: `The restored files differ: ${compared.differences.slice(0, 3).join(', ')}`, next: 'Report this with the output above' });
    }
    this.#say(`compared byte by byte: ${formatCounted(compared.files, 'file')}, ${formatBytes(compared.bytes)}, all equal, times and permissions too`);
    this.#figure('Restore', `${formatDuration(summary.total_duration)}, ${formatSpeed(speed)}`);
    this.#figure('Compared', `${formatCount(compared.files)} files, ${formatBytes(compared.bytes)}, no difference`);
  }

  async #verify(url: string): Promise<void> {
    this.#title('A second opinion');
    const { clock, signal, env } = this.#context;
    const report = await this.#withRepository(url, {}, (repository) => check(repository, { readData: true }, { clock, signal }));
    if (report.errorCount > 0) throw new Failure('CHECK_FAILED', { what: `check --read-data found ${formatCounted(report.errorCount, 'error')}` });
    this.#say(`check --read-data: ${formatCounted(report.packsRead, 'pack')}, ${formatBytes(report.bytesRead)}, no errors`);
    const verdict = await askRestic(`rest:${url}/demo/`, this.#password, join(this.#folder, 'restic-cache'), env, signal);
    if (verdict === undefined) this.#say('restic is not installed here; it could check and restore this repository, too');
    else if (verdict.clean) this.#say(`${verdict.program} check --read-data: no errors were found`);
    else throw new Failure('CHECK_FAILED', { what: `${verdict.program} finds errors in the repository` });
    this.#figure('Checked by', verdict === undefined ? 'cyberbackup' : `cyberbackup and ${verdict.program}`);
  }
}
