/**
 * What observability costs: processor time (user and system) of a backup, client and server together, with and without logs,
 * spans, numbers and samples. Pairs of runs follow each other, each mode first in every other pair, and the median of the
 * differences within pairs counts. Pairs without any difference tell what the method can see. The programs are bundled first, as
 * they are when people use them: reading hundreds of source files would hide what is measured.
 *
 *   npm run bench:telemetry -- [--pairs 21] [--megabytes 256]
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'rolldown';
import { freePort } from '../test/support/free-port.ts';
import { writeIncompressible, writeLog } from './datasets.ts';
import { startAndWait, stop } from './measured-run.ts';
import { spreadOf } from './paired.ts';
import type { Spread } from './paired.ts';

type Mode = 'with' | 'without';

/** Seconds of processor time. */
interface Run {
  readonly client: number;
  readonly server: number;
  readonly spans: number;
}

const limitPercent = 2;
const here = path.dirname(fileURLToPath(import.meta.url));
/** Below the project, so that the addon and packages outside the bundle are found. */
const bundles = path.join(here, '..', '.cache', `bench-telemetry-${process.pid}`);
const { values } = parseArgs({ options: { pairs: { type: 'string', default: '21' }, megabytes: { type: 'string', default: '256' } } });
const work = mkdtempSync(path.join(process.platform === 'linux' && existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'cyberbackup-bench-'));

/** Half of it barely compresses, half of it well; and five thousand small files. */
function makeSource(): string {
  const source = path.join(work, 'source');
  const size = Number(values.megabytes) * (1 << 19);
  mkdirSync(path.join(source, 'small'), { recursive: true });
  writeIncompressible(path.join(source, 'noise'), size, 'telemetry');
  writeLog(path.join(source, 'log'), size, 1);
  for (let at = 0; at < 5000; at++) writeFileSync(path.join(source, 'small', `file-${at}`), `content ${at}\n`.repeat(50 + (at % 300)));
  return source;
}

async function serverSeconds(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^process_cpu_seconds_total (\S+)$/m.exec(text)?.[1]);
}

/** One backup into a new repository on a new server. */
async function run(mode: Mode, source: string): Promise<Run> {
  const data = mkdtempSync(path.join(work, 'data-'));
  const port = await freePort();
  const server = await startAndWait([process.execPath, path.join(bundles, 'cli.js'), 'server', '--listen', `127.0.0.1:${port}`, '--data', data, '--no-auth', '--prometheus'], port, { CYBERBACKUP_HOME: work });
  try {
    const before = await serverSeconds(port);
    const said = execFileSync(process.execPath, [path.join(bundles, 'backup.js'), mode, `rest:http://127.0.0.1:${port}/`, source], { encoding: 'utf8' });
    const { seconds, spans } = JSON.parse(said) as { readonly seconds: number; readonly spans: number };
    return { client: seconds, server: (await serverSeconds(port)) - before, spans };
  } finally {
    await stop(server);
    rmSync(data, { recursive: true });
  }
}

/** What `mode` takes more than `without`, in percent, by pair. The times without are added to `baselines`. */
async function differences(mode: Mode, source: string, baselines: number[]): Promise<number[]> {
  const percents: number[] = [];
  for (let pair = 0; pair < Number(values.pairs); pair++) {
    const first = pair % 2 === 0;
    const one = await run(first ? 'without' : mode, source);
    const other = await run(first ? mode : 'without', source);
    const [base, compared] = first ? [one, other] : [other, one];
    const total = base.client + base.server;
    baselines.push(total);
    percents.push(((compared.client + compared.server) / total - 1) * 100);
    process.stderr.write(`bench: without ${base.client.toFixed(2)} + ${base.server.toFixed(2)} s, ${mode} ${compared.client.toFixed(2)} + ${compared.server.toFixed(2)} s (client + server), ${compared.spans} spans: ${percents.at(-1)?.toFixed(1) ?? ''} %\n`);
  }
  return percents;
}

function described({ median, quartiles, confidence }: Spread): string {
  const range = (both: Spread['confidence']): string => both.map((value) => value.toFixed(1)).join(' to ');
  return `${median.toFixed(2)} % (median of ${values.pairs} pairs; 95 % confidence ${range(confidence)} %, half of the pairs ${range(quartiles)} %).`;
}

try {
  await build({
    input: { cli: path.join(here, '..', 'src', 'cli', 'main.ts'), backup: path.join(here, 'telemetry-backup.ts') },
    platform: 'node',
    external: (id) => id === 'pino' || id.startsWith('node:'),
    logLevel: 'warn',
    output: { dir: bundles, format: 'esm', entryFileNames: '[name].js' },
  });
  const source = makeSource();
  // The first run fills caches.
  await run('with', source);
  const baselines: number[] = [];
  const costs = await differences('with', source, baselines);
  const nothing = await differences('without', source, baselines);
  const seen = spreadOf(costs);
  const base = spreadOf(baselines).median;
  process.stdout.write(`A backup takes ${base.toFixed(2)} s of processor time, client and server together.\n`);
  process.stdout.write(`Observability adds ${described(seen)}\n`);
  process.stdout.write(`Between equal runs: ${described(spreadOf(nothing))}\n`);
  const verdict = seen.confidence[1] < limitPercent ? 'is kept' : seen.confidence[0] > limitPercent ? 'is EXCEEDED' : 'can neither be shown nor excluded: take more pairs, or a quieter machine';
  process.stdout.write(`The limit of ${limitPercent} % ${verdict}.\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
  rmSync(bundles, { recursive: true, force: true });
}
