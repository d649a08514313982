/** A queue in a folder of its own, on a clock that tests move. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import type Database from 'better-sqlite3';
import { FakeClock } from '../../../core/platform/fake-clock.ts';
import { silentLogger } from '../../../core/platform/logger.ts';
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts';
import { openDatabase } from '../connection.ts';
import { openQueue } from '../open-queue.ts';
import type { JobQueue } from '../queue-port.ts';
import { createQueue } from '../sqlite-queue.ts';

export interface TestQueue {
  readonly queue: JobQueue;
  readonly clock: FakeClock;
  readonly file: string;
  /** The queue's own connection. */
  readonly database: Database.Database;
  close(): void;
}

export function newQueue(): TestQueue {
  const folder = temporaryFolder('queue');
  const file = path.join(folder, 'queue.sqlite');
  const clock = new FakeClock();
  openQueue(file, { clock, logger: silentLogger }).queue.close();
  const database = openDatabase(file);
  return {
    queue: createQueue({ file, database, clock, logger: silentLogger }),
    clock,
    file,
    database,
    close: () => {
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
}
