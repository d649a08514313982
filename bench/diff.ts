/**
 * `diff` against the newest restic: time and peak memory, in turns, on two snapshots of a repository with many folders.
 *
 *   CYBERBACKUP_PEERS=DIR node bench/diff.ts [--folders 2000] [--files 100] [--runs 5]
 *
 * The repository is made here: real trees, and an index that lists the files' blobs in packs that nobody reads. One folder
 * in fifty differs.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadAddon } from '../src/core/native/load-addon.ts';
import { systemClock } from '../src/core/platform/clock.ts';
import { createRepository, type Repository } from '../src/core/repository/repository.ts';
import { LocalStore } from '../src/core/storage/local-store.ts';
import { node, RawRepository } from '../src/core/restorer/testing/raw-repository.ts';
import { measure } from './measured-run.ts';
import { peerProgram } from '../test/support/restic.ts';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({ options: { folders: { type: 'string', default: '2000' }, files: { type: 'string', default: '100' }, runs: { type: 'string', default: '5' } } });
const [folders, files, runs] = [Number(values.folders), Number(values.files), Number(values.runs)];
const password = 'bench';
const time = 1_700_000_000n * 1_000_000_000n;

const idOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The blobs of files are only listed: a pack that is not there is no matter to who never reads it. */
class ManyFolders {
  readonly #raw: RawRepository;
  #records: Buffer[] = [];
  readonly #listed = new Set<string>();

  constructor(repository: Repository) {
    this.#raw = new RawRepository(repository);
  }

  folder(number: number, count: number, version: number): Buffer {
    return this.#raw.tree(
      Array.from({ length: count }, (_, i) => {
        const changed = i % 10 === 0 ? version : 0;
        const content = idOf(`${number}/${i}/${changed}`);
        this.#list(content);
        return node(`file-${String(i).padStart(6, '0')}.dat`, 'file', { content, size: BigInt(1000 + i), mtime: time + BigInt(changed), inode: BigInt(number * count + i + 1), links: 1n });
      }),
    );
  }

  async snapshot(version: number): Promise<string> {
    const list = Array.from({ length: folders }, (_, number) => node(`folder-${number}`, 'dir', { subtree: this.folder(number, files, number % 50 === 0 ? version : 0) }));
    const { id } = await this.#raw.save([node('data', 'dir', { subtree: this.#raw.tree(list) })]);
    await this.#writeIndex();
    return id;
  }

  #list(id: Buffer): void {
    const key = id.toString('latin1');
    if (this.#listed.has(key)) return;
    this.#listed.add(key);
    this.#records.push(id);
  }

  async #writeIndex(): Promise<void> {
    for (let at = 0; at < this.#records.length; at += 1000) {
      const blobs = this.#records.slice(at, at + 1000).map((id, i) => ({ id: id.toString('hex'), type: 'data', offset: i * 1000, length: 1000 }));
      await this.#raw.repository.writeUnpacked('index', Buffer.from(JSON.stringify({ packs: [{ id: idOf(blobs[0]?.id ?? '').toString('hex'), blobs }] })));
    }
    this.#records = [];
  }
}

const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
const work = mkdtempSync(path.join(os.tmpdir(), 'cyberbackup-diff-'));
try {
  const addon = loadAddon();
  const store = new LocalStore(path.join(work, 'repository'), { addon });
  const repository = await createRepository({ store, addon, clock: systemClock }, { password: Buffer.from(password), kdf: { N: 1024, r: 8, p: 1 }, hostname: 'bench', username: 'bench' });
  const made = new ManyFolders(repository);
  const ids = [await made.snapshot(1), await made.snapshot(2)];
  await repository.loadIndex();
  const env = { CYBERBACKUP_REPOSITORY: path.join(work, 'repository'), CYBERBACKUP_PASSWORD: password, CYBERBACKUP_HOME: path.join(work, 'home'), RESTIC_REPOSITORY: path.join(work, 'repository'), RESTIC_PASSWORD: password, RESTIC_CACHE_DIR: path.join(work, 'cache') };
  const restic = peerProgram('restic');
  const sides: [string, string[]][] = [['cyberbackup', [path.join(root, 'bin/cyberbackup'), 'diff', ...ids]], ...(restic === undefined ? [] : ([['restic', [restic, 'diff', ...ids]]] as [string, string[]][]))];
  const seconds: Record<string, number[]> = {};
  const memory: Record<string, number[]> = {};
  for (let run = 0; run < runs; run += 1) {
    for (const [name, command] of sides) {
      const found = await measure(command, env, true);
      (seconds[name] ??= []).push(found.seconds);
      (memory[name] ??= []).push(found.peakMemory ?? 0);
    }
  }
  for (const [name] of sides) process.stdout.write(`diff of ${folders * files} files: ${name} ${median(seconds[name] ?? []).toFixed(3)} s, ${Math.round(median(memory[name] ?? []) / 2 ** 20)} MiB\n`);
  await repository.close();
  await store.close();
} finally {
  rmSync(work, { recursive: true, force: true });
}
