/**
 * What observability costs: processor time (user and system) of a backup, client and server together, with and without logs,
 * spans, numbers and samples. A round is one run with it and two without, in turning order; the run with it is compared with
 * the mean of the two, and those with each other, which tells what the method can see. The median over the rounds counts. The
 * programs are bundled and their compiled code is kept, as when people use them: reading hundreds of source files would hide
 * what is measured.
 *
 *   npm run bench:telemetry -- [--rounds 31] [--megabytes 256]
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
import { spreadOf } from './spread.ts';
import type { Spread } from './spread.ts';

type Mode = 'with' | 'without';

/** Seconds of processor time. */
interface Run {
  readonly client: number;
  readonly server: number;
  readonly spans: number;
}

interface Round {
  readonly spans: number;
  /** Seconds without it. */
  readonly base: number;
  /** Percent that the run with it took more. */
  readonly cost: number;
  /** Percent by which the two without it differ. */
  readonly nothing: number;
}

const limitPercent = 2;
const here = path.dirname(fileURLToPath(import.meta.url));
/** Below the project, so that the addon and packages outside the bundle are found. */
const bundles = path.join(here, '..', '.cache', `bench-telemetry-${process.pid}`);
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '31' }, megabytes: { type: 'string', default: '256' } } });
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

function clientRun(...args: readonly string[]): { readonly seconds: number; readonly spans: number } {
  const said = execFileSync(process.execPath, [path.join(bundles, 'backup.js'), ...args], { encoding: 'utf8', env: { ...process.env, NODE_COMPILE_CACHE: path.join(work, 'compiled') } });
  return JSON.parse(said) as { readonly seconds: number; readonly spans: number };
}

/** Seconds of processor time that observability takes in a client, measured without a backup, whose own noise is larger than it. */
function alone(spans: number): number[] {
  const args = [String(spans), '2'];
  return Array.from({ length: 15 }, () => clientRun('alone', ...args).seconds - clientRun('idle', ...args).seconds);
}

/** One backup into a new repository on a new server. */
async function run(mode: Mode, source: string): Promise<Run> {
  const data = mkdtempSync(path.join(work, 'data-'));
  const port = await freePort();
  const server = await startAndWait([process.execPath, path.join(bundles, 'cli.js'), 'server', '--listen', `127.0.0.1:${port}`, '--data', data, '--no-auth', '--prometheus'], port, { CYBERBACKUP_HOME: work });
  try {
    const before = await serverSeconds(port);
    const { seconds, spans } = clientRun(mode, `rest:http://127.0.0.1:${port}/`, source);
    return { client: seconds, server: (await serverSeconds(port)) - before, spans };
  } finally {
    await stop(server);
    rmSync(data, { recursive: true });
  }
}

const percentMore = (more: number, than: number): number => (more / than - 1) * 100;
const inAll = ({ client, server }: Run): number => client + server;

/** One run with it and two without; which comes first turns with the round. */
async function compare(round: number, source: string): Promise<Round> {
  const runs: Record<Mode, Run[]> = { with: [], without: [] };
  for (let place = 0; place < 3; place++) {
    const mode = place === round % 3 ? 'with' : 'without';
    runs[mode].push(await run(mode, source));
  }
  const [one = 0, other = 0] = runs.without.map(inAll);
  const [watched = 0] = runs.with.map(inAll);
  const base = (one + other) / 2;
  const spans = runs.with[0]?.spans ?? 0;
  const result = { base, spans, cost: percentMore(watched, base), nothing: percentMore(other, one) };
  process.stderr.write(`bench: without ${one.toFixed(2)} and ${other.toFixed(2)} s, with ${watched.toFixed(2)} s (${spans} spans): ${result.cost.toFixed(1)} %\n`);
  return result;
}

function described({ median, quartiles, confidence }: Spread): string {
  const range = (both: Spread['confidence']): string => both.map((value) => value.toFixed(1)).join(' to ');
  return `${median.toFixed(2)} % (median of ${values.rounds} rounds; 95 % confidence ${range(confidence)} %, half of the rounds ${range(quartiles)} %).`;
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
  // The first runs fill caches.
  for (const mode of ['with', 'without'] as const) await run(mode, source);
  const rounds: Round[] = [];
  for (let round = 0; round < Number(values.rounds); round++) rounds.push(await compare(round, source));
  const seen = spreadOf(rounds.map(({ cost }) => cost));
  const base = spreadOf(rounds.map(({ base: seconds }) => seconds)).median;
  process.stdout.write(`A backup takes ${base.toFixed(2)} s of processor time, client and server together.\n`);
  process.stdout.write(`Observability adds ${described(seen)}\n`);
  process.stdout.write(`Between equal runs: ${described(spreadOf(rounds.map(({ nothing }) => nothing)))}\n`);
  const verdict = seen.confidence[1] < limitPercent ? 'is kept' : seen.confidence[0] > limitPercent ? 'is EXCEEDED' : 'can neither be shown nor excluded: take more rounds, or a quieter machine';
  const inClient = spreadOf(alone(rounds[0]?.spans ?? 0));
  process.stdout.write(`By itself, without a backup, it takes ${(inClient.median * 1000).toFixed(0)} ms in the client (95 % confidence ${inClient.confidence.map((seconds) => (seconds * 1000).toFixed(0)).join(' to ')} ms): ${((inClient.median / base) * 100).toFixed(2)} % of the backup.\n`);
  process.stdout.write(`The limit of ${limitPercent} % ${verdict}.\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
  rmSync(bundles, { recursive: true, force: true });
}
