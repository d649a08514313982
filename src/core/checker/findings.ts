/**
 * What a check found.
 *
 * Vocabulary: an *error* means that something cannot be restored or is not as it was written; a *hint* alone is
 * harmless, and beside errors may say where what is missing can be found. A finding names one object, says what is wrong
 * with it and what to do, and lists what of the snapshots it touches as far as the check came across it.
 */
export interface CheckFinding {
  readonly object: 'index' | 'pack' | 'snapshot' | 'tree' | 'file';
  /** Name of the object in the repository; for a file, its path. */
  readonly name: string;
  readonly what: string;
  readonly next: string;
  /** `SNAPSHOT:/path`, the first few; a tree that several snapshots share is named in one of them. */
  readonly affects: readonly string[];
  /** How many there are in all. */
  readonly affected: number;
}

export interface CheckReport {
  readonly errors: readonly CheckFinding[];
  readonly hints: readonly CheckFinding[];
  /** Errors in all; above a limit they are only counted. */
  readonly errorCount: number;
  readonly packs: number;
  readonly blobs: number;
  readonly snapshots: number;
  readonly trees: number;
  /** Packs and bytes whose content was read. */
  readonly packsRead: number;
  readonly bytesRead: number;
}

const namedAffected = 10;
const keptErrors = 1000;

/** A finding that still collects what it affects. */
export class DraftFinding implements CheckFinding {
  readonly object: CheckFinding['object'];
  readonly name: string;
  readonly what: string;
  readonly next: string;
  readonly affects: string[] = [];
  affected = 0;

  constructor(object: CheckFinding['object'], name: string, what: string, next: string) {
    this.object = object;
    this.name = name;
    this.what = what;
    this.next = next;
  }

  addAffected(place: string): void {
    this.affected += 1;
    if (this.affects.length < namedAffected) this.affects.push(place);
  }
}

export class Findings {
  readonly errors: DraftFinding[] = [];
  readonly hints: DraftFinding[] = [];
  errorCount = 0;
  readonly #onFinding: ((severity: 'error' | 'hint', finding: CheckFinding) => void) | undefined;

  constructor(onFinding?: (severity: 'error' | 'hint', finding: CheckFinding) => void) {
    this.#onFinding = onFinding;
  }

  error(object: CheckFinding['object'], name: string, what: string, next: string): DraftFinding {
    const finding = new DraftFinding(object, name, what, next);
    this.errorCount += 1;
    if (this.errors.length < keptErrors) this.errors.push(finding);
    this.#onFinding?.('error', finding);
    return finding;
  }

  hint(object: CheckFinding['object'], name: string, what: string, next: string): void {
    const finding = new DraftFinding(object, name, what, next);
    this.hints.push(finding);
    this.#onFinding?.('hint', finding);
  }
}

/** What to do, in the words used for every finding of the kind. */
export const remedies = {
  damagedIndex: 'Put the index file back from a copy of the repository, or rebuild the index from the packs with "cyberbackup repair index"; then check again, and run no prune before',
  missingIndex: 'If an index file was lost, put it back from a copy of the repository, or rebuild the index from the packs with "cyberbackup repair index"; then check again, and run no prune before',
  damagedPack: 'Restore what you need from the snapshots named here first; back up the same files again to store their content anew, then run "cyberbackup repair packs" and "cyberbackup repair snapshots"',
  missingPack: 'Look for the file in copies of the repository and put it back; otherwise back up the same files again, which stores their content anew',
  damagedSnapshot: 'Other snapshots are not concerned. Put the file back from a copy of the repository, or remove it',
  damagedTree: 'Back up the same folder again; older snapshots without this folder are not concerned',
  refusedNode: 'Everything beside it can be restored. Look into the snapshot with the program that wrote it, and back up the same folder again',
  nothing: 'Nothing needs to be done; the next prune tidies up',
} as const;
