/**
 * Where the running agent of a home folder is: `agent.json` in its data folder, for the command line.
 *
 * Invariant: the file counts only while a living process holds the agent's lock and is the one that the file names;
 * otherwise a caller could send its token to whoever has the port now.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../core/platform/clock.ts';
import { lockFolder, lockOwner } from '../core/platform/folder-lock.ts';
import type { FolderLock } from '../core/platform/folder-lock.ts';
import { Failure } from '../shared/errors.ts';

const lockName = '.agent.lock';

export interface RunningAgentRecord {
  /** `http://127.0.0.1:9090` */
  readonly url: string;
  readonly pid: number;
  readonly version: string;
}

/** One agent a home folder; throws `AGENT_RUNNING` while another one lives. */
export function lockHome(dataFolder: string, clock: Clock): Promise<FolderLock> {
  const inUse = (pid: number | undefined): Failure =>
    new Failure('AGENT_RUNNING', {
      what: `Another agent${pid === undefined ? '' : ` (process ${pid})`} runs on the home folder ${dataFolder}`,
      safe: 'Nothing was changed',
      next: 'Use that one, for example with "cyberbackup jobs", or stop it first',
    });
  return lockFolder(dataFolder, { name: lockName, inUse }, clock);
}

/** Written by the holder of the lock, once it can be reached. */
export async function writeAgentFile(dataFolder: string, record: RunningAgentRecord): Promise<void> {
  const path = agentFile(dataFolder);
  const aside = `${path}.${record.pid}.new`;
  await writeFile(aside, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  await rename(aside, path);
}

export async function removeAgentFile(dataFolder: string): Promise<void> {
  await rm(agentFile(dataFolder), { force: true });
}

/** The agent that runs on a home folder now; undefined where none does. */
export async function findAgent(dataFolder: string, clock: Clock): Promise<RunningAgentRecord | undefined> {
  const owner = await lockOwner(dataFolder, lockName, clock);
  if (owner === undefined) return undefined;
  const record = await readAgentFile(agentFile(dataFolder));
  return record?.pid === owner ? record : undefined;
}

async function readAgentFile(path: string): Promise<RunningAgentRecord | undefined> {
  try {
    const { url, pid, version } = JSON.parse(await readFile(path, 'utf8')) as Partial<Record<string, unknown>>;
    if (typeof url === 'string' && typeof pid === 'number' && typeof version === 'string') return { url, pid, version };
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!missing && !(error instanceof SyntaxError)) throw error;
  }
  return undefined;
}

function agentFile(dataFolder: string): string {
  return join(dataFolder, 'agent.json');
}
