/**
 * Compares CyberBackup with the newest restic and its rest-server in one run, as ratios of wall time.
 *
 *   npm run bench -- [--peers DIR] [--runs 5] [--scale 1] [--only KEY,…] [--no-large] [--json FILE]
 *
 * KEY: a dataset (see datasets.ts), or a command that looks back: find, diff, forget, prune, rewriter.
 *
 * Backup and restore work over loopback, the commands that look back on a local folder, with data and stores on a RAM disk where there is one; both open a repository with the
 * same key file, hence the same scrypt parameters. Runs of the two sides alternate, and the median counts.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Dataset, makeDatasets, writeIncompressible } from './datasets.ts';
import { freePort } from '../test/support/free-port.ts';
import { measure, peakMemoryOf, startAndWait, stop } from './measured-run.ts';
import { benchPassword, ourSide, peerSide, repositoryFolder, type Side } from './programs.ts';
import { asTable, type CommandRow, type MemoryRow, type Report, type Row } from './report.ts';
import type { CommandBench } from './command-bench.ts';
import { compareDiff } from './diff.ts';
import { compareFind } from './find.ts';
import { compareForget } from './forget.ts';
import { comparePrune } from './prune.ts';
import { compareRewriter } from './rewriter.ts';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: {
    peers: { type: 'string', default: process.env['CYBERBACKUP_PEERS'] ?? '' },
    runs: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    'no-large': { type: 'boolean', default: false },
    json: { type: 'string', default: path.join(root, 'bench/results/latest.json') },
  },
});
const runs = Number(values.runs);
const wanted = values.only === '' ? undefined : values.only.split(',');
const say = (line: string): void => void process.stderr.write(`bench: ${line}\n`);

const ramDisk = process.platform === 'linux' && existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
const work = mkdtempSync(path.join(ramDisk, 'cyberbackup-bench-'));
const ours = ourSide(root);
const peer = peerSide(values.peers === '' ? undefined : path.resolve(values.peers));
const notes: string[] = [];
if (ramDisk !== '/dev/shm') notes.push('No RAM disk here: data and stores were on the ordinary disk.');
if ('missing' in peer) notes.push(`The peer is missing: ${peer.missing}. Only our own times are shown.`);
const sides: Side[] = 'side' in peer ? [ours, peer.side] : [ours];

/** One empty repository (config and key) that every run starts from, so that both sides pay the same key derivation. */
function makeTemplate(): string {
  const folder = path.join(work, 'template');
  execFileSync(path.join(root, 'bin/cyberbackup'), ['init', '--quiet', '--repo', folder], { env: { ...process.env, CYBERBACKUP_PASSWORD: benchPassword, CYBERBACKUP_HOME: path.join(work, 'home') } });
  return folder;
}

const commandBenches: Readonly<Record<string, (bench: CommandBench) => Promise<CommandRow[]>>> = { find: compareFind, diff: compareDiff, forget: compareForget, prune: comparePrune, rewriter: compareRewriter };

interface Bench {
  readonly side: Side;
  readonly data: string;
  readonly env: Record<string, string>;
}

/** Runs `body` with a fresh server holding an empty repository. */
async function withServer<T>(side: Side, template: string, body: (bench: Bench, pid: number) => Promise<T>): Promise<T> {
  const place = mkdtempSync(path.join(work, `${side.name}-`));
  const data = path.join(place, 'data');
  mkdirSync(data);
  cpSync(template, repositoryFolder(data), { recursive: true });
  const port = await freePort();
  const server = await startAndWait(side.server(data, port), port, { CYBERBACKUP_HOME: path.join(place, 'home') });
  try {
    return await body({ side, data, env: side.env(port, place) }, server.pid ?? 0);
  } finally {
    await stop(server);
    rmSync(place, { recursive: true, force: true });
  }
}

async function timeRestore(bench: Bench): Promise<number> {
  const target = path.join(work, 'restored');
  mkdirSync(target);
  const { seconds } = await measure(bench.side.restore(target), bench.env);
  rmSync(target, { recursive: true });
  return seconds;
}

async function compare(dataset: Dataset, template: string): Promise<Row[]> {
  const times: Record<'backup' | 'again' | 'restore', Record<Side['name'], number[]>> = {
    backup: { cyberbackup: [], restic: [] },
    again: { cyberbackup: [], restic: [] },
    restore: { cyberbackup: [], restic: [] },
  };
  for (let run = 0; run < runs; run++) {
    for (const side of sides) {
      await withServer(side, template, async (bench) => {
        times.backup[side.name].push((await measure(side.backup(dataset.folder), bench.env)).seconds);
        if (dataset.key === 'small') times.again[side.name].push((await measure(side.backup(dataset.folder), bench.env)).seconds);
        times.restore[side.name].push(await timeRestore(bench));
      });
    }
    say(`${dataset.title}: run ${run + 1} of ${runs}`);
  }
  const row = (key: keyof typeof times, title: string): Row => ({ key: `${dataset.key}-${key}`, title, ours: times[key].cyberbackup, theirs: times[key].restic });
  return [
    row('backup', `backup of ${dataset.title}`),
    ...(dataset.key === 'small' ? [row('again', `second backup of ${dataset.title}, nothing changed`)] : []),
    row('restore', `restore of ${dataset.title}`),
  ];
}

/** One file much larger than memory limits: the peak of client and server, backup and restore. On the ordinary disk. */
async function measureLarge(template: string): Promise<MemoryRow[]> {
  const place = mkdtempSync(path.join(os.tmpdir(), 'cyberbackup-large-'));
  try {
    const folder = path.join(place, 'source');
    mkdirSync(folder);
    const gibibytes = Math.max(1, Math.round(10 * Number(values.scale)));
    say(`writing one file of ${gibibytes} GiB`);
    writeIncompressible(path.join(folder, 'large.bin'), gibibytes * 2 ** 30, 'large');
    const data = path.join(place, 'data');
    mkdirSync(data);
    cpSync(template, repositoryFolder(data), { recursive: true });
    const port = await freePort();
    const server = await startAndWait(ours.server(data, port), port, { CYBERBACKUP_HOME: path.join(place, 'home') });
    try {
      const env = ours.env(port, place);
      const backup = await measure(ours.backup(folder), env, true);
      const afterBackup = peakMemoryOf(server.pid ?? 0);
      rmSync(folder, { recursive: true });
      const restore = await measure(ours.restore(path.join(place, 'out')), env, true);
      return [
        { title: `backup of one file of ${gibibytes} GiB`, client: backup.peakMemory, server: afterBackup },
        { title: `restore of one file of ${gibibytes} GiB`, client: restore.peakMemory, server: peakMemoryOf(server.pid ?? 0) },
      ];
    } finally {
      await stop(server);
    }
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

try {
  const template = makeTemplate();
  say('making data from seeds');
  const rows: Row[] = [];
  for (const dataset of wanted !== undefined && wanted.every((key) => key in commandBenches) ? [] : makeDatasets(path.join(work, 'source'), Number(values.scale))) {
    if (wanted === undefined || wanted.includes(dataset.key)) rows.push(...(await compare(dataset, template)));
    rmSync(dataset.folder, { recursive: true });
  }
  const commands: CommandRow[] = [];
  for (const [key, compareCommand] of Object.entries(commandBenches)) {
    if (!('side' in peer) || (wanted !== undefined && !wanted.includes(key))) continue;
    say(`${key}: making its repository`);
    commands.push(...(await compareCommand({ root, work, restic: path.join(values.peers, 'restic'), runs, scale: Number(values.scale) })));
  }
  const memory = values['no-large'] ? [] : await measureLarge(template);
  const version = (program: string, ...args: string[]): string => execFileSync(program, args, { encoding: 'utf8' }).trim().split('\n')[0] ?? '';
  const report: Report = {
    at: new Date().toISOString().slice(0, 10),
    machine: `${os.cpus()[0]?.model ?? 'unknown processor'}, ${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release()}; median of ${runs}`,
    versions: [version(path.join(root, 'bin/cyberbackup'), 'version'), ...('side' in peer ? [version(path.join(values.peers, 'restic'), 'version')] : [])],
    rows,
    commands,
    memory,
    notes,
  };
  mkdirSync(path.dirname(values.json), { recursive: true });
  writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${asTable(report)}\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
