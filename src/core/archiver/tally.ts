/**
 * The running count of a backup: what the summary and the progress are made of.
 *
 * Invariant: every folder and every file is counted once, as new, changed or unmodified against the parent snapshot;
 * a file that could not be stored is only an error.
 */
import { errorMessage } from './messages.ts';
import type { BackupError, BackupSummary } from './options.ts';

export type Change = 'new' | 'changed' | 'unmodified';

export class Tally {
  readonly files: Record<Change, number> = { new: 0, changed: 0, unmodified: 0 };
  readonly folders: Record<Change, number> = { new: 0, changed: 0, unmodified: 0 };
  dataBlobs = 0;
  treeBlobs = 0;
  added = 0;
  addedPacked = 0;
  /** Bytes of the files that were counted. */
  bytes = 0;
  /** Bytes that came from the parent snapshot without reading. */
  reusedBytes = 0;
  /** Files and bytes that the walk has met, counted or not yet. */
  filesSeen = 0;
  bytesSeen = 0;
  walkFinished = false;
  errors = 0;
  readonly #onError: ((error: BackupError) => void) | undefined;

  constructor(onError: ((error: BackupError) => void) | undefined) {
    this.#onError = onError;
  }

  get filesDone(): number {
    return this.files.new + this.files.changed + this.files.unmodified;
  }

  /** A file's content was read and is in packs, old or new. */
  stored(event: { readonly size: number; readonly newBlobs: number; readonly added: number; readonly addedPacked: number }): void {
    this.bytes += event.size;
    this.dataBlobs += event.newBlobs;
    this.added += event.added;
    this.addedPacked += event.addedPacked;
  }

  storedTree(event: { readonly isNew: boolean; readonly added: number; readonly addedPacked: number }): void {
    if (event.isNew) this.treeBlobs += 1;
    this.added += event.added;
    this.addedPacked += event.addedPacked;
  }

  /** Counts and names a file or folder that is not in the snapshot as it should be. */
  error(item: Buffer, during: BackupError['during'], code: string, message: string): void {
    this.errors += 1;
    this.#onError?.({ item, during, message: errorMessage(code, message) });
  }

  summary(seconds: number): BackupSummary {
    return {
      files_new: this.files.new,
      files_changed: this.files.changed,
      files_unmodified: this.files.unmodified,
      dirs_new: this.folders.new,
      dirs_changed: this.folders.changed,
      dirs_unmodified: this.folders.unmodified,
      data_blobs: this.dataBlobs,
      tree_blobs: this.treeBlobs,
      data_added: this.added,
      data_added_packed: this.addedPacked,
      total_files_processed: this.filesDone,
      total_bytes_processed: this.bytes,
      total_duration: seconds,
      errors: this.errors,
    };
  }
}
