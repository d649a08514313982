import { expect, it } from 'vitest';
import { openDatabase } from './connection.ts';
import { createQueue } from './sqlite-queue.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import { newQueue } from './testing/test-queue.ts';

/** Tables that are always small. */
const small = /^SCAN job_counts/;

it('no statement walks through all jobs', () => {
  const test = newQueue();
  const database = openDatabase(test.file);
  try {
    const statements: string[] = [];
    const prepare = database.prepare.bind(database);
    database.prepare = ((sql: string) => {
      statements.push(sql);
      return prepare(sql);
    }) as typeof database.prepare;
    createQueue({ file: test.file, database, clock: test.clock, logger: silentLogger });

    const walks: string[] = [];
    let explained = 0;
    for (const sql of statements.filter((text) => !text.startsWith('PRAGMA'))) {
      const names = [...sql.matchAll(/@(\w+)/g)].map((match) => match[1] ?? '');
      const given = names.length > 0 ? [Object.fromEntries(names.map((name) => [name, null]))] : Array.from({ length: sql.split('?').length - 1 }, () => null);
      for (const { detail } of prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...given)) {
        explained++;
        if (detail.startsWith('SCAN') && !small.test(detail)) walks.push(`${sql}: ${detail}`);
      }
    }
    expect(walks).toEqual([]);
    expect(explained).toBeGreaterThan(20);
  } finally {
    database.close();
    test.close();
  }
});
