import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { systemClock } from '../../src/core/platform/clock.ts';
import { silentLogger } from '../../src/core/platform/logger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { openQueue } from '../../src/agent/queue/open-queue.ts';

const program = fileURLToPath(new URL('../../src/agent/queue/testing/queue-load.ts', import.meta.url));
const rounds = 20;
/** Milliseconds: each round starts a process, which on a busy machine takes seconds. */
const patience = 600_000;

/** Runs the load and kills it after it told so many lines, or, where that is 0, while it may still be starting. */
async function killedLoad(file: string, seed: number, afterLines: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, file, String(seed)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  let lines = 0;
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    lines += piece.split('\n').length - 1;
    if (lines >= afterLines) child.kill('SIGKILL');
  });
  const closed = once(child, 'close');
  await closed;
  // The last line may be cut off.
  return text.split('\n').slice(0, -1);
}

it(`a process killed ${rounds} times at random moments loses no acknowledged job and damages nothing`, async () => {
  const folder = temporaryFolder('queue-kill');
  try {
    const file = path.join(folder, 'queue.sqlite');
    const expected = new Set<string>();
    let removed = 0;
    for (let round = 1; round <= rounds; round++) {
      const lines = await killedLoad(file, round * 7919, (round * 37) % 150);
      for (const line of lines) {
        expect(line.startsWith('!'), line).toBe(false);
        const id = line.slice(1);
        if (line.startsWith('+')) expected.add(id);
        else removed += Number(expected.delete(id));
      }
      // What a kill leaves, looked at by SQLite alone, before anything of ours touches it.
      const database = new Database(file);
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
      database.close();

      const { queue, damage } = openQueue(file, { clock: systemClock, logger: silentLogger });
      expect(damage).toBeUndefined();
      const jobs = queue.list({ limit: 1_000_000 });
      const found = new Set(jobs.map(({ id }) => id));
      expect([...expected].filter((id) => !found.has(id))).toEqual([]);
      // Half done is a job that runs while its attempt is over, or the other way round.
      expect(jobs.filter((job) => job.attempts.some((attempt) => attempt.finished_at === null) !== (job.state === 'running'))).toEqual([]);
      const running = queue.counts().running;
      expect(queue.recover()).toHaveLength(running);
      expect(queue.counts().running).toBe(0);
      queue.close();
    }
    expect(expected.size).toBeGreaterThan(rounds * 10);
    expect(removed).toBeGreaterThan(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, patience);
