/**
 * Looking into a history: diff, ls, stats, dump, cat and list give what the newest restic gives, on repositories of fifty
 * snapshots. `CYBERBACKUP_LONG=1` compares more of them.
 */
import { spawnSync } from 'node:child_process';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../src/cli/run.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { hasNewestRestic, newestRestic } from '../support/restic.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { historyPassword, makeHistory, removeHistory, type History } from './make-history.ts';
import { Random } from './random.ts';

const root = temporaryFolder('looking');
const long = process.env['CYBERBACKUP_LONG'] === '1';
const random = new Random(5);
const zone = process.env['TZ'];
let history: History;

beforeAll(async () => {
  // Both programs print local times.
  process.env['TZ'] = 'UTC';
  history = await makeHistory(root, { seed: 1 });
});
afterAll(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
  removeHistory(root);
});

interface Answer {
  readonly code: number;
  readonly stdout: Buffer;
}

class Collected extends Writable {
  readonly pieces: Buffer[] = [];

  override _write(piece: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.pieces.push(Buffer.from(piece));
    done();
  }
}

async function ours(...args: string[]): Promise<Answer> {
  const output = new Collected();
  const terminal = new Terminal(output as unknown as NodeJS.WriteStream, new Collected() as unknown as NodeJS.WriteStream, {});
  const env = { CYBERBACKUP_REPOSITORY: history.repository, CYBERBACKUP_PASSWORD: historyPassword, CYBERBACKUP_HOME: `${root}/home` };
  const code = await runCommand(args, terminal, env, { signal: new AbortController().signal, dispose: () => undefined });
  return { code, stdout: Buffer.concat(output.pieces) };
}

function theirs(...args: string[]): Answer {
  const env = { PATH: process.env['PATH'], HOME: root, TZ: 'UTC', RESTIC_REPOSITORY: history.repository, RESTIC_PASSWORD: historyPassword };
  const { status, stdout } = spawnSync(newestRestic(), ['--no-cache', ...args], { env, maxBuffer: 64 * 2 ** 20 });
  return { code: status ?? -1, stdout };
}

/** The same bytes and the same exit code. */
async function compare(...args: string[]): Promise<void> {
  const [mine, other] = [await ours(...args), theirs(...args)];
  expect([args, mine.code, mine.stdout.toString('latin1')]).toEqual([args, other.code, other.stdout.toString('latin1')]);
}

function json(answer: Answer): Record<string, unknown>[] {
  return answer.stdout
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function compareJson(...args: string[]): Promise<void> {
  // The target of a link is ours, besides.
  const mine = json(await ours(...args)).map((line) => Object.fromEntries(Object.entries(line).filter(([name]) => name !== 'linktarget')));
  expect([args, mine]).toEqual([args, json(theirs(...args))]);
}

const idOf = (at: number): string => history.snapshots[at]?.id ?? '';
const some = (count: number): string[] => Array.from({ length: long ? 50 : count }, (_, i) => idOf(long ? i : random.below(50)));

describe.skipIf(!hasNewestRestic)('as the newest restic', () => {
  it('diff names every change and counts it', async () => {
    for (const at of long ? Array.from({ length: 49 }, (_, i) => i) : [0, 7, 23, 41]) await compare('diff', '--metadata', idOf(at), idOf(at + 1));
    for (const id of some(3)) await compare('diff', id, idOf(random.below(50)));
    await compare('diff', '--json', '--metadata', idOf(49), idOf(0));
    await compare('diff', '--json', idOf(3), idOf(3));
    await compare('diff', `${idOf(1)}:/${history.snapshots[1]?.tops[0] ?? ''}`, `${idOf(44)}:/${history.snapshots[44]?.tops[0] ?? ''}`);
  });

  it('ls lists, filters and sorts', async () => {
    for (const id of some(2)) await compare('ls', '--long', id);
    const [id = ''] = some(1);
    const top = `/${history.snapshots.find((snapshot) => snapshot.id === id)?.tops[0] ?? ''}`;
    for (const sort of ['size', 'time', 'extension', 'atime', 'ctime']) await compare('ls', '--sort', sort, id);
    await compare('ls', '--reverse', id);
    await compare('ls', '--long', '--human-readable', '--sort', 'size', '--reverse', id);
    await compare('ls', id, top);
    await compare('ls', '--recursive', id, `${top}/`, '/nothing');
    await compare('ls', `${id}:${top}`);
    await compare('ls', '--ncdu', id);
    await compareJson('ls', '--json', id);
  });

  it('stats counts in every mode', async () => {
    for (const mode of ['restore-size', 'files-by-contents', 'raw-data', 'blobs-per-file']) {
      await compareJson('stats', '--json', '--mode', mode, idOf(30));
      // Which path a content is first found at depends on the order of the snapshots, which restic leaves to chance.
      if (mode !== 'blobs-per-file') await compareJson('stats', '--json', '--mode', mode);
      const text = theirs('stats', '--mode', mode, 'latest').stdout.toString().replace(/^(scanning|\[).*\n/gm, '');
      expect((await ours('stats', '--mode', mode, 'latest')).stdout.toString()).toBe(text);
    }
    await compareJson('stats', '--json', '--host', 'laptop', '--tag', 'daily');
    await compareJson('stats', '--json', '--host', 'nobody');
  });

  it('dump writes files, and archives byte for byte in tar', async () => {
    for (const id of some(2)) await compare('dump', id, '/');
    const file = history.snapshots[49]?.entries.find(({ type }) => type === 'file');
    await compare('dump', idOf(49), `/${Buffer.from(file?.path ?? '', 'latin1').toString()}`);
  });

  it('cat and list show the same objects', async () => {
    for (const kind of ['blobs', 'packs', 'index', 'snapshots', 'keys', 'locks']) {
      const lines = (answer: Answer): string[] => answer.stdout.toString().trim().split('\n').sort();
      expect([kind, lines(await ours('list', kind))]).toEqual([kind, lines(theirs('list', kind))]);
    }
    const first = (kind: string): string => theirs('list', kind).stdout.toString().split('\n')[0] ?? '';
    await compare('cat', 'config');
    await compare('cat', 'masterkey');
    await compare('cat', 'snapshot', idOf(2));
    await compare('cat', 'snapshot', idOf(9).slice(0, 8));
    await compare('cat', 'tree', `${idOf(2)}:/${history.snapshots[2]?.tops[0] ?? ''}`);
    for (const kind of ['index', 'key', 'pack']) await compare('cat', kind, first(kind === 'index' ? kind : `${kind}s`));
    await compare('cat', 'blob', first('blobs').split(' ')[1] ?? '');
  });
});
