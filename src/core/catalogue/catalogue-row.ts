/** What a search in a catalogue finds: a path and its versions. */
import type { NodeType } from '../repository/tree.ts';

export interface CatalogueSnapshot {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** A distinct state of a path, and the snapshots that have it, by time ascending. */
export interface CatalogueVersion {
  readonly type: NodeType;
  /** Go file mode. */
  readonly mode: number;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
  readonly snapshots: readonly CatalogueSnapshot[];
}

export interface CatalogueRow {
  /** Absolute in the snapshots, raw bytes. */
  readonly path: Buffer;
  /** Newest first, by the last snapshot that has it. */
  readonly versions: readonly CatalogueVersion[];
}
