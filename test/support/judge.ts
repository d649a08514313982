/** restic as the judge of a repository: check, backup, restore, and what they said. */
import { makeKeyCheap } from '../../src/cli/testing/test-repository.ts';
import { mustRun, run } from './run-program.ts';
import type { RunResult } from './run-program.ts';

export interface Judge {
  readonly name: string;
  readonly program: string;
}

export interface BackupSummary {
  readonly data_blobs: number;
  readonly tree_blobs: number;
  readonly files_new: number;
  readonly files_changed: number;
  readonly dirs_new: number;
  readonly total_files_processed: number;
  readonly total_bytes_processed: number;
  readonly snapshot_id: string;
}

export interface StoredSnapshot {
  readonly id: string;
  readonly tree: string;
  readonly paths: readonly string[];
}

type Environment = Record<string, string>;

/** Fails unless every byte of the repository is right. */
export async function judgeRepository(judge: Judge, repository: string, env: Environment): Promise<void> {
  const result = await mustRun(judge.program, ['-r', repository, 'check', '--read-data', '--no-cache'], { env });
  if (!result.stdout.includes('no errors were found')) throw new Error(`${judge.name} is not content: ${result.stdout}${result.stderr}`);
}

export async function backupWith(judge: Judge, repository: string, folder: string, env: Environment, extra: readonly string[] = []): Promise<BackupSummary> {
  return summaryOf(await mustRun(judge.program, ['-r', repository, 'backup', '--json', '--no-cache', ...extra, folder], { env }));
}

export async function restoreWith(judge: Judge, repository: string, snapshot: string, target: string, env: Environment): Promise<void> {
  await mustRun(judge.program, ['-r', repository, 'restore', snapshot, '--target', target, '--no-cache'], { env });
}

export async function snapshotsOf(program: string, repository: string, env: Environment): Promise<StoredSnapshot[]> {
  return JSON.parse((await mustRun(program, ['-r', repository, 'snapshots', '--json'], { env })).stdout) as StoredSnapshot[];
}

/** The JSON text of the tree of one folder in a snapshot; restic 0.17 or newer. */
export async function treeOf(judge: Judge, repository: string, snapshot: string, folder: string, env: Environment): Promise<string> {
  return (await mustRun(judge.program, ['-r', repository, 'cat', 'tree', `${snapshot}:${folder}`, '--no-cache', '--no-lock'], { env })).stdout;
}

/** The summary among the lines that `backup --json` printed, restic's or ours. */
export function summaryOf(result: RunResult): BackupSummary {
  for (const line of result.stdout.trim().split('\n').toReversed()) {
    const message = JSON.parse(line) as { message_type?: string } & BackupSummary;
    if (message.message_type === 'summary') return message;
  }
  throw new Error(`no summary in the output: ${result.stdout}${result.stderr}`);
}

/** With a cheap key in the place of the one that restic made. */
export async function initWith(judge: Judge, repository: string, version: 1 | 2, env: Environment): Promise<void> {
  await mustRun(judge.program, ['-r', repository, 'init', '--repository-version', String(version)], { env });
  await makeKeyCheap(repository, env['RESTIC_PASSWORD'] ?? '');
}

/** The version line of a program, for the names of tests. */
export async function versionOf(program: string): Promise<string> {
  return (await run(program, ['version'])).stdout.trim();
}
