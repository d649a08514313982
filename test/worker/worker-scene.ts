/** Workers as the agent runs them: forked, supervised, against our own server behind a proxy that counts and can hang. */
import { mkdirSync, rmSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import path from 'node:path';
import { password } from '../../src/cli/testing/cli-process.ts';
import { makeTestRepository } from '../../src/cli/testing/test-repository.ts';
import { forkWorker } from '../../src/agent/workers/fork-worker.ts';
import { memoryKills } from '../../src/agent/workers/memory-kills.ts';
import { superviseWorkers } from '../../src/agent/workers/supervise-worker.ts';
import type { RunningWorker } from '../../src/agent/workers/worker-port.ts';
import { FakeClock } from '../../src/core/platform/fake-clock.ts';
import type { RunningServer } from '../../src/server/server.ts';
import type { JobPayload } from '../../src/shared/job-payload.ts';
import type { FromWorker, WorkerEnd, WorkerProgress, WorkerTask } from '../../src/shared/worker-protocol.ts';
import { startHoldingProxy, type HoldingProxy } from '../support/holding-proxy.ts';
import { serveFolder } from '../support/our-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

export type Told = Exclude<FromWorker, { readonly type: 'ready' | 'heartbeat' | 'end' }>;

export interface Run {
  readonly worker: RunningWorker;
  readonly messages: readonly Told[];
  /** Resolves at the first message that fits; rejects where the worker ends before. */
  until(fits: (message: Told) => boolean): Promise<void>;
  /** Of all messages of a kind. */
  of<Type extends Told['type']>(type: Type): Extract<Told, { readonly type: Type }>[];
}

export interface Scene {
  readonly folder: string;
  /** Moved by tests of hanging workers only: nothing is ended by force where it stands still. */
  readonly clock: FakeClock;
  readonly server: RunningServer;
  proxy: HoldingProxy;
  /** Makes a repository on the server, reached through the proxy. */
  repository(name: string): Promise<string>;
  start(payload: JobPayload, url: string, changes?: Partial<WorkerTask>): Run;
  finish(payload: JobPayload, url: string, changes?: Partial<WorkerTask>): Promise<WorkerEnd>;
  close(): Promise<void>;
}

export const traceparent = `00-${'1a'.repeat(16)}-${'2b'.repeat(8)}-01`;

export function taskOf(payload: JobPayload, url: string, changes: Partial<WorkerTask> = {}): WorkerTask {
  return { jobId: 'job-1', attempt: 1, payload, repository: { repositoryId: 'repository', url, password }, uploadLimit: 0, downloadLimit: 0, traceparent, programVersion: 'test', memoryFolder: '/nowhere', ...changes };
}

export function backupOf(...paths: string[]): JobPayload {
  return { kind: 'backup', paths, excludes: { presets: [], patterns: [], ignore_case_patterns: [], one_file_system: false }, tags: ['nightly'] };
}

export function restoreTo(target: string, verify = true): JobPayload {
  return { kind: 'restore', snapshot: 'latest', include: [], exclude: [], target, overwrite: 'always', verify };
}

export async function openScene(): Promise<Scene> {
  const folder = temporaryFolder('worker');
  const data = path.join(folder, 'data');
  mkdirSync(data);
  // Workers run from the source tree here; that each translates it anew would take most of the tests' time.
  enableCompileCache(path.join(folder, 'code'));
  const server = await serveFolder(data);
  const clock = new FakeClock();
  const scene: Scene = {
    folder,
    clock,
    server,
    proxy: await startHoldingProxy(server.port),
    repository: (name) => makeTestRepository(`rest:http://127.0.0.1:${scene.proxy.port}/${name}/`),
    start: (payload, url, changes) => run(clock, taskOf(payload, url, changes)),
    finish: (payload, url, changes) => scene.start(payload, url, changes).worker.ended,
    async close() {
      await scene.proxy.close();
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
  return scene;
}

function run(clock: FakeClock, task: WorkerTask): Run {
  const messages: Told[] = [];
  const waiting = new Set<(message: Told) => void>();
  const worker = superviseWorkers({ launch: forkWorker(), clock, memoryKills })(task, (message) => {
    messages.push(message);
    for (const look of waiting) look(message);
  });
  return {
    worker,
    messages,
    async until(fits) {
      const seen = new Promise<void>((resolve) => {
        const look = (message: Told): void => {
          if (!fits(message)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        messages.forEach(look);
      });
      const end = await Promise.race([seen, worker.ended]);
      if (end !== undefined) throw new Error(`the worker ended before: ${JSON.stringify(end)}`);
    },
    of: (type) => messages.filter((message): message is Extract<Told, { readonly type: typeof type }> => message.type === type),
  };
}

/** A message of progress that has moved so many bytes. */
export function moved(bytes: number): (message: Told) => boolean {
  return (message) => message.type === 'progress' && message.progress.bytesDone >= bytes;
}

/** Phases in the order in which they were told. */
export function phases(messages: readonly Told[]): WorkerProgress['phase'][] {
  const told = messages.flatMap((message) => (message.type === 'progress' ? [message.progress.phase] : []));
  return told.filter((phase, at) => phase !== told[at - 1]);
}
