/**
 * A file that the engine reads, and what becomes of its slot when the engine answers.
 *
 * Invariant: metadata are those of the open file before its first byte was read, so that a change during the read is
 * seen by the next backup too.
 */
import type { DirectoryEntry } from '../native/addon.ts';
import { sameNode } from '../repository/same-node.ts';
import type { TreeNode } from '../repository/tree.ts';
import { joinBytes } from './byte-path.ts';
import type { FailedEvent, FileEvent, FileInput } from './engine-feed.ts';
import type { Folder } from './folder.ts';
import { nodeOf, type Owners } from './nodes.ts';
import type { Tally } from './tally.ts';

/** Where the answer goes. */
export interface FileHome {
  readonly owners: Owners;
  readonly tally: Tally;
  fillSlot(folder: Folder, slot: number, node: TreeNode | undefined, reused: boolean): void;
}

export class PendingFile implements FileInput {
  readonly #home: FileHome;
  readonly #folder: Folder;
  readonly #slot: number;
  readonly #entry: DirectoryEntry;
  readonly #name: Buffer;
  readonly #path: Buffer | undefined;
  readonly #old: TreeNode | undefined;

  /** `path`: where it is not `name` in the folder. */
  constructor(home: FileHome, folder: Folder, slot: number, entry: DirectoryEntry, name: Buffer, path: Buffer | undefined, old: TreeNode | undefined) {
    this.#home = home;
    this.#folder = folder;
    this.#slot = slot;
    this.#entry = entry;
    this.#name = name;
    this.#path = path;
    this.#old = old;
  }

  path(): Buffer {
    return this.#path ?? joinBytes(this.#folder.path(), this.#name);
  }

  onFile(event: FileEvent): void {
    const { tally, owners } = this.#home;
    const node = nodeOf(event.stat, this.#entry, this.#name, 'file', owners);
    node.size = BigInt(event.size);
    node.content = event.content;
    if (event.changed) tally.error(this.path(), 'archival', 'E_CHANGED', '');
    tally.stored(event);
    const same = this.#old !== undefined && sameNode(node, this.#old);
    tally.files[this.#old === undefined ? 'new' : same ? 'unmodified' : 'changed'] += 1;
    this.#home.fillSlot(this.#folder, this.#slot, same ? this.#old : node, same);
  }

  onFailed(event: FailedEvent): void {
    this.#home.tally.error(this.path(), 'archival', event.code, event.message);
    this.#home.fillSlot(this.#folder, this.#slot, undefined, false);
  }
}
