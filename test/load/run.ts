/**
 * The load test (requirement R20): speed by size, added latency, many transfers, hundreds at once. Loopback only; ends by
 * itself within ten minutes.
 *
 *   npm run test:load -- [--uploads 300] [--size 4194304] [--transfers 3000]
 *
 * Writes reports/load.json and reports/load.txt. Exit code 1 when something broke that does not depend on the machine's
 * speed: an upload failed, an acknowledged object is missing or other than its name, memory beyond its bound,
 * descriptors left open.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { writeReportFile } from '../report/run-result.ts';
import { startOurServer } from '../support/cli.ts';
import type { LiveServer } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startLatencyProxy } from './latency-proxy.ts';
import { asText, timings } from './report.ts';
import type { LoadReport, Timings } from './report.ts';
import { watchServer } from './server-watch.ts';
import type { ServerCost } from './server-watch.ts';
import { createRepository, download, newClient, upload } from './uploads.ts';
import type { Ledger } from './uploads.ts';

const longest = 9.5 * 60_000;
/** Reliability anchors, section 4: the server's memory at 300 uploads. */
const memoryBound = 512 * 2 ** 20;

const { values } = parseArgs({ options: { uploads: { type: 'string', default: '300' }, size: { type: 'string', default: String(4 * 2 ** 20) }, transfers: { type: 'string', default: '3000' } } });
const ledger: Ledger = new Map();
const broken: string[] = [];
const say = (line: string): void => void process.stderr.write(`load: ${line}\n`);

async function bySize(port: number): Promise<Timings[]> {
  const client = newClient(port, 1, ledger);
  const rows: Timings[] = [];
  for (const [label, size, times] of [['1 KiB', 1024, 200], ['64 KiB', 65_536, 200], ['1 MiB', 2 ** 20, 60], ['16 MiB', 2 ** 24, 12]] as const) {
    const before = new Set(ledger.keys());
    rows.push(await measure(`upload of ${label}`, size, times, (index) => upload(client, size, `${label} ${index}`)));
    const names = [...ledger.keys()].filter((name) => !before.has(name));
    rows.push(await measure(`download of ${label}`, size, times, (index) => download(client, names[index % names.length] ?? '')));
  }
  client.agent.destroy();
  return rows;
}

async function byLatency(port: number): Promise<Timings[]> {
  const rows: Timings[] = [];
  for (const delay of [0, 20, 100, 400]) {
    const proxy = await startLatencyProxy(port, delay);
    const client = newClient(proxy.port, 1, ledger);
    rows.push(await measure(`4 MiB, ${delay} ms`, 2 ** 22, 5, (index) => upload(client, 2 ** 22, `latency ${delay} ${index}`)));
    client.agent.destroy();
    await proxy.close();
  }
  return rows;
}

async function manyTransfers(server: LiveServer, port: number, transfers: number): Promise<LoadReport['degradation']> {
  const atOnce = 8;
  const size = 65_536;
  const client = newClient(port, atOnce, ledger);
  const ends: number[] = [];
  const each: number[] = [];
  const start = performance.now();
  let next = 0;
  const cost = await watchServer(server.pid, server.url, async () => {
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let index = next++; index < transfers; index = next++) {
          each.push(await upload(client, size, `many ${index}`));
          ends.push(performance.now() - start);
        }
      }),
    );
    client.agent.destroy();
  });
  const tenth = Math.max(1, Math.floor(transfers / 10));
  const firstEnd = ends[tenth - 1] ?? 1;
  const lastStart = ends[ends.length - tenth - 1] ?? 0;
  return { first: timings('first tenth', size, firstEnd, each.slice(0, tenth)), last: timings('last tenth', size, (ends.at(-1) ?? 1) - lastStart, each.slice(-tenth)), server: cost };
}

/** Every upload stops in the middle until all are there, so all of them are open at the same moment. */
async function hundredsAtOnce(server: LiveServer, port: number, uploads: number, size: number): Promise<LoadReport['concurrent']> {
  const proxy = await startLatencyProxy(port, 20);
  const client = newClient(proxy.port, uploads, ledger);
  const everyone = Promise.withResolvers<undefined>();
  let arrived = 0;
  const hold = async (): Promise<void> => {
    if (++arrived === uploads) everyone.resolve(undefined);
    await everyone.promise;
  };
  const each: number[] = [];
  let total = 0;
  const cost: ServerCost = await watchServer(server.pid, server.url, async () => {
    const start = performance.now();
    const outcomes = await Promise.allSettled(
      Array.from({ length: uploads }, async (_, index) => {
        try {
          each.push(await upload(client, size, `at once ${index}`, hold));
        } catch (error) {
          // Nobody may wait for one that will not come.
          everyone.resolve(undefined);
          throw error;
        }
      }),
    );
    total = performance.now() - start;
    for (const outcome of outcomes) if (outcome.status === 'rejected') broken.push(`one of ${uploads} uploads failed: ${String(outcome.reason)}`);
    client.agent.destroy();
    await proxy.close();
  });
  if (cost.peakMemory !== undefined && cost.peakMemory > memoryBound) broken.push(`the server took ${Math.round(cost.peakMemory / 2 ** 20)} MiB with ${uploads} uploads`);
  if ((cost.descriptorsAtEnd ?? 0) > (cost.descriptorsAtStart ?? 0)) broken.push(`the server had ${cost.descriptorsAtStart} descriptors open before and ${cost.descriptorsAtEnd} after`);
  return { uploads: timings(`${uploads} uploads`, size, total, each), server: cost };
}

async function measure(what: string, bytes: number, times: number, transfer: (index: number) => Promise<number>): Promise<Timings> {
  const each: number[] = [];
  const start = performance.now();
  for (let index = 0; index < times; index++) each.push(await transfer(index));
  return timings(what, bytes, performance.now() - start, each);
}

/** Whatever was acknowledged is there, whole; nothing else is. */
function compareLedger(data: string): void {
  const stored = new Map(
    readdirSync(path.join(data, 'load/data'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [entry.name, path.join(entry.parentPath, entry.name)]),
  );
  for (const name of ledger.keys()) if (!stored.has(name)) broken.push(`${name} was acknowledged and is not there`);
  for (const [name, file] of stored) {
    if (!ledger.has(name)) broken.push(`${name} is there and was not acknowledged`);
    else if (createHash('sha256').update(readFileSync(file)).digest('hex') !== name) broken.push(`${name} is not what its name says`);
  }
}

const place = temporaryFolder('load');
const deadline = setTimeout(() => {
  say('not done after nine and a half minutes: stopped');
  rmSync(place, { recursive: true, force: true });
  process.exit(1);
}, longest);
const port = await freePort();
const data = path.join(place, 'data');
const server = await startOurServer(data, port, place);
try {
  const setUp = newClient(port, 1, ledger);
  await createRepository(setUp);
  setUp.agent.destroy();
  say('speed by size');
  const sizes = await bySize(port);
  say('added latency');
  const latencies = await byLatency(port);
  say(`${values.transfers} transfers`);
  const degradation = await manyTransfers(server, port, Number(values.transfers));
  say(`${values.uploads} uploads at once`);
  const concurrent = await hundredsAtOnce(server, port, Number(values.uploads), Number(values.size));
  compareLedger(data);
  const machine = `${os.cpus()[0]?.model ?? 'unknown processor'}, ${os.cpus().length} cores, ${os.type()} ${os.release()}`;
  const report: LoadReport = { at: new Date().toISOString(), machine, bySize: sizes, byLatency: latencies, degradation, concurrent, broken };
  writeReportFile('load.json', `${JSON.stringify(report, null, 1)}\n`);
  writeReportFile('load.txt', asText(report));
  process.stdout.write(asText(report));
} finally {
  clearTimeout(deadline);
  await server.kill('SIGTERM');
  rmSync(place, { recursive: true, force: true });
}
process.exitCode = broken.length === 0 ? 0 : 1;
