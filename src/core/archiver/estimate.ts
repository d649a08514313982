/**
 * How much there is to back up, counted by a second, lighter walk that runs beside the first one.
 *
 * Invariants: it starts late, so that a short backup never pays for it; it looks at one folder at a time, reads no
 * attributes, and stops when the backup's own walk is over, which then knows better.
 */
import type { Addon, DirectoryEntry } from '../native/addon.ts';
import type { Clock } from '../platform/clock.ts';
import { byteString, componentsOf, joinBytes } from './byte-path.ts';
import type { Excludes } from './excludes.ts';
import { errorOf } from './messages.ts';
import { typeOfEntry } from './nodes.ts';
import type { PreparedNode } from './prepared-targets.ts';
import type { Totals } from './progress.ts';
import type { Tally } from './tally.ts';

const headStart = 700;

export interface EstimatePorts {
  readonly addon: Pick<Addon, 'scanDirectory'>;
  readonly clock: Clock;
  readonly excludes: Excludes;
  readonly tally: Tally;
  readonly oneFileSystem: boolean;
}

interface Place {
  readonly path: Buffer;
  readonly device: bigint;
}

export class Estimate {
  readonly #ports: EstimatePorts;
  readonly #stop = new AbortController();
  readonly #stack: Place[] = [];
  #files = 0;
  #bytes = 0;
  #finished = false;

  constructor(ports: EstimatePorts) {
    this.#ports = ports;
  }

  totals(): Totals {
    const { tally } = this.#ports;
    if (tally.walkFinished) return { files: tally.filesSeen, bytes: tally.bytesSeen, known: true };
    // Files come and go between the two walks; the total is never below what is already known.
    return { files: Math.max(this.#files, tally.filesSeen), bytes: Math.max(this.#bytes, tally.bytesSeen), known: this.#finished };
  }

  async run(nodes: readonly PreparedNode[]): Promise<void> {
    try {
      await this.#ports.clock.sleep(headStart, this.#stop.signal);
      this.#addTargets(nodes);
      for (let place = this.#stack.pop(); place !== undefined; place = this.#stack.pop()) {
        if (this.#stop.signal.aborted || this.#ports.tally.walkFinished) return;
        await this.#count(place);
      }
      this.#finished = true;
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }

  end(): void {
    this.#stop.abort();
  }

  #addTargets(nodes: readonly PreparedNode[]): void {
    for (const node of nodes) {
      if (!node.target) this.#addTargets(node.children);
      else this.#add(node.entry, node.path, node.entry.device, true);
    }
  }

  #add(entry: DirectoryEntry, path: Buffer, device: bigint, isTarget: boolean): void {
    const type = typeOfEntry(entry);
    const foreign = this.#ports.oneFileSystem && entry.device !== device;
    if (type === 'dir' && !foreign) this.#stack.push({ path, device });
    if (type !== 'file' || foreign || (!isTarget && this.#ports.excludes.excludesSize(entry.size))) return;
    this.#files += 1;
    this.#bytes += Number(entry.size);
  }

  async #count({ path, device }: Place): Promise<void> {
    const { addon, excludes } = this.#ports;
    let entries: readonly DirectoryEntry[];
    try {
      entries = await addon.scanDirectory(path, { xattrs: false });
    } catch (error) {
      // The backup's own walk meets the same folder and names it; here it only counts for nothing.
      errorOf(error);
      return;
    }
    const components = excludes.judgesNames ? componentsOf(byteString(path)) : [];
    const kept = excludes.tagFiles.length === 0 ? undefined : await excludes.keptInTaggedFolder(path, new Set(entries.map((entry) => byteString(entry.name))));
    for (const entry of entries) {
      if (excludes.judgesNames && excludes.excludesName([...components, byteString(entry.name)])) continue;
      if (kept?.has(byteString(entry.name)) === false || entry.failure !== undefined) continue;
      this.#add(entry, joinBytes(path, entry.name), device, false);
    }
  }
}
