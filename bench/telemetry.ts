/**
 * What observability costs: processor time of a backup, client and server together, with and without logs, spans, numbers and
 * samples. Runs of the two alternate, and the least of each counts: other work on the machine only ever adds. The programs
 * are bundled first, as they are when people use them: reading hundreds of source files would hide what is measured.
 *
 *   node bench/telemetry.ts [--runs 7] [--megabytes 512]
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

const limitPercent = 2;
const here = path.dirname(fileURLToPath(import.meta.url));
/** Below the project, so that the addon and packages outside the bundle are found. */
const bundles = path.join(here, '..', '.cache', `bench-telemetry-${process.pid}`);
const { values } = parseArgs({ options: { runs: { type: 'string', default: '7' }, megabytes: { type: 'string', default: '512' } } });
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
async function run(mode: 'with' | 'without', source: string): Promise<{ readonly client: number; readonly server: number; readonly spans: number }> {
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

try {
  await build({
    input: { cli: path.join(here, '..', 'src', 'cli', 'main.ts'), backup: path.join(here, 'telemetry-backup.ts') },
    platform: 'node',
    external: (id) => id === 'pino' || id.startsWith('node:'),
    logLevel: 'warn',
    output: { dir: bundles, format: 'esm', entryFileNames: '[name].js' },
  });
  const source = makeSource();
  const seconds = { with: [] as number[], without: [] as number[] };
  for (let round = 0; round < Number(values.runs); round++) {
    for (const mode of round % 2 === 0 ? (['without', 'with'] as const) : (['with', 'without'] as const)) {
      const { client, server, spans } = await run(mode, source);
      seconds[mode].push(client + server);
      process.stderr.write(`bench: ${mode.padEnd(7)} client ${client.toFixed(2)} s, server ${server.toFixed(2)} s, ${spans} spans\n`);
    }
  }
  const least = { with: Math.min(...seconds.with), without: Math.min(...seconds.without) };
  const percent = (least.with / least.without - 1) * 100;
  // How far equal runs are apart: what is smaller than this was not measured, it happened.
  const noise = (Math.max(...seconds.without) / least.without - 1) * 100;
  process.stdout.write(`Observability costs ${percent.toFixed(2)} % of the processor time of a backup (${least.without.toFixed(2)} s without, ${least.with.toFixed(2)} s with; limit ${limitPercent} %; equal runs differ by ${noise.toFixed(1)} %)\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
  rmSync(bundles, { recursive: true, force: true });
}
