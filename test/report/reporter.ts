/** Vitest's reporter for `reports/`: writes the JSON of its run, and the page of all runs so far. Prints nothing. */
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { reportPage } from './page.ts';
import { readRuns, readTraces, writeReportFile, writeRun } from './run-result.ts';
import type { ModuleResult, TestResult } from './run-result.ts';

export class FileReporter implements Reporter {
  #startedAt = performance.now();

  onTestRunStart(): void {
    this.#startedAt = performance.now();
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const [run, ofProject] of Map.groupBy(modules, ({ project }) => project.name || 'tests')) {
      writeRun({ run, finishedAt: new Date().toISOString(), milliseconds: Math.round(performance.now() - this.#startedAt), modules: ofProject.map(moduleResult) });
    }
    writeReportFile('index.html', reportPage(readRuns(), readTraces()));
  }
}

function moduleResult(module: TestModule): ModuleResult {
  return {
    module: module.relativeModuleId,
    milliseconds: Math.round(module.diagnostic().duration),
    errors: module.errors().map(errorText),
    tests: [...module.children.allTests()].map(testResult),
  };
}

function testResult(test: TestCase): TestResult {
  const { state, errors = [] } = test.result();
  return { name: test.fullName, state: state === 'pending' ? 'skipped' : state, milliseconds: Math.round(test.diagnostic()?.duration ?? 0), errors: errors.map(errorText) };
}

function errorText({ message, stack }: { readonly message: string; readonly stack?: string | undefined }): string {
  const colours = new RegExp(`${String.fromCodePoint(27)}\\[[0-9;]*m`, 'g');
  return (stack === undefined || !stack.includes(message) ? `${message}\n${stack ?? ''}` : stack).replaceAll(colours, '').trim();
}
