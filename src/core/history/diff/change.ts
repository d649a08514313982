/**
 * One entry that two snapshots do not have in common.
 *
 * Vocabulary: the *mark* is what restic prints: `+` added, `-` removed, `M` content, `T` type, `U` metadata, and `?` where
 * the content changed although everything else says that it did not.
 */
import type { Failure } from '../../../shared/errors.ts';
import type { NodeType } from '../../repository/tree.ts';

/** An entry as one of the two snapshots has it. */
export interface Side {
  /** Undefined for a type that is not known. */
  readonly type: NodeType | undefined;
  /** Bytes of a file, else 0. */
  readonly size: number;
  /** Ids of a file's blobs, n·32 bytes; only where the walk was asked for contents, and of added and removed files. */
  readonly content?: Buffer;
}

export interface Change {
  readonly kind: 'change';
  /** Absolute in the snapshots, or below the folders that were compared; raw bytes, no slash at the end. */
  readonly path: Buffer;
  /** Undefined: the entry was added. */
  readonly before: Side | undefined;
  /** Undefined: the entry was removed. */
  readonly after: Side | undefined;
  /** What of an entry that both have is different; all false for the others. */
  readonly differs: Differences;
}

export interface Differences {
  readonly type: boolean;
  readonly content: boolean;
  /** The content, and nothing else: the likely work of a failing disk. */
  readonly bitrot: boolean;
  readonly metadata: boolean;
}

/** A folder that could not be compared; what is beside it was. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly path: Buffer;
  readonly failure: Failure;
}

/** Empty where restic prints no line: a change of metadata alone, unless those are asked for. */
export function markOf({ before, after, differs }: Change, metadata: boolean): string {
  if (before === undefined) return '+';
  if (after === undefined) return '-';
  const type = differs.type ? 'T' : '';
  if (differs.content) return `${type}M${differs.bitrot ? '?' : ''}`;
  return metadata && differs.metadata ? `${type}U` : type;
}

/** Whether the entry is a folder, as the later snapshot has it. */
export function isFolderNow({ before, after }: Change): boolean {
  return (after ?? before)?.type === 'dir';
}
