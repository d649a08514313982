/**
 * A folder that changes from step to step as people's folders do, by chance from a seed.
 *
 * Vocabulary: *paths* are below the root, in latin1 (source-entries.ts); the *tops* are the folders that are backed up;
 * a path is *stale* while its time was not set since it changed.
 *
 * Invariants: after a step every time that it changed lies in that step's moment, so that the same seed gives the same
 * names, contents, modes and times, whenever it runs; no step removes a top. What this system has not (links and modes
 * on Windows, names that are no UTF-8 elsewhere than on Linux, attributes on some disks) is left out.
 */
import { appendFileSync, chmodSync, linkSync, lutimesSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { loadAddon } from '../../src/core/native/load-addon.ts';
import { noise } from '../support/noise.ts';
import { Random } from './random.ts';
import { absolute } from './source-entries.ts';

export const tops = ['documents', 'pictures'] as const;

type Kind = 'file' | 'folder' | 'link';

const isWindows = process.platform === 'win32';
const portableNames = ['with space', ' leading', 'ünï ß', '日本語', '🗄️', 'UPPER', 'upper', '.hidden', '%41', "it's", '#1', '[a]', '{b}', '$HOME', '~'];
const posixNames = ['new\nline', 'a*b', 'what?', 'back\\slash', '"quoted"', 'tab\there', '-rf', 'trailing.', 'a:b', 'esc\u001b[31m'];
const extensions = ['txt', 'jpg', 'log', 'o', 'tmp', 'JPG'];
const oddNames = [...portableNames, ...(isWindows ? [] : posixNames)].map((name) => Buffer.from(name).toString('latin1')).concat(process.platform === 'linux' ? ['\xff\xfe', 'latin \xe4'] : []);
/** What a file system without attributes answers. */
const unsupported = new Set(['ENOTSUP', 'EOPNOTSUPP', 'EPERM']);
const largeSize = 1_800_000;
/** Beyond so many files a step removes more than it adds. */
const manyFiles = 110;

export class ChangingSource {
  readonly root: string;
  readonly #seed: number;
  readonly #random: Random;
  readonly #entries = new Map<string, Kind>();
  /** Paths of files with more than one name: attributes and modes are left alone there. */
  readonly #linked = new Set<string>();
  readonly #stale = new Set<string>();
  #count = 0;

  /** `root`: an existing empty folder. */
  constructor(root: string, seed: number) {
    this.root = root;
    this.#seed = seed;
    this.#random = new Random(seed);
    for (const top of tops) this.#makeFolder(top);
    for (let i = 0; i < 8; i += 1) this.#addFolder();
    for (let i = 0; i < 40; i += 1) this.#addFile();
    this.#addLargeFile();
    for (let i = 0; i < 4; i += 1) this.#addOddName();
    this.#addHardLink();
    this.#addLink();
    this.#makeFolder(`${this.#random.pick(tops)}/empty`);
  }

  /** Changes a few things; `moment` (seconds since 1970) is the time that they get. */
  async step(moment: number): Promise<void> {
    const changes = 1 + this.#random.below(6);
    for (let i = 0; i < changes; i += 1) await this.#change();
    if (this.#random.chance(0.06)) this.#addLargeFile();
    while (this.#paths('file').length > manyFiles) this.#remove(this.#random.pick(this.#paths('file')));
    this.settle(moment);
  }

  /** Gives everything that has changed times of this moment, deepest first. */
  settle(moment: number): void {
    const stale = [...this.#stale].filter((place) => this.#entries.has(place)).sort((a, b) => (a < b ? 1 : -1));
    stale.forEach((place, i) => lutimesSync(absolute(this.root, place), moment, moment - 3600 + i / 128));
    this.#stale.clear();
  }

  async #change(): Promise<void> {
    const random = this.#random;
    const draw = random.below(100);
    if (draw < 22) this.#addFile();
    else if (draw < 42) this.#rewrite();
    else if (draw < 50) this.#append();
    else if (draw < 56) this.#touch();
    else if (draw < 62) this.#changeMode();
    else if (draw < 66) await this.#setAttribute();
    else if (draw < 72) this.#rename();
    else if (draw < 77) this.#move();
    else if (draw < 84) this.#removeSome();
    else if (draw < 87) this.#removeFolder();
    else if (draw < 90) this.#addFolder();
    else if (draw < 93) this.#addOddName();
    else if (draw < 95) this.#addHardLink();
    else if (draw < 97) this.#addLink();
    else this.#changeType();
  }

  #paths(kind: Kind): string[] {
    return [...this.#entries].filter(([, found]) => found === kind).map(([place]) => place);
  }

  #folders(): string[] {
    return this.#paths('folder');
  }

  /** Folders below the tops. */
  #inner(): string[] {
    return this.#folders().filter((place) => place.includes('/'));
  }

  /** A path in some folder that nothing has. */
  #free(name: string): string {
    const folder = this.#random.pick(this.#folders());
    const place = `${folder}/${name}`;
    // Upper and lower case are one on some disks.
    const taken = new Set([...this.#entries.keys()].map((known) => known.toLowerCase()));
    return taken.has(place.toLowerCase()) ? `${place} ${this.#count++}` : place;
  }

  #content(): Buffer {
    const random = this.#random;
    const part = this.#count++;
    const size = random.chance(0.1) ? 0 : Math.floor(4 ** (2 + random.next() * 5));
    if (random.chance(0.2)) {
      const twin = random.below(4);
      return noise(1000 + 3000 * twin, `twin ${twin}`);
    }
    return random.chance(0.5) ? noise(size, `${this.#seed} ${part}`) : Buffer.from(`line ${part} of ${this.#seed}\n`.repeat(1 + size / 16));
  }

  #put(place: string, kind: Kind): void {
    this.#entries.set(place, kind);
    this.#markStale(place);
  }

  #markStale(place: string): void {
    this.#stale.add(place);
    this.#stale.add(parentOf(place));
  }

  #makeFolder(place: string): void {
    mkdirSync(absolute(this.root, place));
    this.#put(place, 'folder');
  }

  #write(place: string, content: Buffer): void {
    writeFileSync(absolute(this.root, place), content);
    this.#put(place, 'file');
  }

  /** As often in a top as in any other folder, so that both tops grow. */
  #addFolder(): void {
    const name = `folder ${this.#count++}`;
    this.#makeFolder(this.#random.chance(0.5) ? `${this.#random.pick(tops)}/${name}` : this.#free(name));
  }

  #addFile(): void {
    this.#write(this.#free(`file-${this.#count++}.${this.#random.pick(extensions)}`), this.#content());
  }

  /** Of several chunks; a copy that begins like another one now and then. */
  #addLargeFile(): void {
    const shared = noise(largeSize, `large ${this.#random.below(2)}`);
    this.#write(this.#free(`large-${this.#count++}.bin`), Buffer.concat([shared, noise(this.#random.below(400_000), `${this.#seed} tail ${this.#count}`)]));
  }

  #addOddName(): void {
    const name = this.#random.pick(oddNames);
    if (this.#random.chance(0.25)) {
      const folder = this.#free(name);
      this.#makeFolder(folder);
      this.#write(`${folder}/inside`, this.#content());
    } else this.#write(this.#free(name), this.#content());
  }

  #addHardLink(): void {
    const files = this.#paths('file');
    if (files.length === 0) return;
    const first = this.#random.pick(files);
    const second = this.#free(`hard-${this.#count++}`);
    linkSync(absolute(this.root, first), absolute(this.root, second));
    this.#linked.add(first).add(second);
    this.#put(second, 'file');
  }

  #addLink(): void {
    const targets = ['file', '../elsewhere', 'missing', 'ünï'];
    if (isWindows) return;
    const place = this.#free(`link-${this.#count++}`);
    symlinkSync(this.#random.pick(targets), absolute(this.root, place));
    this.#put(place, 'link');
  }

  #file(): string | undefined {
    const files = this.#paths('file');
    return files.length === 0 ? undefined : this.#random.pick(files);
  }

  #rewrite(): void {
    const place = this.#file();
    if (place !== undefined) this.#write(place, this.#content());
  }

  #append(): void {
    const place = this.#file();
    if (place === undefined) return;
    appendFileSync(absolute(this.root, place), this.#content());
    this.#put(place, 'file');
  }

  #touch(): void {
    const place = this.#file();
    if (place !== undefined) this.#stale.add(place);
  }

  #changeMode(): void {
    const place = this.#random.chance(0.3) ? this.#random.pick(this.#folders()) : this.#file();
    if (place === undefined || isWindows || this.#linked.has(place)) return;
    const modes = this.#entries.get(place) === 'folder' ? [0o700, 0o755, 0o1777, 0o2755] : [0o600, 0o644, 0o755, 0o640, 0o4755];
    chmodSync(absolute(this.root, place), this.#random.pick(modes));
  }

  async #setAttribute(): Promise<void> {
    const place = this.#file();
    const value = noise(1 + this.#random.below(30), `${this.#seed} attribute ${this.#count++}`);
    if (place === undefined || this.#linked.has(place)) return;
    this.#stale.add(place);
    const root = await loadAddon().openRestoreRoot(Buffer.from(this.root));
    try {
      const metadata = { mode: 0o644, mtimeNs: 0n, atimeNs: 0n, xattrs: [{ name: Buffer.from('user.note'), value }] };
      for (const { code, message } of await root.setMetadata([{ path: Buffer.from(place, 'latin1'), metadata }])) if (!unsupported.has(code)) throw new Error(`${place}: ${message}`);
    } finally {
      await root.close();
    }
  }

  #rename(): void {
    const place = this.#random.chance(0.2) && this.#inner().length > 0 ? this.#random.pick(this.#inner()) : this.#file();
    if (place !== undefined) this.#moveTo(place, `${parentOf(place)}/renamed-${this.#count++}`);
  }

  #move(): void {
    const place = this.#file();
    if (place !== undefined) this.#moveTo(place, this.#free(`moved-${this.#count++}`));
  }

  #moveTo(from: string, to: string): void {
    renameSync(absolute(this.root, from), absolute(this.root, to));
    this.#markStale(from);
    for (const [place, kind] of this.#below(from)) {
      const moved = to + place.slice(from.length);
      this.#entries.delete(place);
      this.#entries.set(moved, kind);
      if (this.#linked.delete(place)) this.#linked.add(moved);
      if (this.#stale.delete(place)) this.#stale.add(moved);
    }
    this.#stale.add(parentOf(to));
  }

  #below(top: string): [string, Kind][] {
    return [...this.#entries].filter(([place]) => place === top || place.startsWith(`${top}/`));
  }

  #removeSome(): void {
    const candidates = [...this.#paths('file'), ...this.#paths('link')];
    if (candidates.length > 0) this.#remove(this.#random.pick(candidates));
  }

  #remove(place: string): void {
    unlinkSync(absolute(this.root, place));
    this.#forget(place);
  }

  #forget(place: string): void {
    this.#markStale(place);
    for (const [gone] of this.#below(place)) {
      this.#entries.delete(gone);
      this.#linked.delete(gone);
    }
  }

  #removeFolder(): void {
    const small = this.#inner().filter((place) => this.#below(place).length < 12);
    if (small.length > 0) this.#removeWhole(this.#random.pick(small));
  }

  #removeWhole(place: string): void {
    rmSync(absolute(this.root, place), { recursive: true });
    this.#forget(place);
  }

  /** A file becomes a folder or a link, a folder becomes a file. */
  #changeType(): void {
    const small = this.#inner().filter((place) => this.#below(place).length < 6);
    if (small.length > 0 && this.#random.chance(0.4)) {
      const place = this.#random.pick(small);
      this.#removeWhole(place);
      this.#write(place, this.#content());
      return;
    }
    const place = this.#file();
    if (place === undefined) return;
    this.#remove(place);
    if (!isWindows && this.#random.chance(0.5)) {
      symlinkSync('was-a-file', absolute(this.root, place));
      this.#put(place, 'link');
    } else {
      this.#makeFolder(place);
      this.#write(`${place}/inside`, this.#content());
    }
  }
}

function parentOf(place: string): string {
  return place.slice(0, Math.max(place.lastIndexOf('/'), 0));
}
