/**
 * The results of test runs, as files in `reports/`: one JSON file for each kind of run, one for each kept trace, and one
 * page made of all of them.
 *
 * Vocabulary: a *run* is one call of a test runner (unit, integration, native). Files of an earlier `npm test` are removed
 * when the next one starts (clear.ts), so what lies there belongs together.
 */
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Span } from '../../src/shared/contract/schemas/observability.ts';

export const reportFolder = path.join(path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url)))), 'reports');
const traceFolder = path.join(reportFolder, 'traces');

export type TestState = 'passed' | 'failed' | 'skipped';

export interface TestResult {
  readonly name: string;
  readonly state: TestState;
  readonly milliseconds: number;
  /** What failed, one text an error. */
  readonly errors: readonly string[];
}

export interface ModuleResult {
  /** Path within the project, or the name of a program. */
  readonly module: string;
  readonly milliseconds: number;
  /** Failures of the file itself: it could not be loaded, or left something open. */
  readonly errors: readonly string[];
  readonly tests: readonly TestResult[];
}

export interface RunResult {
  readonly run: string;
  /** ISO 8601. */
  readonly finishedAt: string;
  readonly milliseconds: number;
  readonly modules: readonly ModuleResult[];
}

export interface KeptTrace {
  readonly name: string;
  readonly traceId: string;
  readonly spans: readonly Span[];
}

export function writeRun(result: RunResult): void {
  writeJson(path.join(reportFolder, `${result.run}.json`), result);
}

/** Keeps the spans of one integration test for the page. */
export function keepTrace(trace: KeptTrace): void {
  writeJson(path.join(traceFolder, `${trace.traceId}.json`), trace);
}

export function readRuns(): RunResult[] {
  return readJsonFiles<RunResult>(reportFolder).filter((file) => Array.isArray(file.modules));
}

export function readTraces(): KeptTrace[] {
  return readJsonFiles<KeptTrace>(traceFolder);
}

export function countStates(modules: readonly ModuleResult[]): Record<TestState, number> {
  const counts: Record<TestState, number> = { passed: 0, failed: 0, skipped: 0 };
  for (const { tests, errors } of modules) {
    for (const { state } of tests) counts[state] += 1;
    if (errors.length > 0 && !tests.some(({ state }) => state === 'failed')) counts.failed += 1;
  }
  return counts;
}

export function writeReportFile(name: string, text: string): void {
  writeWhole(path.join(reportFolder, name), text);
}

function writeJson(file: string, value: unknown): void {
  writeWhole(file, `${JSON.stringify(value, null, 1)}\n`);
}

function writeWhole(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.new`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

function readJsonFiles<Content>(folder: string): Content[] {
  return namesIn(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Content);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
