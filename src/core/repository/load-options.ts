/** How loading many objects treats a damaged one. */
import type { Failure } from '../../shared/errors.ts';
import type { IndexedBlobs } from '../native/blob-index.ts';

export interface DamagedObject {
  /** 64 hex digits. */
  readonly name: string;
  readonly failure: Failure;
}

export interface LoadOptions {
  /** Go on without a damaged object and report it; by default the first one is thrown. */
  readonly tolerateDamage?: boolean;
}

export interface IndexLoadOptions extends LoadOptions {
  /** By default everything. Without the blobs of files: enough to go through folders, and most of the memory is saved; with their lengths alone, half of it. */
  readonly blobs?: IndexedBlobs;
}
