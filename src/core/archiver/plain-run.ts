/**
 * A run of plain files (native/addon.ts) that the engine reads, and what becomes of them when it answers.
 *
 * Invariant: there are plain files to read only in a folder without an old tree, so all of them are new. Those that are
 * left take the way of all other files, which tries them again and reports what is wrong.
 */
import type { DirectoryEntry } from '../native/addon.ts';
import type { PlainFiles } from '../native/plain-files.ts';
import type { PlainEvent, PlainInput } from './engine-feed.ts';
import type { Folder } from './folder.ts';
import type { Tally } from './tally.ts';

/** Enough to make little of what each run costs, few enough for both cores to have work. */
export const runLength = 128;

/** Where the answer goes. */
export interface RunHome {
  readonly tally: Tally;
  readLeft(folder: Folder, entry: DirectoryEntry): void;
  /** One thing fewer that the folder waits for. */
  settle(folder: Folder): void;
}

export class PlainRun implements PlainInput {
  readonly files: PlainFiles;
  readonly from: number;
  readonly to: number;
  readonly #home: RunHome;
  readonly #folder: Folder;

  constructor(home: RunHome, folder: Folder, files: PlainFiles, from: number) {
    this.#home = home;
    this.#folder = folder;
    this.files = files;
    this.from = from;
    this.to = Math.min(from + runLength, files.count);
  }

  path(): Buffer {
    return this.#folder.path();
  }

  onRead(event: PlainEvent): void {
    this.#home.tally.stored(event);
    this.#home.tally.files.new += event.count;
    for (const position of event.left) this.#home.readLeft(this.#folder, this.files.leave(position));
    this.#home.settle(this.#folder);
  }
}
