/** The page of a test run: one file without scripts, readable in light and dark; text from tests never becomes markup. */
import { escapeHtml } from './html-text.ts';
import { countStates } from './run-result.ts';
import type { KeptTrace, ModuleResult, RunResult, TestResult, TestState } from './run-result.ts';
import { traceSection } from './trace-chart.ts';

const style = `
:root { color-scheme: light dark; --ink: light-dark(#1b2430, #e8ecf1); --soft: light-dark(#5b6675, #9aa6b5); --ground: light-dark(#f6f7f9, #12161c); --card: light-dark(#fff, #1a2028); --line: light-dark(#dfe4ea, #2b333e); --good: light-dark(#12734a, #4cc38a); --bad: light-dark(#b3261e, #ff8a80); --skip: light-dark(#8a6100, #e2b340); }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); margin: 0 auto; max-width: 72rem; padding: 2.5rem 1.5rem; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
p { margin: .25rem 0; color: var(--soft); } .number { font-variant-numeric: tabular-nums; }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0; } .tile { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .75rem 1.1rem; min-width: 8rem; }
.tile b { display: block; font-size: 1.5rem; } .passed { color: var(--good); } .failed { color: var(--bad); } .skipped { color: var(--skip); }
details { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; margin: .4rem 0; padding: .45rem .9rem; } summary { cursor: pointer; display: flex; gap: 1rem; } summary span:first-child { flex: 1; overflow-wrap: anywhere; } summary span:not(:first-child) { min-width: 5rem; text-align: right; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; } td { border-top: 1px solid var(--line); padding: .25rem .5rem .25rem 0; vertical-align: top; overflow-wrap: anywhere; } td:last-child { text-align: right; white-space: nowrap; color: var(--soft); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--ground); padding: .6rem; border-radius: .4rem; color: var(--bad); } svg { display: block; width: 100%; height: auto; }
`;

/** An HTML document about these runs and traces. */
export function reportPage(runs: readonly RunResult[], traces: readonly KeptTrace[]): string {
  const all = countStates(runs.flatMap(({ modules }) => modules));
  const verdict = all.failed > 0 ? `${all.failed} failed` : 'Everything passed';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>Tests: ${escapeHtml(verdict)}</title><style>${style}</style></head>
<body><h1 class="${all.failed > 0 ? 'failed' : 'passed'}">${escapeHtml(verdict)}</h1><p>CyberBackup, ${runs.length} runs, the last finished ${escapeHtml(runs.map(({ finishedAt }) => finishedAt).sort().at(-1) ?? 'never')}</p>
<div class="tiles">${(['passed', 'failed', 'skipped'] as const).map((state) => `<div class="tile"><b class="number ${state}">${all[state]}</b>${state}</div>`).join('')}</div>
${runs.map(runSection).join('\n')}
${traces.length === 0 ? '' : `<h2>Traces of integration runs</h2>${traces.map(traceSection).join('\n')}`}
</body></html>
`;
}

function runSection({ run, milliseconds, modules }: RunResult): string {
  const counts = countStates(modules);
  const failedFirst = [...modules].sort((a, b) => Number(hasFailed(b)) - Number(hasFailed(a)) || a.module.localeCompare(b.module));
  return `<h2>${escapeHtml(run)}</h2><p class="number">${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped in ${seconds(milliseconds)}</p>${failedFirst.map(moduleSection).join('\n')}`;
}

function moduleSection(module: ModuleResult): string {
  const counts = countStates([module]);
  const state: TestState = hasFailed(module) ? 'failed' : counts.passed === 0 ? 'skipped' : 'passed';
  const errors = module.errors.map((error) => `<pre>${escapeHtml(error)}</pre>`).join('');
  return `<details${state === 'failed' ? ' open' : ''}><summary><span>${escapeHtml(module.module)}</span><span class="${state}">${module.tests.length} ${state}</span><span class="number">${seconds(module.milliseconds)}</span></summary>${errors}<table>${module.tests.map(testRow).join('')}</table></details>`;
}

function testRow({ name, state, milliseconds, errors }: TestResult): string {
  return `<tr><td class="${state}">${state}</td><td>${escapeHtml(name)}${errors.map((error) => `<pre>${escapeHtml(error)}</pre>`).join('')}</td><td class="number">${seconds(milliseconds)}</td></tr>`;
}

function hasFailed({ errors, tests }: ModuleResult): boolean {
  return errors.length > 0 || tests.some(({ state }) => state === 'failed');
}

function seconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
