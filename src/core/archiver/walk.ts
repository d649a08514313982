/**
 * The walk: from folders on disk to the id of the root tree.
 *
 * Vocabulary: a folder is *scanned* (its entries are listed with their metadata), its entries are *admitted* (excluded,
 * reused from the parent snapshot, handed to the engine, or put on the stack of folders to scan; plain files all at
 * once), and it is *closed* when all its slots are filled: then its tree is stored and fills a slot of its parent.
 *
 * Invariants: the stack is last in, first out, in the order of raw names, so that only the folders on the way to the
 * current ones are in memory; several folders are scanned at once, but none while the engine has a long backlog.
 * Nothing here recurses into the depth of the file system.
 */
import type { DirectoryEntry } from '../native/addon.ts';
import type { PlainFiles } from '../native/plain-files.ts';
import { sameNode } from '../repository/same-node.ts';
import type { NodeType, TreeNode } from '../repository/tree.ts';
import { byteString, componentsOf, joinBytes } from './byte-path.ts';
import type { BlobEvent, EngineFeed } from './engine-feed.ts';
import { keptInFolder, listFolder, oldTreesFromEnd, type ListingPorts } from './folder-listing.ts';
import { Folder } from './folder.ts';
import { errorOf } from './messages.ts';
import { isSameEntry, isUnchangedFile, nodeOf, typeOfEntry, type Owners } from './nodes.ts';
import { PendingFile, type FileHome } from './pending-file.ts';
import { PlainRun, runLength, type RunHome } from './plain-run.ts';
import { OldNodes, rootNode } from './old-nodes.ts';
import type { PreparedNode } from './prepared-targets.ts';
import type { Change, Tally } from './tally.ts';

const scansAtOnce = 8;
/** Files that may wait for the engine before scanning pauses. */
const longBacklog = 1024;

export interface WalkPorts extends ListingPorts {
  readonly feed: EngineFeed;
  readonly owners: Owners;
  readonly tally: Tally;
}

/** What the walk has to know of one entry of the folder that is being admitted. */
interface Arrival {
  readonly entry: DirectoryEntry;
  readonly name: Buffer;
  readonly type: NodeType;
  readonly old: TreeNode | undefined;
  readonly planned: PreparedNode | undefined;
  readonly components: readonly string[];
}

export class Walk implements FileHome, RunHome {
  readonly ports: WalkPorts;
  readonly #stack: Folder[] = [];
  #scanning = 0;
  #stopped = false;
  #resolve: (root: Buffer) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(ports: WalkPorts) {
    this.ports = ports;
    ports.feed.onRoom = () => this.#next();
  }

  get owners(): Owners {
    return this.ports.owners;
  }

  get tally(): Tally {
    return this.ports.tally;
  }

  /** Resolves with the id of the root tree once every tree is stored. Rejects only for defects and aborts. */
  run(nodes: readonly PreparedNode[], oldRoot: Buffer | undefined): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      const old = oldRoot === undefined ? undefined : rootNode(oldRoot);
      this.#stack.push(new Folder({ parent: undefined, slot: 0, name: Buffer.alloc(0), base: Buffer.alloc(0), entry: undefined, old, whole: false, planned: nodes, device: 0n, components: [] }));
      this.#next();
    });
  }

  /** Starts nothing more; `run` rejects with the reason. */
  stop(reason: unknown): void {
    this.#stopped = true;
    this.#stack.length = 0;
    this.#reject(reason);
  }

  fillSlot(folder: Folder, slot: number, node: TreeNode | undefined, reused: boolean): void {
    folder.slots[slot] = node;
    if (reused) folder.reused += 1;
    this.settle(folder);
  }

  readLeft(folder: Folder, entry: DirectoryEntry): void {
    this.#read(folder, { entry, name: entry.name, old: undefined, planned: undefined });
  }

  #next(): void {
    this.ports.oldTrees.prefetch(oldTreesFromEnd(this.#stack));
    while (!this.#stopped && this.#scanning < scansAtOnce && this.ports.feed.backlog < longBacklog) {
      const folder = this.#stack.pop();
      if (folder === undefined) break;
      this.#scanning += 1;
      void this.#scan(folder);
    }
    if (this.#stack.length === 0 && this.#scanning === 0) this.ports.tally.walkFinished = true;
  }

  async #scan(folder: Folder): Promise<void> {
    try {
      const { entries, tree, plain } = await listFolder(folder, this.ports);
      const kept = await keptInFolder(folder, entries, this.ports.excludes);
      if (this.#stopped) return;
      folder.oldTree = tree;
      folder.plain = plain;
      this.#admitAll(folder, entries, kept);
    } catch (error) {
      this.#abandon(folder, error);
    }
    this.#scanning -= 1;
    try {
      this.ports.feed.pump();
      this.#next();
    } catch (defect) {
      this.stop(defect);
    }
  }

  #abandon(folder: Folder, error: unknown): void {
    if (this.#stopped) return;
    const { parent, slot } = folder.place;
    try {
      const { code, message } = errorOf(error);
      this.ports.tally.error(folder.path(), 'archival', code, message);
      if (parent !== undefined) this.fillSlot(parent, slot, undefined, false);
    } catch (defect) {
      this.stop(defect);
    }
  }

  #admitAll(folder: Folder, entries: readonly DirectoryEntry[], kept: ReadonlySet<string> | undefined): void {
    const { planned, components } = folder.place;
    const { excludes } = this.ports;
    const plans = new Map(planned.map((node) => [byteString(node.name), node]));
    const needsText = excludes.judgesNames || kept !== undefined || plans.size > 0;
    const olds = new OldNodes(folder.oldTree?.nodes);
    const found: Folder[] = [];
    for (const entry of entries) {
      const { name } = entry;
      const old = olds.find(name);
      const text = needsText ? byteString(name) : '';
      const own = excludes.judgesNames ? [...components, text] : components;
      const plan = plans.get(text);
      if (plan === undefined && ((excludes.judgesNames && excludes.excludesName(own)) || kept?.has(text) === false)) continue;
      const arrival = { entry, name, old, planned: plan, components: own };
      if (!this.#isUsable(folder, arrival)) continue;
      const type = typeOfEntry(entry);
      if (type === undefined) this.#error(folder, arrival, 'EINVAL', 'this kind of file cannot be stored');
      else this.#admit(folder, { ...arrival, type }, found);
    }
    for (let i = found.length - 1; i >= 0; i--) {
      const child = found[i];
      if (child !== undefined) this.#stack.push(child);
    }
    if (folder.plain !== undefined) this.#admitPlain(folder, folder.plain);
    this.settle(folder);
  }

  #admitPlain(folder: Folder, plain: PlainFiles): void {
    const { tally, feed } = this.ports;
    tally.filesSeen += plain.count;
    tally.bytesSeen += plain.bytes;
    if (plain.unchanged) {
      tally.files.unmodified += plain.count;
      tally.bytes += plain.bytes;
      tally.reusedBytes += plain.bytes;
      return;
    }
    for (let from = 0; from < plain.count; from += runLength) {
      folder.open += 1;
      feed.readPlain(new PlainRun(this, folder, plain, from));
    }
  }

  /** Names what went wrong with an entry; true where enough is known to store it. */
  #isUsable(folder: Folder, arrival: Omit<Arrival, 'type'>): boolean {
    const { failure } = arrival.entry;
    if (failure === undefined) return true;
    // Gone between listing and lstat: as if the folder had been listed a moment later.
    if (failure.during === 'stat' && failure.code === 'ENOENT') return false;
    this.#error(folder, arrival, failure.code, failure.message);
    return failure.during === 'xattr';
  }

  #error(folder: Folder, { name, planned }: Omit<Arrival, 'type'>, code: string, message: string): void {
    this.ports.tally.error(planned?.path ?? joinBytes(folder.path(), name), 'archival', code, message);
  }

  #admit(folder: Folder, arrival: Arrival, found: Folder[]): void {
    const { entry, type, planned } = arrival;
    const { oneFileSystem, excludes } = this.ports;
    const foreign = oneFileSystem && folder.place.whole && planned === undefined && entry.device !== folder.place.device;
    const onTheWay = planned !== undefined && planned.children.length > 0 && type === 'symlink' && !planned.target;
    if (type === 'socket' || (foreign && type !== 'dir')) return;
    if (type === 'dir' || onTheWay) {
      this.#admitFolder(folder, onTheWay ? { ...arrival, entry: { ...planned.entry, name: arrival.name } } : arrival, foreign, found);
    } else if (type !== 'file') {
      this.#admitOther(folder, arrival);
    } else if (planned !== undefined || !excludes.excludesSize(entry.size)) {
      this.#admitFile(folder, arrival);
    }
  }

  #admitFolder(folder: Folder, { entry, name, old, planned, components, type }: Arrival, foreign: boolean, found: Folder[]): void {
    const { whole, device } = folder.place;
    const slot = folder.slots.push(undefined) - 1;
    folder.open += 1;
    const crosses = whole && this.ports.oneFileSystem && entry.device !== device;
    const isWhole = planned?.target === true || (whole && type === 'dir' && !(crosses && planned !== undefined));
    const child = new Folder({
      parent: folder,
      slot,
      name,
      ...(planned === undefined ? {} : { base: planned.path }),
      entry,
      old: old?.type === 'dir' ? old : undefined,
      // A mount point is kept as an empty folder.
      whole: isWhole && !foreign,
      planned: planned?.children ?? [],
      device: planned?.target === true ? entry.device : device,
      components: planned === undefined ? components : this.#componentsOf(planned),
    });
    found.push(child);
  }

  #componentsOf(planned: PreparedNode): readonly string[] {
    return this.ports.excludes.judgesNames ? componentsOf(byteString(planned.path)) : [];
  }

  #admitOther(folder: Folder, { entry, name, type, old }: Arrival): void {
    if (old !== undefined && isSameEntry(entry, old, type, this.ports.owners)) {
      folder.slots.push(old);
      folder.reused += 1;
    } else {
      folder.slots.push(nodeOf(entry, entry, name, type, this.ports.owners));
    }
  }

  #read(folder: Folder, { entry, name, old, planned }: Omit<Arrival, 'type' | 'components'>): void {
    const slot = folder.slots.push(undefined) - 1;
    folder.open += 1;
    this.ports.feed.read(new PendingFile(this, folder, slot, entry, name, planned?.path, old));
  }

  #admitFile(folder: Folder, arrival: Arrival): void {
    const { entry, name, old } = arrival;
    const { tally, owners, index } = this.ports;
    const size = Number(entry.size);
    tally.filesSeen += 1;
    tally.bytesSeen += size;
    if (old === undefined || !isUnchangedFile(entry, old, index)) {
      this.#read(folder, arrival);
      return;
    }
    tally.bytes += size;
    tally.reusedBytes += size;
    if (isSameEntry(entry, old, 'file', owners)) {
      tally.files.unmodified += 1;
      folder.slots.push(old);
      folder.reused += 1;
    } else {
      tally.files.changed += 1;
      const node = nodeOf(entry, entry, name, 'file', owners);
      node.content = old.content;
      folder.slots.push(node);
    }
  }

  /** One slot fewer is open; closes the folder, and those above it that wait for nothing else. */
  settle(settled: Folder): void {
    let folder: Folder | undefined = settled;
    while (folder !== undefined) {
      folder.open -= 1;
      if (folder.open > 0) return;
      const closing: Folder = folder;
      const old = closing.place.old?.subtree ?? undefined;
      if (old === undefined || !closing.isUnchanged) {
        this.ports.feed.storeTree(closing.encode(), (event) => this.#stored(closing, event));
        return;
      }
      folder = this.#finish(closing, old);
    }
  }

  #stored(folder: Folder, event: BlobEvent): void {
    this.ports.tally.storedTree(event);
    const parent = this.#finish(folder, event.id);
    if (parent !== undefined) this.settle(parent);
  }

  /** Puts the folder's node into its parent and returns that, undefined at the root. */
  #finish(folder: Folder, subtree: Buffer): Folder | undefined {
    const { parent, slot, entry, name, old } = folder.place;
    folder.release();
    if (parent === undefined || entry === undefined) {
      this.#resolve(subtree);
      return undefined;
    }
    const node = nodeOf(entry, entry, name, 'dir', this.ports.owners);
    node.subtree = subtree;
    const same = old !== undefined && sameNode(node, old);
    const change: Change = old === undefined ? 'new' : same ? 'unmodified' : 'changed';
    this.ports.tally.folders[change] += 1;
    parent.slots[slot] = same ? old : node;
    if (same) parent.reused += 1;
    return parent;
  }
}
